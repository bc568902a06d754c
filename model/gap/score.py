"""Scoring a data set against real crops: train and test, tell apart, and look for what nothing resembles."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from pydantic import Field

from base.files import claim_folder
from base.progress import Bar, mute_bar
from base.settings import Settings
from model.evaluation.evaluate import evaluate_examples
from model.gap.coverage import find_neighbours
from model.gap.crop_statistics import describe_crops, sample_like
from model.gap.domain import tell_apart
from model.gap.likeness import group_alike, group_together, look_vectors
from model.gap.score_report import write_score
from model.gap.score_result import DatasetScore
from model.labelled_folders.folders import Example, read_examples
from model.networks.model_folders import SETTINGS_FILE
from model.networks.trained_model import Model, load_model
from model.training.train import TrainingProgress, TrainSettings, train

MOST_SYNTHETIC = 20_000
"""More synthetic crops than this are sampled: neighbours hardly get nearer and the reading takes minutes."""

RUN = "run"


class ScoreSettings(Settings):
    """How to score; `[score]` of boxwright.toml."""

    epochs: int = Field(default=8, ge=1, description="of the training, where no model is given")
    sample: int = Field(default=4000, ge=20, description="synthetic crops to tell from the real ones")
    seed: int = Field(default=0, ge=0)
    threads: int | None = Field(default=None, ge=1)


def score_dataset(
    dataset: Path,
    real: Path,
    *,
    out: Path,
    settings: ScoreSettings,
    model: Path | None = None,
    overwrite: bool = False,
    on_progress: Bar | None = None,
) -> DatasetScore:
    """Measure what a data set teaches about real crops and what it lacks; write pictures and a report into `out`.

    The data set's card, where it has one, gets the score too.

    Args:
        dataset: class folders of synthetic crops.
        real: class folders of real crops, of the same classes; they are only ever tested on.
        out: the folder to write; without `model`, the trained one is kept in its folder `run`.
        settings: see `ScoreSettings`.
        model: a run folder to use instead of training one; best one that saw only this data set.
        overwrite: delete what an earlier score left in `out`.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError: a folder does not exist.
        InputError: a folder is not what it should be, or there are too few crops.
        OutputExistsError: `out` is not empty.
    """
    bar = on_progress or mute_bar
    given = None if model is None else load_model(model)
    synthetic_examples = read_examples(dataset, part="training")
    classes = given.classes if given else tuple(sorted({example.label for example in synthetic_examples}))
    real_examples = read_examples(real, classes)
    claim_folder(out, overwrite=overwrite)
    run = model or out / RUN
    loaded = given or _train(dataset, run, settings, bar)
    result = _measure((dataset, real), (synthetic_examples, real_examples), (run, loaded), out, settings, bar)
    write_score(result)
    return result


def _train(dataset: Path, run: Path, settings: ScoreSettings, bar: Bar) -> Model:
    bars = {"reading": bar("reading"), "training": bar("training")}

    def report(progress: TrainingProgress) -> None:
        bars[progress.stage](progress.done, progress.total)

    chosen = TrainSettings(epochs=settings.epochs, seed=settings.seed, threads=settings.threads)
    return train(dataset, None, out=run, settings=chosen, on_progress=report).model


def _measure(
    folders: tuple[Path, Path],
    examples: tuple[list[Example], list[Example]],
    trained: tuple[Path, Model],
    out: Path,
    settings: ScoreSettings,
    bar: Bar,
) -> DatasetScore:
    run, model = trained
    threads = settings.threads or torch.get_num_threads()
    synthetic_examples = _bounded(examples[0], seed=settings.seed)
    evaluation = evaluate_examples(model, examples[1], threads=threads, on_progress=bar("testing"))
    real = describe_crops(model, examples[1], threads=threads, on_progress=bar("looking at real crops"))
    synthetic = describe_crops(
        model, synthetic_examples, threads=threads, on_progress=bar("looking at synthetic crops")
    )
    balanced = synthetic.take(sample_like(real, synthetic, most=settings.sample, seed=settings.seed))
    groups = group_together(real, balanced, group_alike(look_vectors(real, synthetic)))
    return DatasetScore(
        dataset=folders[0],
        real_folder=folders[1],
        model=run,
        out=out,
        saw_real=_saw_real(run),
        evaluation=evaluation,
        real=real,
        synthetic=synthetic,
        balanced=balanced,
        domain=tell_apart(real, balanced, groups, seed=settings.seed, threads=threads),
        neighbours=find_neighbours(real, synthetic, seed=settings.seed),
    )


def _bounded(examples: Sequence[Example], *, seed: int) -> list[Example]:
    if len(examples) <= MOST_SYNTHETIC:
        return list(examples)
    chosen = np.random.default_rng(seed).choice(len(examples), MOST_SYNTHETIC, replace=False)
    return [examples[index] for index in sorted(chosen)]


def _saw_real(run: Path) -> bool:
    """Tell whether the run folder says that real crops were trained on, there or in the run that it went on from."""
    path = run / SETTINGS_FILE
    if not path.exists():
        return False
    recorded = json.loads(path.read_text(encoding="utf-8"))
    earlier = recorded.get("settings", {}).get("init")
    return bool(recorded.get("sources", {}).get("real")) or (earlier is not None and _saw_real(Path(earlier)))
