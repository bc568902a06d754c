"""Measuring a model on labelled pictures."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from generator.errors import InputError
from model.checkpoint import Model
from model.folders import Example, read_examples
from model.images import Unreadable
from model.predict import Prediction, predict
from model.splits import Fold


@dataclass(frozen=True)
class ClassScore:
    """How one class fared; support is the number of its pictures."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class FamilyScore:
    """How the crops of one family fared, or those of a whole library of families."""

    name: str
    right: int
    n: int


@dataclass(frozen=True)
class Mistake:
    """A picture whose most probable class is not its label."""

    path: Path
    label: str
    prediction: str
    confidence: float


@dataclass(frozen=True)
class Evaluation:
    """The result on the pictures that could be read.

    `interval` is Wilson's 95 % interval of the accuracy; `confusion[i][j]` counts pictures of class i taken for j, in
    the order of `classes`; `mistakes` are most confident first. `families` and `libraries`, where a manifest names
    families, are worst first.
    """

    classes: tuple[str, ...]
    n: int
    accuracy: float
    interval: tuple[float, float]
    macro_f1: float
    per_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]
    families: tuple[FamilyScore, ...]
    libraries: tuple[FamilyScore, ...]
    unreadable: tuple[Unreadable, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values."""
        values: dict[str, Any] = asdict(self, dict_factory=_json_dict)
        return values

    def to_text(self, *, worst: int = 10) -> str:
        """Return the evaluation as a report for a terminal, with that many of the worst mistakes."""
        low, high = self.interval
        width = max(len(name) for name in (*self.classes, "class"))
        lines = [f"accuracy {self.accuracy:.1%} (95 % interval {low:.1%} to {high:.1%}) on {self.n} pictures"]
        lines += [f"macro-F1 {self.macro_f1:.3f}", "", f"{'class':{width}}  precision  recall     f1  pictures"]
        lines += [
            f"{row.name:{width}}  {row.precision:9.3f}  {row.recall:6.3f}  {row.f1:5.3f}  {row.support:8}"
            for row in self.per_class
        ]
        lines += ["", "rows: label, columns: prediction", " ".join([" " * width, *(f"{n:>9}" for n in self.classes)])]
        for name, counts in zip(self.classes, self.confusion, strict=True):
            lines.append(" ".join([f"{name:{width}}", *(f"{count:9}" for count in counts)]))
        lines += _table("library", self.libraries)
        lines += _table("family", [family for family in self.families if family.right < family.n])
        lines += ["", "most confident mistakes"] if self.mistakes else []
        lines += [f"  {m.confidence:.2f} {m.label} taken for {m.prediction}: {m.path}" for m in self.mistakes[:worst]]
        lines += [f"  could not be read: {item.path}: {item.reason}" for item in self.unreadable]
        return "\n".join(lines)


def _table(kind: str, scores: Sequence[FamilyScore]) -> list[str]:
    """Return the lines of a table, or none where there is nothing to show."""
    if not scores:
        return []
    width = max(len(kind), *(len(score.name) for score in scores))
    lines = ["", f"{kind:{width}}   right     of"]
    return lines + [f"{score.name:{width}}  {score.right / score.n:6.1%}  {score.n:5}" for score in scores]


def _json_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in pairs}


def evaluate(
    model: Model,
    folder: Path,
    *,
    fold: Fold | None = None,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Classify the pictures of class folders, or of one fold of them, and compare.

    Raises:
        MissingError: there is no such folder.
        InputError: it has no class folders, one is empty or unknown to the model, or no picture could be read.
    """
    examples = read_examples(folder, model.classes)
    if fold is not None:
        examples = fold.divide(examples, folder)[1]
    return evaluate_examples(model, examples, threads=threads, on_progress=on_progress)


def evaluate_examples(
    model: Model,
    examples: Sequence[Example],
    *,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Classify labelled pictures, whose labels are all the model's classes, and compare.

    Raises:
        InputError: no picture could be read.
    """
    paths = [example.path for example in examples]
    predictions = list(predict(model, paths, threads=threads, on_progress=on_progress))
    unreadable = tuple(Unreadable(item.path, item.error) for item in predictions if item.error is not None)
    if len(unreadable) == len(examples):
        raise InputError(f"none of the {len(examples)} pictures can be read")
    return _compare(model.classes, examples, predictions, unreadable)


def _compare(
    classes: tuple[str, ...],
    examples: Sequence[Example],
    predictions: list[Prediction],
    unreadable: tuple[Unreadable, ...],
) -> Evaluation:
    judged = [
        (example, classes[item.index], item.confidence)
        for example, item in zip(examples, predictions, strict=True)
        if item.index is not None and item.confidence is not None
    ]
    labels = [example.label for example, _, _ in judged]
    answers = [answer for _, answer, _ in judged]
    right = sum(label == answer for label, answer in zip(labels, answers, strict=True))
    interval = binomtest(right, len(judged)).proportion_ci(method="wilson")
    scores = precision_recall_fscore_support(labels, answers, labels=classes, zero_division=0.0)
    per_class = tuple(
        ClassScore(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(classes, *scores, strict=True)
    )
    met = [score.f1 for score in per_class if score.support or score.name in answers]
    mistakes = [Mistake(item.path, item.label, answer, sure) for item, answer, sure in judged if item.label != answer]
    return Evaluation(
        classes=classes,
        n=len(judged),
        accuracy=right / len(judged),
        interval=(float(interval.low), float(interval.high)),
        macro_f1=sum(met) / len(met),
        per_class=per_class,
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(labels, answers, labels=classes)),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: -mistake.confidence)),
        families=_by_name(judged, lambda example: example.family),
        libraries=_by_name(judged, lambda example: example.family.rpartition("/")[0]),
        unreadable=unreadable,
    )


def _by_name(
    judged: Sequence[tuple[Example, str, float]], name_of: Callable[[Example], str]
) -> tuple[FamilyScore, ...]:
    """Count right answers by name, worst first; examples without a name are left out."""
    counts: dict[str, list[bool]] = {}
    for example, answer, _ in judged:
        if name_of(example):
            counts.setdefault(name_of(example), []).append(answer == example.label)
    scores = [FamilyScore(name, sum(right), len(right)) for name, right in counts.items()]
    return tuple(sorted(scores, key=lambda score: (score.right / score.n, score.name)))
