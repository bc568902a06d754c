from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from active.replay.learners import FineTuning
from base.errors import TrainingError
from model.adapting.last_block import Taught, teach_last_block
from model.adapting.last_block_runs import cross_validate_last_block
from model.adapting.light_adamw import AdamWGroup
from model.adapting.stage_maps import (
    VERSIONS,
    StageMaps,
    compute_stage_maps,
    has_last_block,
    last_block,
    with_last_block,
)
from model.labelled_folders.folders import read_examples
from model.learning.batches import TrainingSet, decode_examples
from model.learning.learning_rate import LearningRate
from model.learning.training_settings import TrainSettings
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model, weights_of
from model.networks.trained_model import Model, load_model
from model.running.torch_scorer import scorer
from model.splitting.folds import Split, SplitRow, write_split
from model.splitting.overlap import load_seen
from model.training.crossval import CrossValidation
from model.training.run_folder import read_epochs
from tests.crops import write_crops
from tests.test_predict import model

SETTINGS = TrainSettings(epochs=6, batch_size=8, learning_rate=0.02, init=Path("start"))


@pytest.fixture(scope="module")
def start() -> Model:
    return model()


@pytest.fixture(scope="module")
def crops(start: Model, tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    examples = read_examples(write_crops(tmp_path_factory.mktemp("crops"), 6))
    return decode_examples(examples, start.geometry, start.classes, threads=1)


@pytest.fixture(scope="module")
def maps(start: Model, crops: TrainingSet) -> list[StageMaps]:
    return compute(start, crops, range(len(crops)))


def compute(start: Model, crops: TrainingSet, rows: range) -> list[StageMaps]:
    items = [crops.signatures[row].content for row in rows]
    return compute_stage_maps(start, [crops.pixels[row] for row in rows], items)


def test_which_networks_have_a_last_block() -> None:
    known = {name: has_last_block(build_backbone(name, 3)) for name in ("small", "tiny", "majority")}
    assert known == {"small": True, "tiny": True, "majority": False}


def test_the_trunk_is_left_alone_where_that_is_asked_for_and_can_be_done(start: Model) -> None:
    assert not FineTuning().keeps_trunk(start)
    alone = FineTuning(layers="last")
    assert alone.keeps_trunk(start)
    assert not alone.model_copy(update={"synthetic": Path("drawn")}).keeps_trunk(start)
    assert not alone.keeps_trunk(model("mobilenet_v3_small"))


def test_a_network_that_was_taken_apart_and_joined_says_the_same(start: Model) -> None:
    joined = with_last_block(start.network, last_block(start.network))
    pictures = torch.rand(2, 3, 48, 80)
    torch.testing.assert_close(joined(pictures), start.network(pictures), rtol=0, atol=0)
    assert weights_of(joined) == weights_of(start.network)


def test_maps_of_a_picture_give_what_the_network_makes_of_it(
    start: Model, crops: TrainingSet, maps: list[StageMaps]
) -> None:
    said = Taught(last_block(start.network), ()).probabilities(maps)
    known = scorer(start.network, start.geometry)(crops.pixels).probabilities
    np.testing.assert_allclose(said, known, atol=1e-4)


def test_a_picture_has_the_same_maps_in_any_company(start: Model, crops: TrainingSet, maps: list[StageMaps]) -> None:
    backwards = compute(start, crops, range(len(crops))[::-1])[::-1]
    assert all(torch.equal(one.changed, other.changed) for one, other in zip(maps, backwards, strict=True))
    assert maps[0].changed.shape == (VERSIONS, *maps[0].plain.shape)
    assert not torch.equal(maps[0].changed[0], maps[0].changed[1])


def test_lessons_are_learned_and_leave_the_start_and_its_trunk_alone(crops: TrainingSet) -> None:
    start = load_model("pretrained")
    maps, swapped = compute(start, crops, range(len(crops))), (crops.labels + 1) % 3
    before = weights_of(start.network)
    taught = teach_last_block(start, maps, swapped, SETTINGS.model_copy(update={"learning_rate": 3e-3}))
    assert (taught.probabilities(maps).argmax(axis=1) == swapped).mean() > 0.8
    assert (Taught(last_block(start.network), ()).probabilities(maps).argmax(axis=1) == swapped).mean() < 0.4
    assert [row.epoch for row in taught.epochs] == [1, 2, 3, 4, 5, 6]
    assert taught.epochs[-1].loss < taught.epochs[0].loss
    assert weights_of(start.network) == before
    assert (start.locates, taught.model(start).locates) == (True, False)
    whole = taught.model(start).network.state_dict()
    moved = {name for name, values in start.network.state_dict().items() if not torch.equal(values, whole[name])}
    last = f"body.{len(list(start.network.body.children())) - 1}."
    assert {name.partition(".")[0] for name in moved} == {"body", "head", "place"}
    assert all(name.startswith((last, "head.", "place.")) for name in moved)


def test_batch_statistics_stay_those_of_the_start(start: Model, crops: TrainingSet, maps: list[StageMaps]) -> None:
    taught = teach_last_block(start, maps, crops.labels, SETTINGS).model(start)
    statistics = {name: values for name, values in start.network.state_dict().items() if "running" in name}
    assert statistics
    assert all(torch.equal(values, taught.network.state_dict()[name]) for name, values in statistics.items())


def test_the_same_seed_gives_the_same_weights_with_any_number_of_threads(
    start: Model, crops: TrainingSet, maps: list[StageMaps]
) -> None:
    def weights(seed: int) -> bytes:
        settings = SETTINGS.model_copy(update={"seed": seed, "epochs": 2})
        return weights_of(teach_last_block(start, maps, crops.labels, settings).ending)

    before = torch.get_num_threads()
    first = weights(0)
    torch.set_num_threads(3)
    try:
        assert weights(0) == first != weights(1)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "plateau"])
def test_the_learning_rate_is_that_of_every_training(
    start: Model, crops: TrainingSet, maps: list[StageMaps], schedule: str
) -> None:
    settings = SETTINGS.model_copy(update={"schedule": schedule, "warmup": 0.75, "epochs": 2})
    known = LearningRate(schedule, height=settings.highest_rate, warmup=0.75)
    taught = teach_last_block(start, maps, crops.labels, settings)
    assert [each.learning_rate for each in taught.epochs] == [known.at(0.5), known.at(1.0)]


def test_a_loss_that_is_not_finite_says_so(start: Model, crops: TrainingSet, maps: list[StageMaps]) -> None:
    broken = [StageMaps(each.plain * torch.nan, each.changed * torch.nan) for each in maps]
    with pytest.raises(TrainingError, match="the loss became nan; lower learning_rate"):
        teach_last_block(start, broken, crops.labels, SETTINGS)


def test_the_light_adamw_steps_as_torchs_own() -> None:
    torch.manual_seed(0)
    ours = nn.Parameter(torch.randn(4, 3))
    theirs = nn.Parameter(ours.detach().clone())
    group = AdamWGroup.of({"params": [ours], "weight_decay": 0.05})
    optimizer = torch.optim.AdamW([theirs], lr=1e-2, weight_decay=0.05, fused=True)
    for _ in range(5):
        gradient = torch.randn(4, 3)
        ours.grad, theirs.grad = gradient.clone(), gradient
        group.step(1e-2)
        optimizer.step()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert ours.grad is None


def begin(place: Path, said: list[str]) -> CrossValidation:
    return cross_validate_last_block(
        place / "labels",
        split=place / "split.csv",
        out=place / "candidate",
        settings=TrainSettings(init=place / "start", epochs=2, init_share=0.5),
        on_progress=lambda what, _: said.append(what),
    )


@pytest.fixture
def place(start: Model, tmp_path: Path) -> Path:
    (tmp_path / "start").mkdir()
    save_model(start, tmp_path / "start", training={})
    write_crops(tmp_path / "labels", 4)
    names = [f"{each.label}/{each.path.name}" for each in read_examples(tmp_path / "labels")]
    rows = [
        SplitRow(file_name=name, label=name.partition("/")[0], group=name, fold=number % 3)
        for number, name in enumerate(names)
    ]
    write_split(Split(tuple(rows)), tmp_path / "split.csv")
    return tmp_path


def test_every_picture_is_judged_by_a_lesson_without_it(place: Path) -> None:
    before = {each.file_name: each.probabilities for each in begin(place, []).oof.guesses}
    assert len(before) == 12
    moved = place / "labels" / "checked" / "0000.png"
    moved.rename(place / "labels" / "other" / "9999.png")
    split = place / "split.csv"
    split.write_text(split.read_text().replace("checked/0000.png,checked,checked/0000.png", "other/9999.png,other,x"))
    (place / "candidate" / "final" / "model.json").unlink()
    after = {each.file_name: each.probabilities for each in begin(place, []).oof.guesses}
    fold = {"other/9999.png": "checked/0000.png"}
    same = [name for name in after if after[name] == before[fold.get(name, name)]]
    assert "other/9999.png" in same
    assert len(same) == 4


def test_the_run_folder_is_whole_and_a_finished_one_is_kept(place: Path) -> None:
    said: list[str] = []
    done = begin(place, said)
    assert done.final == place / "candidate" / "final"
    assert load_model(done.final).fingerprint != load_model(place / "start").fingerprint
    assert len(read_epochs(done.final)) == 2
    seen = load_seen(done.final)
    assert seen is not None
    assert len(seen.hashes) == 12
    assert '"last_block": 8' in (done.final / "settings.json").read_text()
    assert said[-1] == "final"
    again = begin(place, untold := [])
    assert not untold
    assert [each.prediction for each in again.oof.guesses] == [each.prediction for each in done.oof.guesses]
