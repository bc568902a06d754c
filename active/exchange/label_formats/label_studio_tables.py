"""Label Studio's JSON-MIN and CSV exports: a flat row for each annotation, with its controls among the data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from active.exchange.label_formats.label_rows import LabelRow, UnusedRow, parse_row
from active.exchange.label_formats.label_studio_tasks import (
    choose_control,
    is_address,
    last_time,
    local_places,
    user_of,
)
from base.errors import InputError

OWN_FIELDS = frozenset({"annotation_id", "annotator", "created_at", "updated_at", "id", "lead_time", "agreement"})
"""What Label Studio says of each annotation; the rest are the task's data and the controls."""


def read_answer_table(
    answers: Sequence[Mapping[str, Any]], path: Path, *, control: str | None
) -> Iterator[LabelRow | UnusedRow]:
    """Yield what each annotation chose.

    Raises:
        InputError: which field is the picture, or the control, cannot be told, or one has more than one value.
    """
    fields = dict.fromkeys(name for answer in answers for name in answer if name not in OWN_FIELDS)
    if not any("annotation_id" in answer for answer in answers):
        raise InputError(f"{path}: is no export of Label Studio's; JSON, JSON-MIN and CSV are read")
    picture = _picture_field(fields, answers, path)
    chosen = choose_control({name for name in fields if name != picture}, path, control)
    for number, answer in enumerate(answers, start=1):
        name = f"annotation {answer.get('annotation_id') or number}"
        values = _values(answer.get(chosen or ""), f"{path}: {name}", chosen)
        if not values:
            yield UnusedRow(name, f"annotated without a choice of {chosen or 'anything'}")
            continue
        given: dict[str, str | None] = {**local_places(str(answer.get(picture, ""))), "label": values[0]}
        given |= {"annotator": user_of(answer.get("annotator")), "labelled_at": last_time(answer)}
        yield parse_row(given, f"{path}: {name}")


def _picture_field(fields: Mapping[str, None], answers: Sequence[Mapping[str, Any]], path: Path) -> str:
    found = [name for name in fields if all(is_address(answer.get(name)) for answer in answers)]
    if "image" in found:
        return "image"
    if len(found) != 1:
        raise InputError(f"{path}: which field is the picture cannot be told; found {', '.join(found or fields)}")
    return found[0]


def _values(given: Any, where: str, control: str | None) -> list[str]:  # noqa: ANN401  what stands in the file
    """Return what was chosen: a text, or an object {"choices": […]} where there may be several."""
    if isinstance(given, str) and given.startswith("{"):
        try:
            given = json.loads(given)
        except json.JSONDecodeError:
            return [given]
    values = given.get("choices") if isinstance(given, dict) else given
    if values in (None, ""):
        return []
    if isinstance(values, list) and any(isinstance(value, dict) for value in values):
        raise InputError(f"{where}: {control} is chosen for regions, not for the picture; a crop is labelled whole")
    texts = [str(value) for value in values] if isinstance(values, list) else [str(values)]
    if len(texts) > 1:
        raise InputError(f"{where}: {control} has {len(texts)} values, {', '.join(texts)}; a picture has one label")
    return texts
