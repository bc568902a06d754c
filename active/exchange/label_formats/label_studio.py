"""The label format label-studio: Label Studio's JSON, out for its import and in from its export."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from active.exchange.label_formats.label_rows import LabelFormat, LabelRow, parse_row, require_label_file
from base.errors import InputError
from base.files import write_text

LOCAL_FILES = "/data/local-files/?d="
"""Label Studio's address of a file below its LOCAL_FILES_DOCUMENT_ROOT, which has to be / for these."""


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
                "was_cancelled": row.action == "discard",
                "result": [{**choice, "value": {"choices": [row.label]}}] if row.label else [],
            }
            for row in said
            if row.action != "none"
        ],
        "meta": {"boxwright": [row.values() for row in said]},
    }


def _read_label_studio(path: Path) -> Iterator[LabelRow]:
    try:
        tasks = json.loads(require_label_file(path).read_text(encoding="utf-8", errors="surrogateescape"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(tasks, list):
        raise InputError(f"{path}: expected a list of tasks, as Label Studio's JSON export is")
    for number, task in enumerate(tasks, start=1):
        try:
            yield from _from_task(task, f"{path}: task {number}")
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise InputError(f"{path}: task {number} is not a task for choices of an image ({error!r})") from error


def _from_task(task: Mapping[str, Any], where: str) -> Iterator[LabelRow]:
    known = [parse_row(values, where) for values in (task.get("meta") or {}).get("boxwright", [])]
    rest = list(known)
    for annotation in task.get("annotations", []):
        choices = [each["value"]["choices"][0] for each in annotation["result"] if each["type"] == "choices"]
        action, label = ("discard", None) if annotation.get("was_cancelled") else ("label", (choices or [None])[0])
        if action == "label" and label is None:
            continue
        own = next((row for row in rest if (row.action, row.label) == (action, label)), None)
        if own is not None:
            rest.remove(own)
            yield own
        else:  # said in Label Studio
            given = {"path": _local_path(task), "action": action, "label": label}
            given |= {"annotator": _user(annotation), "labelled_at": annotation.get("created_at")}
            yield parse_row(given | ({"sha256": known[0].sha256} if known else {}), where)
    yield from (row for row in rest if row.action == "none")


def _local_path(task: Mapping[str, Any]) -> str:
    address = str(task["data"]["image"])
    if not address.startswith(LOCAL_FILES):
        return unquote(address, errors="surrogateescape")
    return "/" + unquote(address.removeprefix(LOCAL_FILES), errors="surrogateescape").removeprefix("/")


def _user(annotation: Mapping[str, Any]) -> str | None:
    who = annotation.get("completed_by")
    who = who.get("email") or who.get("id") if isinstance(who, dict) else who
    return None if who is None else str(who)


LABEL_STUDIO = LabelFormat(False, _write_label_studio, _read_label_studio)
