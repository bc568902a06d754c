"""The label format label-studio: Label Studio's JSON, out for its import, and in from its exports of any kind."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from active.exchange.label_formats.label_rows import LabelFormat, LabelRow, UnusedRow, require_label_file
from active.exchange.label_formats.label_studio_tables import read_answer_table
from active.exchange.label_formats.label_studio_tasks import CANCELLED, LOCAL_FILES, read_studio_tasks
from base.errors import InputError
from base.file_texts import read_file_text
from base.files import write_text
from base.tabular.json_lines import parse_json
from base.tabular.tables import read_table


def _write_label_studio(path: Path, rows: Sequence[LabelRow]) -> None:
    pictures: dict[str | None, list[LabelRow]] = {}
    for row in rows:
        pictures.setdefault(row.sha256, []).append(row)
    tasks = [_to_task(number, said) for number, said in enumerate(pictures.values(), start=1)]
    write_text(path, json.dumps(tasks, indent=2) + "\n")


def _to_task(number: int, said: Sequence[LabelRow]) -> dict[str, Any]:
    """Return a task whose meta keeps what Label Studio has no field for: its users are its own."""
    choice = {"type": "choices", "from_name": "label", "to_name": "image"}
    return {
        "id": number,
        "data": {"image": LOCAL_FILES + quote(os.fsencode(said[0].path or "").removeprefix(b"/"))},
        "annotations": [
            {
                "was_cancelled": row.action in CANCELLED,
                "result": [{**choice, "value": {"choices": [row.label]}}] if row.label else [],
            }
            for row in said
            if row.action != "none"
        ],
        "meta": {"boxwright": [row.values() for row in said]},
    }


def _read_label_studio(path: Path, control: str | None = None) -> Iterator[LabelRow | UnusedRow]:
    text = read_file_text(require_label_file(path))
    if not text.lstrip().startswith(("[", "{")):
        table = read_table(path, column="annotation_id")
        answers: list[dict[str, Any]] = [values for _, values in table.rows]
        yield from read_answer_table(answers, path, control=control, from_csv=True)
        return
    tasks = parse_json(text, str(path), "Label Studio's JSON export is a list of tasks")
    if not isinstance(tasks, list):
        raise InputError(f"{path}: expected a list of tasks, as Label Studio's JSON export is")
    if tasks and all(isinstance(task, dict) and "annotation_id" in task for task in tasks):
        yield from read_answer_table(tasks, path, control=control, from_csv=False)
    else:
        yield from read_studio_tasks(tasks, path, control=control)


LABEL_STUDIO = LabelFormat(False, _write_label_studio, _read_label_studio, read_control=_read_label_studio)
