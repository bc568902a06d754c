"""Measuring a model on labelled pictures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from base.arrays import Labels
from base.errors import InputError
from base.intervals import wilson
from base.progress import Bar, mute_bar
from base.tabular.class_map import ClassMap
from model.evaluation.calibration import data_fingerprint
from model.evaluation.compare import compare
from model.evaluation.evaluate_settings import EvaluateSettings
from model.evaluation.evaluation_result import (
    CalibrationScore,
    ClassScore,
    Evaluation,
    Mistake,
    SliceScore,
    TopKScore,
)
from model.evaluation.flips import flip_consistency
from model.evaluation.judged import Judged, judge
from model.evaluation.metrics import (
    brier_score,
    calibration_bins,
    calibration_error,
    chance_calibration_error,
    confusion_counts,
    macro_f1,
    negative_log_likelihood,
    top_k_accuracy,
)
from model.evaluation.robustness import robustness as measure_robustness
from model.labelled_folders.contradictions import describe_contradictions, find_contradictions
from model.labelled_folders.folders import Example, read_folder
from model.labelled_folders.signatures import Signature, add_hashes, read_signatures
from model.networks.trained_model import Model, load_model
from model.reading.images import Unreadable
from model.splitting.folds import Fold, read_held_out
from model.splitting.overlap import load_seen

__all__ = ["Evaluation", "Mistake", "SliceScore", "evaluate", "evaluate_examples"]


def evaluate(
    model: Model,
    folder: Path,
    *,
    fold: Fold | None = None,
    run: Path | None = None,
    settings: EvaluateSettings | None = None,
    robustness: bool = False,
    other: Path | None = None,
    mapping: ClassMap | None = None,
    on_progress: Bar | None = None,
) -> Evaluation:
    """Classify the pictures of class folders, or of one fold of them, and compare with their labels.

    Of a folder with splits the test split is measured on.

    Args:
        model: loaded by `model.networks.trained_model.load_model`.
        folder: one folder of pictures a class.
        fold: measure on this part alone.
        run: the model's run folder, to warn of pictures that it has seen.
        settings: see `EvaluateSettings`; its defaults when None.
        robustness: measure the accuracy on damaged pictures too.
        other: the run folder of a model of the same classes to compare with on the same pictures.
        mapping: which folders make a class; that which the model was trained with when None.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError: there is no such folder or no other model.
        ModelError: the other model is damaged.
        InputError: it has no class folders, one is empty or unknown to a model, no picture could be read, or the model
            has no more classes than `settings.top_k`.
    """
    chosen = settings or EvaluateSettings()
    _require_classes(model, chosen.top_k)
    bar = on_progress or mute_bar
    threads = chosen.threads
    grouped = mapping or model.mapping
    examples = read_held_out(folder, fold, model.classes, mapping=grouped)
    rival = None if other is None else _load_rival(other, folder, grouped)
    judged, unreadable = judge(model, examples, threads=threads, on_progress=bar("classifying"))
    evaluation = replace(_measure(judged, unreadable, model), warnings=_warnings(model, judged, folder, (run, other)))
    if chosen.top_k is not None:
        evaluation = replace(evaluation, top_k=_top_k(judged, chosen.top_k))
    if robustness:
        curves = measure_robustness(
            model,
            judged.examples,
            most=chosen.sample,
            seed=chosen.seed,
            threads=threads,
            on_progress=bar("damaging"),
        )
        evaluation = replace(evaluation, robustness=curves)
    if rival is not None:
        theirs, _ = judge(rival, judged.examples, threads=threads, on_progress=bar("comparing"))
        evaluation = replace(evaluation, comparison=compare(judged, theirs, name=str(other)))
    return evaluation


def _require_classes(model: Model, k: int | None) -> None:
    if k is not None and k >= len(model.classes):
        raise InputError(
            f"top_k {k}: the model has {len(model.classes)} classes, of which all would be right; "
            "it is for models of more classes than k"
        )


def _top_k(judged: Judged, k: int) -> TopKScore:
    share = top_k_accuracy(judged.probabilities, judged.labels, k)
    return TopKScore(k, share, wilson(round(share * len(judged)), len(judged)))


def _load_rival(run: Path, folder: Path, mapping: ClassMap | None) -> Model:
    """Load a model before anything is classified, and see that it knows the classes of `folder`."""
    rival = load_model(run)
    read_folder(folder, rival.classes, mapping=mapping)
    return rival


def evaluate_examples(
    model: Model,
    examples: Sequence[Example],
    *,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Classify labelled pictures, whose labels are all the model's classes, and compare with their labels.

    Raises:
        InputError: no picture could be read.
    """
    judged, unreadable = judge(model, examples, threads=threads, on_progress=on_progress)
    return _measure(judged, unreadable, model)


def _warnings(model: Model, judged: Judged, folder: Path, runs: Sequence[Path | None]) -> tuple[str, ...]:
    """Warn of pictures with two labels, or that models have seen or the model's temperature was fitted on."""
    signatures = read_signatures([example.path for example in judged.examples])
    sound, _ = add_hashes(judged.examples, signatures)
    twice = describe_contradictions(find_contradictions(sound))
    warnings = [f"{folder}: {twice}"] if twice else []
    signed = [each for each in signatures if isinstance(each, Signature)]
    seen = [(run, load_seen(run)) for run in runs if run is not None]
    overlaps = [(run, known.find_signed(signed, total=len(judged))) for run, known in seen if known is not None]
    warnings += [f"{run}: {overlap.to_text()}" for run, overlap in overlaps if overlap]
    used = model.calibration
    if used is not None and used.n == len(judged) and used.data == data_fingerprint(judged.examples):
        warnings.append(f"the temperature was fitted on {folder}: Brier, NLL and calibration error flatter here")
    return tuple(warnings)


def _measure(judged: Judged, unreadable: tuple[Unreadable, ...], model: Model) -> Evaluation:
    right = int(judged.right.sum())
    predicted = judged.probabilities.argmax(1)
    counts = confusion_counts(predicted, judged.labels, len(judged.classes))
    per_class = tuple(_class_score(name, index, counts) for index, name in enumerate(judged.classes))
    return Evaluation(
        classes=judged.classes,
        n=len(judged),
        accuracy=right / len(judged),
        interval=wilson(right, len(judged)),
        macro_f1=macro_f1(predicted, judged.labels),
        per_class=per_class,
        confusion=tuple(map(tuple, counts.tolist())),
        calibration=_calibration(judged, model.temperature),
        mistakes=_mistakes(judged),
        kinds=_by_name(judged, lambda example: example.kind),
        families=_by_name(judged, lambda example: example.family),
        libraries=_by_name(judged, lambda example: example.family.rpartition("/")[0]),
        pairs=flip_consistency(judged.examples, judged.predicted),
        unreadable=unreadable,
    )


def _class_score(name: str, index: int, counts: Labels) -> ClassScore:
    """Return how a class fared, by the counts of `confusion_counts`; a share of nothing is 0."""
    right, support, predicted = int(counts[index, index]), int(counts[index].sum()), int(counts[:, index].sum())
    precision, recall = right / max(1, predicted), right / max(1, support)
    f1 = 2 * right / max(1, predicted + support)
    return ClassScore(name, precision, wilson(right, predicted), recall, wilson(right, support), f1, support)


def _calibration(judged: Judged, temperature: float) -> CalibrationScore:
    bins = calibration_bins(judged.probabilities, judged.labels)
    return CalibrationScore(
        temperature=temperature,
        brier=brier_score(judged.probabilities, judged.labels),
        nll=negative_log_likelihood(judged.probabilities, judged.labels),
        error=calibration_error(bins),
        by_chance=chance_calibration_error(judged.probabilities),
        bins=bins,
    )


def _mistakes(judged: Judged) -> tuple[Mistake, ...]:
    """Return what is taken for something else, most confident first."""
    rows = zip(judged.examples, judged.predicted, judged.probabilities.max(1), strict=True)
    found = [
        Mistake(example.path, example.label, answer, float(sure), example.family)
        for example, answer, sure in rows
        if answer != example.label
    ]
    return tuple(sorted(found, key=lambda mistake: -mistake.confidence))


def _by_name(judged: Judged, name_of: Callable[[Example], str]) -> tuple[SliceScore, ...]:
    """Count right answers by name, worst first; examples without a name are left out."""
    counts: dict[str, list[bool]] = {}
    for example, right in zip(judged.examples, judged.right, strict=True):
        if name_of(example):
            counts.setdefault(name_of(example), []).append(bool(right))
    scores = [
        SliceScore(name, sum(right), len(right), wilson(sum(right), len(right))) for name, right in counts.items()
    ]
    return tuple(sorted(scores, key=lambda score: (score.right / score.n, score.name)))
