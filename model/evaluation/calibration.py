"""Temperature scaling: one number, fitted on held-out real pictures, that makes confidences mean what they say."""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from base.arrays import Labels, Probabilities
from base.counting import counted
from base.errors import ImageError, InputError
from model.evaluation.judged import Judged, judge
from model.evaluation.metrics import (
    SMALLEST,
    brier_score,
    calibration_bins,
    calibration_error,
    chance_calibration_error,
    negative_log_likelihood,
)
from model.labelled_folders.folders import Example
from model.networks.model_folders import MODEL_FILE, PRETRAINED, PRETRAINED_FOLDER, run_folder
from model.networks.registry_file import is_registry
from model.networks.trained_model import Calibration, load_model, save_calibration
from model.splitting.folds import Fold, read_held_out
from model.splitting.overlap import find_overlap

FEWEST = 50
"""Fewer pictures do not say how sure a model may be: at 95 % right they hold two mistakes."""

BOUNDS = (0.05, 20.0)
"""Where a temperature is looked for; a network outside is broken in some other way."""

FOLDS = 5

RIGHT = 0.99
"""How right predictions are that a model is called sure of."""


@dataclass(frozen=True)
class CalibrationScores:
    """How far probabilities can be believed: NLL, Brier score, calibration error and what chance alone would show."""

    nll: float
    brier: float
    error: float
    by_chance: float


@dataclass(frozen=True)
class CalibrationResult:
    """What came of fitting a temperature.

    `before` is without one, `after` with that of the other folds, never of the picture's own; `fold_temperatures`
    show how much it depends on the pictures. `unsure_below` comes of `find_unsure_below`. `stored` is False where
    `after` has no lower NLL than `before`: the model then has no temperature.
    """

    calibration: Calibration
    stored: bool
    unsure_below: float
    before: CalibrationScores
    after: CalibrationScores
    fold_temperatures: tuple[float, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {**asdict(self), "calibration": self.calibration.model_dump()}

    def to_text(self) -> str:
        """Return the result as a report for a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        low, high = min(self.fold_temperatures), max(self.fold_temperatures)
        fitted = self.calibration
        yield (
            f"temperature {fitted.temperature:g} on {counted(fitted.n, 'picture')} ({low:.3f} to {high:.3f} over folds)"
        )
        yield f"{'':24}  before   after, cross-fitted"
        yield f"{'NLL':24}  {self.before.nll:6.4f}   {self.after.nll:6.4f}"
        yield f"{'Brier':24}  {self.before.brier:6.4f}   {self.after.brier:6.4f}"
        yield f"{'calibration error':24}  {self.before.error:6.2%}   {self.after.error:6.2%}"
        yield f"{'  of it by chance alone':24}  {self.before.by_chance:6.2%}   {self.after.by_chance:6.2%}"
        yield f"unsure below {self.unsure_below:g}: from there on {RIGHT:.0%} are right"
        if self.stored:
            yield f"stored in {MODEL_FILE}; from now on every probability of this model has it"
        else:
            yield "not stored: on pictures that it was not fitted on it does not help; the model has no temperature"


def calibrate(
    run: Path,
    folder: Path,
    *,
    fold: Fold | None = None,
    threads: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> CalibrationResult:
    """Fit a temperature on labelled pictures and store it with the model, in place of an earlier one.

    Args:
        run: the run folder.
        folder: class folders of real pictures that the model was not trained on; of splits, that for validation.
        fold: fit on this part of it alone.
        threads: torch's own number when None.
        seed: of the folds that the fit is tried on.
        on_progress: called with (done, total).

    Raises:
        MissingError, ModelError: there is no such model, or it is damaged.
        InputError: `folder` is not what it should be, or has too few pictures or mistakes to fit on; or `run` is the
            model in the box, which all runs share, or a version of a registry.
    """
    model = replace(load_model(run), calibration=None)
    _refuse_shared(run)
    examples = read_held_out(folder, fold, model.classes, part="validation", mapping=model.mapping)
    judged, unreadable = judge(model, examples, threads=threads, on_progress=on_progress)
    _refuse_too_little(judged, folder)
    temperatures, crossed = cross_fit_temperature(judged, seed=seed)
    before, after = _scores(judged.probabilities, judged.labels), _scores(crossed, judged.labels)
    fitted = Calibration(
        temperature=round(fit_temperature(judged.probabilities, judged.labels), 4),
        n=len(judged),
        nll_before=before.nll,
        nll_after=after.nll,
        data=data_fingerprint(judged.examples),
    )
    stored = after.nll < before.nll
    believed = crossed if stored else judged.probabilities
    unsure_below = find_unsure_below(believed, judged.labels)
    save_calibration(run, fitted if stored else None, unsure_below=unsure_below)
    warnings = [f"could not be read: {item.path}: {item.reason}" for item in unreadable]
    warnings += _warnings(run, folder, judged.examples)
    return CalibrationResult(fitted, stored, unsure_below, before, after, temperatures, tuple(warnings))


def _refuse_shared(run: Path) -> None:
    folder = run_folder(run)
    if is_registry(folder.parent):
        raise InputError(
            f"{folder} is a version of a registry and stays as it is; calibrate the run folder that it came from, and "
            "promote that"
        )
    if folder.resolve() == PRETRAINED_FOLDER:
        raise InputError(
            f"the model in the box stays as it is; copy {PRETRAINED_FOLDER} to a run folder of yours and calibrate "
            f"that, or the run of `boxwright train --init {PRETRAINED}`"
        )


def _refuse_too_little(judged: Judged, folder: Path) -> None:
    wrong = int((~judged.right).sum())
    if len(judged) < FEWEST:
        raise InputError(
            f"{folder} has {counted(len(judged), 'picture')}; a temperature needs at least {FEWEST} that were "
            "not trained on: fewer hold too few mistakes to tell how sure the model may be"
        )
    if wrong < 2:
        raise InputError(
            f"the model is wrong on {wrong} of {counted(len(judged), 'picture')} in {folder}; a temperature "
            "needs at least 2 mistakes, for without them any more confident model seems better: add harder pictures"
        )


def soften(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Return the probabilities of the same logits divided by `temperature`.

    Probabilities do for logits: their logarithms differ from them by a constant a row, which a softmax ignores.
    """
    logits = np.log(probabilities.clip(SMALLEST, None)) / temperature
    weights = np.exp(logits - logits.max(1, keepdims=True))
    softened: Probabilities = weights / weights.sum(1, keepdims=True)
    return softened


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float:
    """Return the temperature within `BOUNDS` of the least NLL (Guo et al. 2017); 1 where they come from one already."""
    from scipy.optimize import minimize_scalar  # it takes long to load, and not everybody needs it

    def nll(log_temperature: float) -> float:
        return negative_log_likelihood(soften(probabilities, math.exp(log_temperature)), labels)

    bounds = (math.log(BOUNDS[0]), math.log(BOUNDS[1]))
    return float(math.exp(minimize_scalar(nll, bounds=bounds, method="bounded", options={"xatol": 1e-6}).x))


def find_unsure_below(probabilities: Probabilities, labels: Labels, *, right: float = RIGHT) -> float:
    """Return the least confidence from which on that share of predictions is right, rounded up to hundredths.

    It is 1 where even the surest are less right, so that the model is unsure of everything.

    Args:
        probabilities: (N, classes).
        labels: (N,) class numbers.
        right: the share, 0 to 1.
    """
    sure = np.sort(probabilities.max(1))[::-1]
    correct = (probabilities.argmax(1) == labels)[np.argsort(-probabilities.max(1), kind="stable")]
    enough = np.flatnonzero(np.cumsum(correct) >= right * np.arange(1, len(correct) + 1))
    return math.ceil(float(sure[enough[-1]]) * 100) / 100 if len(enough) else 1.0


def cross_fit_temperature(judged: Judged, *, seed: int) -> tuple[tuple[float, ...], Probabilities]:
    """Return the temperatures of the folds, and probabilities each softened by that of the other folds.

    Groups stay whole, and mistakes, of which there must be two, are spread evenly: most of a temperature rests on them.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # it takes long to load, and not everybody needs it

    wrong = ~judged.right
    groups = [example.group for example in judged.examples]
    folds = min(FOLDS, int(wrong.sum()))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    crossed = np.empty_like(judged.probabilities)
    temperatures = []
    for kept, held_out in splitter.split(judged.probabilities, wrong, groups):
        temperatures.append(fit_temperature(judged.probabilities[kept], judged.labels[kept]))
        crossed[held_out] = soften(judged.probabilities[held_out], temperatures[-1])
    return tuple(temperatures), crossed


def _scores(probabilities: Probabilities, labels: Labels) -> CalibrationScores:
    return CalibrationScores(
        nll=negative_log_likelihood(probabilities, labels),
        brier=brier_score(probabilities, labels),
        error=calibration_error(calibration_bins(probabilities, labels)),
        by_chance=chance_calibration_error(probabilities),
    )


def data_fingerprint(examples: Sequence[Example]) -> str:
    """Return a hash of the files' bytes and labels in their order, as training records it; lost files are left out."""
    fingerprint = hashlib.sha256()
    for example in examples:
        try:
            fingerprint.update(f"{example.hash()} {example.label}\n".encode())
        except ImageError:
            continue
    return fingerprint.hexdigest()


def _warnings(run: Path, folder: Path, examples: Sequence[Example]) -> Iterator[str]:
    if overlap := find_overlap(run, examples):
        yield f"{run}: {overlap.to_text()}; of what it has seen a model is surer, so that the temperature is too low"
    if any(example.family for example in examples):
        yield f"{folder} holds synthetic crops; their temperature does not carry over to real ones"
