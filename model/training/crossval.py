"""Cross-validation: a training for each fold, and predictions for every real picture by a model that never saw it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pydantic import Field

from base.errors import InputError
from base.files import claim_folder, write_json
from base.settings import Settings
from base.tabular.class_map import ClassMap
from model.labelled_folders.folders import read_examples
from model.networks.model_folders import SETTINGS_FILE
from model.networks.trained_model import Model
from model.running.predict import predict_files
from model.splitting.folds import Fold, Split, name_of, read_held_out, read_split, split_folder, write_split
from model.training.out_of_fold import Guess, OutOfFold, read_guesses, write_guesses
from model.training.plan import TrainingSources
from model.training.run_folder import read_settings, refuse_changes, write_settings
from model.training.train import TrainingProgress, TrainResult, TrainSettings, prepare_training, resume_training, train

SPLIT = "split.csv"
OOF = "oof.csv"
METRICS = "metrics.json"
FINAL = "final"

OnFoldEpoch = Callable[[str, TrainingProgress], None]
"""Called with what is trained, as `fold 2 of 5` or `final`, empty for a single run, and how far it is."""


@dataclass(frozen=True)
class Folding:
    """How real pictures are dealt into folds: by a split file, or anew into `folds` by a grouping."""

    folds: int = 5
    by: str | None = None
    split: Path | None = None


class CrossSettings(Settings):
    """What settings.json of a cross-validation holds: all that is needed to go on with it."""

    sources: TrainingSources
    folding: Folding
    final: bool
    settings: TrainSettings
    plugins: dict[str, str] = Field(default={}, description="see RunSettings")

    @property
    def by_name(self) -> dict[str, object]:
        """Return sources and settings by the names of the command's flags."""
        split = self.folding.split
        folds = None if split else self.folding.folds
        return self.sources.by_name | {"split": split, "folds": folds} | dict(self.settings)


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
    unlabelled: Sequence[Path] = (),
    mapping: ClassMap | None = None,
    final: bool = False,
    overwrite: bool = False,
    sparing: bool = False,
    on_progress: OnFoldEpoch | None = None,
) -> CrossValidation:
    """Train once for each fold with the same settings, on all synthetic and the other folds' real pictures.

    Each fold's run folder is `fold-N` in `out`, with its predictions.
    `resume_cross_validation` can go on with what was stopped.

    Args:
        synthetic: class folders of generated crops, or None.
        real: class folders of real crops, each of which gets a prediction; an error when None.
        out: the folder to write: split.csv, oof.csv, metrics.json and the run folders.
        settings: of every training.
        folding: 5 folds by the natural grouping when None.
        val: class folders to validate every fold on; else a part of the fold's own training pictures.
        unlabelled: as in `train`, for every fold; copies of any labelled picture are left out.
        mapping: which folders make a class; each its own when None.
        final: train on all pictures too, into `final` in `out`.
        overwrite: delete what `out` holds first.
        sparing: see `train`.
        on_progress: see `OnFoldEpoch`.

    Raises:
        MissingError, InputError: as `train` and `split_folder`.
        OutputExistsError: `out` is not empty.
    """
    dealt = folding or Folding()
    sources = TrainingSources(synthetic, _require_real(real), val, unlabelled=tuple(unlabelled), mapping=mapping)
    plan, whole = prepare_training(sources, settings)
    sources = replace(sources, mapping=plan.start.mapping)
    split = _deal(sources, dealt, seed=settings.seed)
    claim_folder(out, overwrite=overwrite)
    write_split(split, out / SPLIT)
    run = CrossSettings(sources=sources, folding=dealt, final=final, settings=whole.settings, plugins=whole.plugins)
    write_settings(out, run)
    return _run(run, out, on_progress or _ignore, sparing=sparing)


def resume_cross_validation(
    out: Path,
    *,
    given: Mapping[str, object] | None = None,
    sparing: bool = False,
    on_progress: OnFoldEpoch | None = None,
) -> CrossValidation | TrainResult:
    """Go on with a cross-validation, or a single run, that was stopped, to what it would have come to.

    Folds that have their predictions are kept, and one that was stopped goes on from the last epoch that it saved.

    Args:
        out: the folder that it was begun in.
        given: sources and settings, by the names of the command's flags, that must be its own; None leaves one open.
        sparing: see `train`; need not be as it was.
        on_progress: see `OnFoldEpoch`.

    Raises:
        MissingError, InputError, ModelError, TrainingError: as `model.training.train.resume_training`.
    """
    report = on_progress or _ignore
    if not (out / SPLIT).exists():
        return resume_training(out, given=given, sparing=sparing, on_progress=partial(report, ""))
    run = read_settings(out, CrossSettings)
    refuse_changes(out, run.by_name, given or {})
    claim_folder(out, resume=True)
    return _run(run, out, report, sparing=sparing)


def _require_real(real: Path | None) -> Path:
    if real is None:
        raise InputError("folds are parts of the real pictures: name their folder")
    return real


def _run(run: CrossSettings, out: Path, report: OnFoldEpoch, *, sparing: bool) -> CrossValidation:
    """Train what is not finished, and gather the predictions."""
    real = _require_real(run.sources.real)
    folds = read_split(out / SPLIT).folds
    train_part = partial(_train, run, sparing=sparing)
    guesses = list[Guess]()
    for number in range(folds):
        folder, fold = out / f"fold-{number}", Fold(out / SPLIT, number)
        if not (folder / OOF).exists():
            model = train_part(folder, fold, partial(report, f"fold {number + 1} of {folds}"))
            write_guesses(folder / OOF, _guess(model, fold, real, run.sources.mapping), model.classes)
        guesses += read_guesses(folder / OOF)
    oof = OutOfFold(tuple(sorted(guesses, key=lambda guess: guess.file_name)))
    write_guesses(out / OOF, oof.guesses, oof.classes)
    write_json(out / METRICS, oof.to_dict())
    if run.final:
        train_part(out / FINAL, None, partial(report, FINAL))
    return CrossValidation(out, oof, out / FINAL if run.final else None)


def _train(
    run: CrossSettings, folder: Path, fold: Fold | None, report: Callable[[TrainingProgress], None], *, sparing: bool
) -> Model:
    """Begin a training, or go on with it."""
    if (folder / SETTINGS_FILE).exists():
        return resume_training(folder, sparing=sparing, on_progress=report).model
    sources = run.sources
    begin = partial(
        train,
        sources.synthetic,
        sources.real,
        val=sources.val,
        unlabelled=sources.unlabelled,
        mapping=sources.mapping,
        sparing=sparing,
    )
    return begin(out=folder, settings=run.settings, fold=fold, overwrite=folder.exists(), on_progress=report).model


def _ignore(_: str, progress: TrainingProgress) -> None:
    """Report nothing."""


def _deal(sources: TrainingSources, folding: Folding, *, seed: int) -> Split:
    """Return the split that was given, if it is of these pictures; else a new one."""
    real, mapping = _require_real(sources.real), sources.mapping
    if folding.split is None:
        return split_folder(real, folds=folding.folds, by=folding.by, seed=seed, mapping=mapping)
    Fold(folding.split, 0).divide(read_examples(real, part="folds", mapping=mapping), real)
    return read_split(folding.split)


def _guess(model: Model, fold: Fold, real: Path, mapping: ClassMap | None) -> list[Guess]:
    held_out = read_held_out(real, fold, mapping=mapping)
    paths = [example.path for example in held_out]
    return [
        Guess(name_of(example, real), example.label, fold.number, model.classes, found.probabilities, found.error or "")
        for example, found in zip(held_out, predict_files(model, paths), strict=True)
    ]
