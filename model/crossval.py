"""Cross-validation: a training for each fold, and predictions for every real picture by a model that never saw it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from generator.errors import InputError
from generator.files import claim_folder, write_json
from model.checkpoint import Model
from model.folders import Example, read_examples
from model.out_of_fold import Guess, OutOfFold, read_guesses, write_guesses
from model.predict import predict
from model.run_folder import CURVES, SETTINGS
from model.splits import Fold, Split, name_of, read_split, split_folder, write_split
from model.train import Progress, TrainSettings, train

SPLIT = "split.csv"
OOF = "oof.csv"
METRICS = "metrics.json"
FINAL = "final"

OnProgress = Callable[[str, Progress], None]
"""Called with what is trained, as `fold 2 of 5` or `final`, and how far it is."""


@dataclass(frozen=True)
class Folding:
    """How real pictures are dealt into folds: by a split file, or anew into `folds` by a grouping."""

    folds: int = 5
    by: str | None = None
    split: Path | None = None


@dataclass(frozen=True)
class CrossValidation:
    """A finished cross-validation: what was predicted, and where the model on all pictures is, if one was asked for."""

    folder: Path
    oof: OutOfFold
    final: Path | None

    @property
    def summary(self) -> str:
        """Return the accuracy of all and of each fold, and where the results are."""
        model = "" if self.final is None else f"\nmodel trained on all of them: {self.final}"
        return f"{self.oof.to_text()}\npredictions: {self.folder / OOF}{model}"


def choose_folding(folds: int | None, split: Path | None, fold: int | None) -> Folding | None:
    """Return how to cross-validate: over new folds, or over all of a split file; None where neither is asked for.

    Raises:
        InputError: both are given, or folds and a single fold.
    """
    if folds is None:
        return Folding(split=split) if split is not None and fold is None else None
    if split is not None or fold is not None:
        raise InputError("--folds deals anew; leave it out to use --split, or --fold of one")
    return Folding(folds)


def cross_validate(
    synthetic: Path | None,
    real: Path | None,
    *,
    out: Path,
    settings: TrainSettings,
    folding: Folding | None = None,
    val: Path | None = None,
    final: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> CrossValidation:
    """Train once for each fold with the same settings, on all synthetic and the other folds' real pictures.

    Each fold's run folder is `fold-N` in `out`, with its predictions; a fold that has them is finished, and is not
    made again on `resume`.

    Args:
        synthetic: class folders of generated crops, or None.
        real: class folders of real crops, each of which gets a prediction; an error when None.
        out: the folder to write: split.csv, oof.csv, metrics.json and the run folders.
        settings: of every training.
        folding: 5 folds by the natural grouping when None.
        val: class folders to validate every fold on; else a part of the fold's own training pictures.
        final: train on all pictures too, into `final` in `out`.
        resume: go on with what was interrupted in `out`.
        overwrite: delete what `out` holds first.
        on_progress: see `OnProgress`.

    Raises:
        MissingError, InputError: as `train` and `split_folder`; or `out` was begun with other settings.
        OutputExistsError: `out` is not empty and neither `resume` nor `overwrite` is set.
    """
    if real is None:
        raise InputError("folds are parts of the real pictures: name their folder")
    dealt = folding or Folding()
    examples = read_examples(real)
    begun = out / SPLIT if resume else None
    split = _deal(real, examples, dealt, begun=begun, seed=settings.seed)
    claim_folder(out, resume=resume, overwrite=overwrite)
    _claim_settings(out, {"synthetic": synthetic, "real": real, "val": val}, settings, dealt)
    write_split(split, out / SPLIT, overwrite=True)
    run = partial(train, synthetic, real, settings=settings, val=val)
    report = on_progress or (lambda _, progress: None)
    guesses = list[Guess]()
    for number in range(split.folds):
        folder = out / f"fold-{number}"
        if not (folder / OOF).exists():
            fold = Fold(out / SPLIT, number)
            told = partial(report, f"fold {number + 1} of {split.folds}")
            model = run(out=folder, fold=fold, overwrite=folder.exists(), on_progress=told).model
            write_guesses(folder / OOF, _guess(model, fold, examples, real), model.classes)
        guesses += read_guesses(folder / OOF)
    oof = OutOfFold(tuple(sorted(guesses, key=lambda guess: guess.file_name)))
    write_guesses(out / OOF, oof.guesses, oof.classes)
    write_json(out / METRICS, oof.to_dict())
    if final and not (out / FINAL / CURVES).exists():
        run(out=out / FINAL, overwrite=(out / FINAL).exists(), on_progress=partial(report, FINAL))
    return CrossValidation(out, oof, out / FINAL if final else None)


def _claim_settings(out: Path, sources: dict[str, Path | None], settings: TrainSettings, folding: Folding) -> None:
    """Write what is to be done, or refuse to go on with something else."""
    wanted: dict[str, Any] = {
        "sources": {name: None if path is None else str(path) for name, path in sources.items()},
        "folds": {
            "folds": folding.folds,
            "by": folding.by,
            "split": None if folding.split is None else str(folding.split),
        },
        "settings": settings.model_dump(mode="json"),
    }
    path = out / SETTINGS
    if path.exists() and (begun := json.loads(path.read_text(encoding="utf-8"))) != wanted:
        names = [
            f"{part}.{name}"
            for part in wanted
            for name in wanted[part]
            if begun.get(part, {}).get(name) != wanted[part][name]
        ]
        raise InputError(f"{out} was begun with another {', '.join(names)}; resume with the same, or give --overwrite")
    write_json(path, wanted)


def _deal(real: Path, examples: Sequence[Example], folding: Folding, *, begun: Path | None, seed: int) -> Split:
    """Return the split that was begun with or was given, if it is of these pictures; else a new one."""
    given = begun if begun is not None and begun.exists() else folding.split
    if given is None:
        return split_folder(real, folds=folding.folds, by=folding.by, seed=seed)
    Fold(given, 0).divide(examples, real)
    return read_split(given)


def _guess(model: Model, fold: Fold, examples: Sequence[Example], real: Path) -> list[Guess]:
    held_out = fold.divide(examples, real)[1]
    paths = [example.path for example in held_out]
    return [
        Guess(name_of(example, real), example.label, fold.number, model.classes, found.probabilities, found.error or "")
        for example, found in zip(held_out, predict(model, paths), strict=True)
    ]
