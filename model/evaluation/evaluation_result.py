"""What an evaluation finds: plain values, as JSON and as a report for a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from base.counting import counted
from base.intervals import Interval
from model.evaluation.compare import Comparison
from model.evaluation.flips import FlipConsistency
from model.evaluation.metrics import CalibrationBin
from model.evaluation.robustness import RobustnessCurve
from model.reading.images import Unreadable


@dataclass(frozen=True)
class ClassScore:
    """How one class fared; support is the number of its pictures. Intervals are Wilson's."""

    name: str
    precision: float
    precision_interval: Interval
    recall: float
    recall_interval: Interval
    f1: float
    support: int


@dataclass(frozen=True)
class SliceScore:
    """How the pictures of one family, library or kind fared, with Wilson's interval of their accuracy."""

    name: str
    right: int
    n: int
    interval: Interval


@dataclass(frozen=True)
class Mistake:
    """A picture whose most probable class is not its label; `family` is empty where no manifest names one."""

    path: Path
    label: str
    prediction: str
    confidence: float
    family: str = ""


@dataclass(frozen=True)
class CalibrationScore:
    """How far the probabilities can be believed.

    `temperature` is the one that the model applies, 1 for none; `error` the expected calibration error over `bins`,
    `by_chance` what it would be for a perfect model on as many pictures.
    """

    temperature: float
    brier: float
    nll: float
    error: float
    by_chance: float
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True)
class TopKScore:
    """The share of pictures whose label is among the k most probable classes, with Wilson's interval."""

    k: int
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Evaluation:
    """The result on the pictures that could be read.

    `interval` is Wilson's 95 % interval of the accuracy; `confusion[i][j]` counts pictures of class i taken for j, in
    the order of `classes`; `mistakes` are most confident first. `kinds`, `families` and `libraries`, where a manifest
    names them, are worst first; `pairs` is None where it tells of no counterfactual pairs. `robustness`, `comparison`
    and `top_k` are there when they were asked for.
    """

    classes: tuple[str, ...]
    n: int
    accuracy: float
    interval: Interval
    macro_f1: float
    per_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: CalibrationScore
    mistakes: tuple[Mistake, ...]
    kinds: tuple[SliceScore, ...]
    families: tuple[SliceScore, ...]
    libraries: tuple[SliceScore, ...]
    pairs: FlipConsistency | None
    unreadable: tuple[Unreadable, ...]
    robustness: tuple[RobustnessCurve, ...] = ()
    comparison: Comparison | None = None
    top_k: TopKScore | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values."""
        values: dict[str, Any] = asdict(self, dict_factory=_json_dict)
        return values

    def to_text(self, *, worst: int = 10) -> str:
        """Return the evaluation as a report for a terminal, with that many of the worst mistakes."""
        return "\n".join(_lines(self, worst))


def _json_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in pairs}


def _lines(result: Evaluation, worst: int) -> Iterator[str]:
    yield f"accuracy {result.accuracy:.1%} (95 % interval {show(result.interval)}) on {counted(result.n, 'picture')}"
    if result.top_k:
        yield f"top-{result.top_k.k} accuracy {result.top_k.accuracy:.1%} (95 % interval {show(result.top_k.interval)})"
    yield f"macro-F1 {result.macro_f1:.3f}"
    yield from _class_lines(result)
    yield from ("", *calibration_lines(result.calibration))
    yield from _slice_lines("kind", result.kinds)
    yield from _slice_lines("library", result.libraries)
    yield from _slice_lines("family", [family for family in result.families if family.right < family.n])
    yield from ("", *result.pairs.lines()) if result.pairs else ()
    yield from ("", "robustness", *(curve.line() for curve in result.robustness)) if result.robustness else ()
    yield from ("", *result.comparison.lines()) if result.comparison else ()
    yield from ("", "most confident mistakes") if result.mistakes else ()
    yield from (f"  {m.confidence:.2f} {m.label} taken for {m.prediction}: {m.path}" for m in result.mistakes[:worst])
    yield from (f"  could not be read: {item.path}: {item.reason}" for item in result.unreadable)


def _class_lines(result: Evaluation) -> Iterator[str]:
    width = max(len(name) for name in (*result.classes, "class"))
    yield from ("", f"{'class':{width}}  {'precision':26}  {'recall':26}     f1  pictures")
    for row in result.per_class:
        precision = f"{row.precision:6.1%} ({show(row.precision_interval)})"
        recall = f"{row.recall:6.1%} ({show(row.recall_interval)})"
        yield f"{row.name:{width}}  {precision:26}  {recall:26}  {row.f1:5.3f}  {row.support:8}"
    column = max(width, 9)
    names = " ".join(f"{name:>{column}}" for name in result.classes)
    yield from ("", "rows: label, columns: prediction", f"{'':{width}} {names}")
    for name, counts in zip(result.classes, result.confusion, strict=True):
        yield " ".join([f"{name:{width}}", *(f"{count:{column}}" for count in counts)])


def calibration_lines(score: CalibrationScore) -> Iterator[str]:
    """Yield the scores of the probabilities as lines of text."""
    applied = f", at the model's temperature {score.temperature:.3f}" if score.temperature != 1 else ""
    yield f"Brier {score.brier:.4f}, NLL {score.nll:.4f}{applied}"
    yield (
        f"calibration error {score.error:.2%} in {counted(len(score.bins), 'bin')} of equal mass; "
        f"{score.by_chance:.2%} by chance alone"
    )


def _slice_lines(kind: str, scores: Sequence[SliceScore]) -> Iterator[str]:
    """Yield the lines of a table, or none where there is nothing to show."""
    if not scores:
        return
    width = max(len(kind), *(len(score.name) for score in scores))
    yield from ("", f"{kind:{width}}   right     of  95 % interval")
    for score in scores:
        yield f"{score.name:{width}}  {score.right / score.n:6.1%}  {score.n:5}  {show(score.interval)}"


def show(interval: Interval) -> str:
    """Return an interval of shares as percentages."""
    return f"{interval[0]:.1%} to {interval[1]:.1%}"
