"""Tasks of Label Studio's JSON export: what its users chose for each picture, and what is no answer."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from active.exchange.label_formats.label_rows import LabelRow, UnusedRow, parse_row
from active.exchange.label_formats.label_studio_users import name_users, user_of
from base.counting import counted
from base.errors import InputError
from base.notes import take_note

LOCAL_FILES = "/data/local-files/?d="
"""Label Studio's address of a file below its LOCAL_FILES_DOCUMENT_ROOT, which has to be / for these."""

CANCELLED = ("discard", "no_widget", "wrong_box", "skip")
"""What is no answer stands as a skipped annotation, the one thing of the kind that Label Studio has."""

OLD_NAME = "completions"
"""What annotations were called before Label Studio 1.0."""


@dataclass(frozen=True)
class _Task:
    """A task, and what names it in messages."""

    values: Mapping[str, Any]
    where: str

    @property
    def annotations(self) -> Sequence[Mapping[str, Any]]:
        """Return what annotators said, which was called completions before Label Studio 1.0."""
        found: list[Sequence[Mapping[str, Any]]] = [self.values.get(name) or [] for name in ("annotations", OLD_NAME)]
        if all(found):
            raise InputError(f"{self.where} has annotations as well as {OLD_NAME}; keep those that count")
        return found[0] or found[1]

    @property
    def answers(self) -> Iterator[Mapping[str, Any]]:
        """Yield the annotations that are no skips."""
        return (annotation for annotation in self.annotations if not _is_skip(annotation))

    @property
    def name(self) -> str:
        return self.where.partition(": ")[2]


def read_studio_tasks(tasks: Sequence[Any], path: Path, *, control: str | None) -> Iterator[LabelRow | UnusedRow]:
    """Yield what the annotations of tasks say, and what of them is not taken.

    Args:
        tasks: as they stand in the file.
        path: the file, for messages.
        control: the control whose choices are the labels, where there are several.

    Raises:
        InputError: something is no task, there are several controls and none is named, or an annotation chooses more
            than one value, or for a region, or for several pictures.
    """
    named = [_Task(task, f"{path}: {_number(number, task)}") for number, task in enumerate(tasks, start=1)]
    for task in named:
        _refuse_other_things(task)
    chosen = choose_control({name for task in named for name in _guarded(_controls, task)}, path, control)
    users = name_users((who for task in named for who in _guarded(_users, task)), path)
    _tell_unused(named, path)
    for task in named:
        yield from _guarded(_read_task, task, chosen, users)


def _refuse_other_things(task: _Task) -> None:
    if not isinstance(task.values, dict) or not isinstance(task.values.get("data"), dict):
        raise InputError(f"{task.where} is not a task for choices of an image: it has no data")


def _users(task: _Task) -> Iterator[Any]:
    return (annotation.get("completed_by") for annotation in task.annotations)


def _tell_unused(tasks: Sequence[_Task], path: Path) -> None:
    """Say which results are no choices, and that ground truth is an answer like any other."""
    kinds: dict[str, list[str]] = {}
    truths = []
    for task in tasks:
        for kind in _guarded(_other_results, task):
            kinds.setdefault(kind, []).append(task.name)
        truths += [task.name for each in task.answers if each.get("ground_truth") or each.get("honeypot")]
    for kind, names in sorted(kinds.items()):
        take_note(f"{path}: {counted(len(names), 'result')} of type {kind} not read (first: {names[0]})")
    if truths:
        marked = counted(
            len(truths), "annotation marked as ground truth counts", "annotations marked as ground truth count"
        )
        take_note(f"{path}: {marked} as any other does (first: {truths[0]})")


def _other_results(task: _Task) -> Iterator[str]:
    return (str(each["type"]) for own in task.answers for each in own["result"] if each["type"] != "choices")


def _number(number: int, task: Any) -> str:  # noqa: ANN401  what stands in a JSON file
    given = task.get("id") if isinstance(task, dict) else None
    return f"task {number}" + (f" (id {given})" if given not in (None, number) else "")


def _guarded(read: Any, task: _Task, *more: Any) -> list[Any]:  # noqa: ANN401  either of two readers
    try:
        return list(read(task, *more))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{task.where} is not a task for choices of an image ({error!r})") from error


def choose_control(controls: set[str], path: Path, control: str | None) -> str | None:
    """Return the control whose choices are the labels; None where nobody chose anything.

    Raises:
        InputError: there are several and none is named, or none of that name.
    """
    names = ", ".join(sorted(controls)) or "none"
    if control is not None and controls and control not in controls:
        raise InputError(f"{path}: no control {control!r}; there are {names}")
    if control is None and len(controls) > 1:
        raise InputError(
            f"{path}: the pictures have choices of {len(controls)} controls, {names}; --control chooses one"
        )
    return control or next(iter(controls), None)


def _controls(task: _Task) -> Iterator[str]:
    for annotation in task.answers:
        for each in annotation["result"]:
            if each["type"] == "choices" and each["value"]["choices"]:
                yield _control_of(each)


def _is_skip(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation.get("was_cancelled") or annotation.get("skipped"))  # the latter before Label Studio 1.0


def _choices_of(annotation: Mapping[str, Any], control: str | None) -> list[Mapping[str, Any]]:
    return [each for each in annotation["result"] if each["type"] == "choices" and _control_of(each) == control]


def _control_of(result: Mapping[str, Any]) -> str:
    return str(result.get("from_name", "choice"))


def _read_task(task: _Task, control: str | None, users: Mapping[str, str]) -> Iterator[LabelRow | UnusedRow]:
    known = [parse_row(values, task.where) for values in (task.values.get("meta") or {}).get("boxwright", [])]
    rest = list(known)
    for annotation in task.annotations:
        word = _read_annotation(annotation, task, control)
        if isinstance(word, UnusedRow):
            yield word
            continue
        own = next((row for row in rest if _fits(row, word)), None)
        if own is not None:
            rest.remove(own)
            yield own
        else:  # said in Label Studio
            to_names = set[str]()
            if word is not None:
                to_names = {str(each.get("to_name", "")) for each in _choices_of(annotation, control)}
            given = {**local_places(_picture(task, to_names)), "action": "label" if word else "skip", "label": word}
            given |= {"annotator": user_of(annotation.get("completed_by"), users), "labelled_at": last_time(annotation)}
            yield parse_row(given | ({"sha256": known[0].sha256} if known else {}), task.where)
    yield from (row for row in rest if row.action == "none")
    yield from _unsaid(task, known)


def _fits(row: LabelRow, label: str | None) -> bool:
    return row.label == label and (label is not None or row.action in CANCELLED)


def _unsaid(task: _Task, known: Sequence[LabelRow]) -> Iterator[UnusedRow]:
    """Yield what is in a task and is no answer."""
    for _ in task.values.get("drafts") or ():
        yield UnusedRow(task.name, "a draft that was not submitted")
    if not task.annotations and not known:
        predicted = bool(task.values.get("predictions"))
        yield UnusedRow(task.name, "predicted and not annotated" if predicted else "not annotated")


def _read_annotation(annotation: Mapping[str, Any], task: _Task, control: str | None) -> str | UnusedRow | None:
    """Return the label; None where the annotator skipped the task."""
    if _is_skip(annotation):
        return None
    if _is_rejected(annotation):
        return UnusedRow(task.name, "annotated and rejected in a review")
    own = _choices_of(annotation, control)
    others = sorted({name for each in own if _is_no_picture(name := str(each.get("to_name", "")), task)})
    if others:
        return UnusedRow(task.name, f"annotated with a choice for {', '.join(others)}, which is no picture")
    pictures = sorted({str(each.get("to_name", "")) for each in own})
    if len(pictures) > 1:
        raise InputError(
            f"{task.where}: {control} is chosen for several pictures, {', '.join(pictures)}; a task of one is read"
        )
    if any({"x", "y", "points", "rle"} & each["value"].keys() for each in own):
        raise InputError(
            f"{task.where}: {control} is chosen for regions, not for the picture; crops are what is labelled"
        )
    values = [str(value) for each in own for value in each["value"]["choices"]]
    if len(values) > 1:
        raise InputError(
            f"{task.where}: {control} has {len(values)} values, {', '.join(values)}; a picture has one label"
        )
    return values[0] if values else UnusedRow(task.name, f"annotated without a choice of {control or 'anything'}")


def _is_rejected(annotation: Mapping[str, Any]) -> bool:
    """Tell whether the last review of an annotation did not accept it; without times, whether any did not."""
    reviews = [each for each in annotation.get("reviews") or () if each.get("accepted") is not None]
    times = [str(each.get("created_at") or "") for each in reviews]
    last = [each for each, time in zip(reviews, times, strict=True) if time == max(times)] if all(times) else reviews
    return any(not each["accepted"] for each in last)


def _is_no_picture(to_name: str, task: _Task) -> bool:
    """Tell whether a choice is for another thing of a task, as a text beside the picture."""
    data: Mapping[str, Any] = task.values["data"]
    return to_name != "image" and to_name in data and not is_address(data[to_name])


def _picture(task: _Task, to_names: set[str]) -> str:
    """Return the address of a task's picture."""
    data: Mapping[str, Any] = task.values["data"]
    addresses = [name for name, value in data.items() if is_address(value)]
    named = [name for name in to_names if name in addresses] or addresses
    if len(named) != 1 and "image" in data and len(addresses) < 2:
        named = ["image"]
    if len(named) != 1:
        found = ", ".join(named or data) or "nothing"
        raise InputError(f"{task.where}: which field of data is the picture cannot be told; found {found}")
    return str(data[named[0]])


def is_address(value: object) -> bool:
    """Tell whether a value can be the address of a file: a path or URL, or a name with an ending."""
    text = value.strip() if isinstance(value, str) else ""
    return bool(text) and "\n" not in text and ("/" in text or "\\" in text or bool(Path(text).suffix))


def local_places(address: str) -> dict[str, str]:
    """Return where a picture may lie, as a row has it: from the root and, without a root of its own, from the file."""
    if not address.startswith(LOCAL_FILES):
        return {"path": address if "://" in address else unquote(address, errors="surrogateescape")}
    place = unquote(address.removeprefix(LOCAL_FILES), errors="surrogateescape").removeprefix("/")
    return {"path": os.sep + place, "file": place}


def last_time(annotation: Mapping[str, Any]) -> str | None:
    """Return when an annotation was last changed: created_at stays as it was when somebody corrects it."""
    times = [_time_text(annotation[name]) for name in ("created_at", "updated_at") if annotation.get(name)]
    try:
        return max(times, key=datetime.fromisoformat, default=None)
    except (ValueError, TypeError):
        return times[-1]  # the row says what is wrong with it


def _time_text(time: object) -> str:
    """Return a time as text; before Label Studio 1.0 it was seconds since 1970."""
    try:
        return datetime.fromtimestamp(time, UTC).isoformat() if isinstance(time, int | float) else str(time)
    except (ValueError, OverflowError, OSError):
        return str(time)  # the row says what is wrong with it
