"""Label Studio's JSON-MIN and CSV exports: a flat row for each annotation, with its controls among the data."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from active.exchange.label_formats.label_rows import LabelRow, UnusedRow, parse_row, tell_not_read
from active.exchange.label_formats.label_studio_tasks import (
    choose_control,
    is_address,
    last_time,
    local_places,
)
from active.exchange.label_formats.label_studio_users import name_users, user_of
from base.counting import counted
from base.errors import InputError
from base.tabular.missing_values import is_missing

OWN_FIELDS = frozenset({"annotation_id", "annotator", "created_at", "updated_at", "id", "lead_time", "agreement"})
"""What Label Studio says of each annotation; the rest are the task's data and the controls."""


EXPORT_ORDER = ["annotator", "annotation_id", "created_at", "updated_at"]
"""What follows the controls where an export has the order that JSON-MIN is written in: data, id, controls, these."""


def read_answer_table(
    answers: Sequence[Mapping[str, Any]], path: Path, *, control: str | None, from_csv: bool
) -> Iterator[LabelRow | UnusedRow]:
    """Yield what each annotation chose.

    Args:
        answers: a row for each annotation.
        path: the file, for messages.
        control: the control whose choices are the labels, where that cannot be told.
        from_csv: a word for no value is none; in JSON it is a choice that somebody offered.

    Raises:
        InputError: which field is the picture, or the control, cannot be told, or one has more than one value.
    """
    fields = dict.fromkeys(name for answer in answers for name in answer if name not in OWN_FIELDS)
    if not any("annotation_id" in answer for answer in answers):
        raise InputError(f"{path}: is no export of Label Studio's; JSON, JSON-MIN and CSV are read")
    picture = _picture_field(fields, answers, path)
    chosen = _find_control([name for name in fields if name != picture], answers, path, control)
    tell_not_read(path, [name for name in fields if name not in (picture, chosen)])
    users = name_users((answer.get("annotator") for answer in answers), path)
    for number, answer in enumerate(answers, start=1):
        name = f"annotation {answer.get('annotation_id') or number}"
        values = _values(answer.get(chosen or ""), f"{path}: {name}", chosen)
        if not values or (from_csv and is_missing(values[0])):
            yield UnusedRow(name, f"annotated without a choice of {chosen or 'anything'}")
            continue
        given: dict[str, str | None] = {
            **local_places(str(answer.get(picture, ""))),
            "action": "label",
            "label": values[0],
        }
        given |= {"annotator": user_of(answer.get("annotator"), users), "labelled_at": last_time(answer)}
        yield parse_row(given, f"{path}: {name}")


def _find_control(
    fields: Sequence[str], answers: Sequence[Mapping[str, Any]], path: Path, control: str | None
) -> str | None:
    """Return the field that annotators chose; the others are data that the tasks came with.

    It is known by the order of an export, or by choices that stand as an object; a field that is only left over may be
    anything.

    Raises:
        InputError: it cannot be told.
    """
    if control is not None:
        return choose_control({*fields}, path, control)
    ordered = _controls_by_order(answers)
    if ordered is not None:
        return choose_control(ordered & {*fields}, path, None)
    if all(any(_is_choice(answer.get(name)) for answer in answers) for name in fields):
        return choose_control({*fields}, path, None)
    shown = ", ".join(f"{name} ({_describe(name, answers)})" for name in fields)
    raise InputError(f"{path}: which column holds the choices cannot be told; --control NAME says it, of {shown}")


def _controls_by_order(answers: Sequence[Mapping[str, Any]]) -> set[str] | None:
    """Return the fields between the task's id and the annotator; None where rows have another order than exports."""
    found = set[str]()
    for answer in answers:
        names = list(answer)
        if "id" not in names or "annotator" not in names:
            return None
        start, end = names.index("id") + 1, names.index("annotator")
        if start > end or names[end:][: len(EXPORT_ORDER)] != EXPORT_ORDER or not OWN_FIELDS.issuperset(names[end:]):
            return None
        found |= {*names[start:end]}
    return found


def _is_choice(value: object) -> bool:
    return (isinstance(value, dict) and "choices" in value) or str(value).startswith('{"choices"')


def _describe(name: str, answers: Sequence[Mapping[str, Any]]) -> str:
    values = dict.fromkeys(str(answer[name]) for answer in answers if answer.get(name) not in (None, ""))
    first = f", as {next(iter(values))[:40]!r}" if values else ""
    return counted(len(values), "value") + first


def _picture_field(fields: Mapping[str, None], answers: Sequence[Mapping[str, Any]], path: Path) -> str:
    found = [name for name in fields if all(is_address(answer.get(name)) for answer in answers)]
    if "image" in found:
        return "image"
    if len(found) != 1:
        raise InputError(f"{path}: which field is the picture cannot be told; found {', '.join(found or fields)}")
    return found[0]


def _values(given: Any, where: str, control: str | None) -> list[str]:  # noqa: ANN401  what stands in the file
    """Return what was chosen: a text, or an object {"choices": […]} or a list where there may be several."""
    if isinstance(given, str) and given.startswith(("{", "[")):
        try:
            given = json.loads(given)
        except json.JSONDecodeError:
            return [given]
    values = given.get("choices") if isinstance(given, dict) else given
    if values in (None, "") or (isinstance(values, float) and math.isnan(values)):
        return []
    if isinstance(values, list) and any(isinstance(value, dict) for value in values):
        raise InputError(f"{where}: {control} is chosen for regions, not for the picture; a crop is labelled whole")
    texts = [str(value) for value in values] if isinstance(values, list) else [str(values)]
    if len(texts) > 1:
        raise InputError(f"{where}: {control} has {len(texts)} values, {', '.join(texts)}; a picture has one label")
    return texts
