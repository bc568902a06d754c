"""Learning from pictures without labels."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from base.errors import InputError, MissingError
from model.labelled_folders.folders import Example, read_examples
from model.learning.batches import NOTHING, UNLABELLED, Mixture, TrainingSet, decode_examples
from model.learning.consistency import find_unlabelled, guess
from model.learning.hints import UNKNOWN
from model.learning.learner import Optimisation
from model.networks.backbones import build_backbone
from model.reading.crop_fitting import Geometry
from model.running.torch_scorer import torch_threads
from model.splitting.folds import Fold, split_folder, write_split
from model.training.plan import TrainingSources, plan_training
from model.training.train import TrainingProgress, TrainResult, TrainSettings, resume_training, train
from tests.crops import draw_crop, write_crops

SETTINGS = {"backbone": "tiny", "epochs": 2, "batch_size": 8, "threads": 1, "ema": 0.9, "confidence": 0.4}


class StopError(Exception):
    """Stands for whatever may end a process."""


class Brightness(nn.Module):
    """Takes a picture's first value for the logit of class 1, and 0 for that of class 0."""

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.stack([torch.zeros(len(pictures)), pictures[:, 0, 0, 0]], 1)


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 6)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose inner folders' names mean nothing."""
    folder = write_crops(tmp_path_factory.mktemp("pool"), 4, first_seed=50)
    (folder / "checked").rename(folder / "monday")
    return folder


def settings(**changes: object) -> TrainSettings:
    return TrainSettings.model_validate(SETTINGS | changes)


def run(out: Path, crops: Path, pool: Path, **changes: object) -> TrainResult:
    return train(crops, None, out=out, settings=settings(**changes), unlabelled=[pool])


def made_up(count: int, *, value: int = 0, label: int = 0) -> TrainingSet:
    pixels = [np.full((48, 48, 3), value, np.uint8) for _ in range(count)]
    labels, kinds = np.full(count, label), np.full(count, UNKNOWN)
    return TrainingSet(pixels, labels, kinds, np.zeros((count, 4), np.float32), (), "")


def test_a_guess_is_sure_from_the_given_probability_on() -> None:
    pictures = torch.tensor([-3.0, 0.1, 3.0]).reshape(3, 1, 1, 1).expand(3, 3, 2, 2)
    guesses = guess(Brightness(), pictures, confidence=0.9)
    assert guesses.labels.tolist() == [0, 1, 1]
    assert guesses.sure.tolist() == [True, False, True]
    assert guess(Brightness(), pictures, confidence=0).sure.all()


def test_no_pictures_give_no_guesses() -> None:
    guesses = guess(build_backbone("tiny", 3), torch.empty(0, 3, 48, 48), confidence=0.5)
    assert (len(guesses.labels), len(guesses.sure)) == (0, 0)


@pytest.mark.parametrize("count", [3, 500])
def test_unlabelled_pictures_are_their_share_of_an_epoch_however_many_there_are(count: int) -> None:
    nobody_s = made_up(count, value=9, label=UNLABELLED)
    mixture = Mixture(made_up(40), made_up(5), 0.2, unlabelled=nobody_s, unlabelled_share=0.5)
    batches = list(mixture.epoch(Geometry(), batch_size=8, rng=np.random.default_rng(0)))
    without = np.concatenate([batch.labels for batch in batches]) == UNLABELLED
    values = np.concatenate([batch.pictures[:, 0, 0, 0] for batch in batches])
    assert (len(mixture), len(without), without.sum()) == (100, 100, 50)
    assert (values[without] == 9).all()
    assert not values[~without].any()
    assert np.concatenate([batch.real for batch in batches])[without].all()  # so that all are augmented


def test_a_mixture_without_unlabelled_pictures_draws_what_it_drew_before() -> None:
    mixtures = [Mixture(made_up(20), made_up(5), 0.2, unlabelled_share=share) for share in (0.0, 0.5)]
    drawn = [list(mixture.epoch(Geometry(), batch_size=8, rng=np.random.default_rng(0))) for mixture in mixtures]
    assert all(np.array_equal(a.pictures, b.pictures) for a, b in zip(*drawn, strict=True))


def test_unlabelled_pictures_are_found_at_any_depth_without_a_label(pool: Path) -> None:
    found = find_unlabelled([pool], labelled=[])
    assert len(found) == 12
    assert {example.label for example in found} == {""}
    decoded = decode_examples(found, Geometry(), ["monday", "other"], threads=1)
    assert set(decoded.labels) == {UNLABELLED}


def test_copies_of_labelled_pictures_are_left_out(tmp_path: Path, pool: Path) -> None:
    folder = write_crops(tmp_path / "real", 1, labels=["unchecked"], first_seed=50)
    labelled = [*read_examples(folder), Example(tmp_path / "lost.png", "unchecked", "")]
    found = find_unlabelled([pool, pool / "other" / "0050.png"], labelled=labelled)
    assert len(found) == 11
    assert all("unchecked/0050" not in str(example.path) for example in found)
    with pytest.raises(InputError, match="all unlabelled pictures, 1, are copies of labelled ones"):
        find_unlabelled([folder], labelled=labelled)


def test_a_network_takes_on_its_average_s_guesses() -> None:
    network = build_backbone("tiny", 3)
    chosen = settings(confidence=0.0, learning_rate=0.02, warmup=0.0, schedule="constant", ema=0.95)
    pixels = [Geometry().fit(draw_crop(label, seed)) for label in ("checked", "unchecked") for seed in range(8)]
    unlabelled = TrainingSet(pixels, np.full(16, UNLABELLED), np.full(16, UNKNOWN), np.zeros((16, 4)), (), "")
    mixture = Mixture(NOTHING, made_up(1), 0.5, unlabelled=unlabelled, unlabelled_share=0.95)
    learner = Optimisation(network, chosen, total=1000, threads=1)
    rng = np.random.default_rng(0)
    batches = [batch for _ in range(15) for batch in mixture.epoch(Geometry(), batch_size=19, rng=rng)]
    only = [batch for batch in batches if (batch.labels == UNLABELLED).all()]
    before = learner.averaged()
    with torch_threads(1):
        results = list(learner.learn(only))
    pictures = torch.from_numpy(only[0].pictures).permute(0, 3, 1, 2).float() / 255
    first, last = (made(pictures).softmax(1).max(1).values.mean().item() for made in (before, learner.averaged()))
    assert last > first + 0.1
    assert {(result.count, result.loss) for result in results} == {(0, 0.0)}
    assert all(result.sure == result.unlabelled > 0 for result in results)


def test_only_sure_guesses_teach(tmp_path: Path, crops: Path, pool: Path) -> None:
    unsure, weightless, sure = (
        run(tmp_path / name, crops, pool, **changes)
        for name, changes in (
            ("unsure", {"confidence": 1.0}),
            ("weightless", {"confidence": 0.0, "unlabelled_weight": 0.0}),
            ("sure", {"confidence": 0.0}),
        )
    )
    assert unsure.model.fingerprint == weightless.model.fingerprint != sure.model.fingerprint
    assert [epoch.sure for result in (unsure, sure) for epoch in result.epochs] == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_stopped_run_ends_with_the_same_weights(tmp_path: Path, crops: Path, pool: Path, threads: int) -> None:
    def stop(progress: TrainingProgress) -> None:
        if progress.epoch is not None:
            raise StopError

    whole = run(tmp_path / "whole", crops, pool, threads=threads)
    with pytest.raises(StopError):
        train(
            crops,
            None,
            out=tmp_path / "run",
            settings=settings(threads=threads),
            unlabelled=[pool],
            on_progress=stop,
        )
    resumed = resume_training(tmp_path / "run", given={"unlabelled": (pool,)})
    assert resumed.model.fingerprint == whole.model.fingerprint
    assert [(row.loss, row.sure) for row in resumed.epochs] == [(row.loss, row.sure) for row in whole.epochs]


def test_another_pool_is_refused_on_resume(tmp_path: Path, crops: Path, pool: Path) -> None:
    run(tmp_path / "run", crops, pool, epochs=1)
    with pytest.raises(InputError, match=r"unlabelled: .* was begun with .*pool.*, not elsewhere"):
        resume_training(tmp_path / "run", given={"unlabelled": (Path("elsewhere"),)})


def test_a_fold_that_is_left_out_stays_unseen(tmp_path: Path, crops: Path) -> None:
    real = write_crops(tmp_path / "real", 4, first_seed=50)
    split = tmp_path / "split.csv"
    write_split(split_folder(real, folds=2, by="crop", seed=0), split)
    sources = TrainingSources(
        crops, real, None, Fold(split, 0), (real, write_crops(tmp_path / "pool", 2, first_seed=90))
    )
    found = plan_training(sources, settings()).unlabelled
    assert {example.path.parts[-3] for example in found} == {"pool"}


def test_the_model_records_the_pool(tmp_path: Path, crops: Path, pool: Path) -> None:
    folder = run(tmp_path / "run", crops, pool, epochs=1).folder
    data = json.loads((folder / "model.json").read_text())["training"]["data"]
    assert data["unlabelled"]["n"] == 12
    assert len(data["unlabelled"]["sha256"]) == 64
    assert json.loads((folder / "settings.json").read_text())["sources"]["unlabelled"] == [str(pool)]


def test_unlabelled_pictures_that_cannot_be_read_are_passed_over(tmp_path: Path, crops: Path) -> None:
    pool = write_crops(tmp_path / "pool", 1)
    (pool / "broken.png").write_bytes(b"no picture")
    assert [item.path.name for item in run(tmp_path / "run", crops, pool, epochs=1).unreadable] == ["broken.png"]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="none of 1 unlabelled picture can be read"):
        run(tmp_path / "second", crops, tmp_path / "bad")


def test_unlabelled_pictures_alone_are_not_enough(tmp_path: Path, pool: Path) -> None:
    with pytest.raises(InputError, match="nothing to train on"):
        train(None, None, out=tmp_path / "run", settings=settings(), unlabelled=[pool])


def test_a_pool_that_is_not_there_leaves_no_run_folder(tmp_path: Path, crops: Path) -> None:
    with pytest.raises(MissingError, match=r"no file or folder .*nowhere"):
        run(tmp_path / "run", crops, tmp_path / "nowhere")
    assert not (tmp_path / "run").exists()
