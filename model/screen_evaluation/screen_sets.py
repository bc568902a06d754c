"""Opening a set of screens, whatever its form."""

from collections.abc import Callable
from pathlib import Path

from base.errors import InputError, MissingError
from model.screen_evaluation.annotated_screens import COCO_NAME, read_coco_screens
from model.screen_evaluation.listed_screens import LIST_NAME, read_listed_screens
from model.screen_evaluation.true_screens import ScreenSet

SET_READERS: dict[str, Callable[[Path], ScreenSet]] = {COCO_NAME: read_coco_screens, LIST_NAME: read_listed_screens}
"""What reads a set, by the name of its file in a folder."""


def read_screen_set(path: Path) -> ScreenSet:
    """Read a folder with such a file, or the file itself, as `.json` or `.jsonl`.

    Raises:
        MissingError: there is no such folder, or it has no such file.
        InputError: it has both, lists no screen, or is not what it should be.
    """
    file = _find_file(path)
    read = read_coco_screens if file.suffix == ".json" else read_listed_screens
    found = read(file)
    if not found.screens:
        raise InputError(f"{file}: lists no screen")
    return found


def _find_file(path: Path) -> Path:
    if path.is_file():
        if path.suffix not in (".json", ".jsonl"):
            raise InputError(f"{path}: a set of screens is a folder with {_names()}, or such a file")
        return path
    if not path.is_dir():
        raise MissingError(f"no folder {path}")
    there = [path / name for name in SET_READERS if (path / name).is_file()]
    if not there:
        raise MissingError(f"{path}: has no {_names()}, which say where the widgets are")
    if len(there) > 1:
        raise InputError(f"{path}: has {there[0].name} and {there[1].name}; name the one that is meant")
    return there[0]


def _names() -> str:
    return " or ".join(SET_READERS)
