"""A look at a labelled folder that opens the pictures too: which cannot be read, and which are there twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from model.labelled_folders.contradictions import (
    describe_contradictions,
    describe_leaks,
    find_contradictions,
    find_leaks,
)
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_listing import PassedOver
from model.labelled_folders.folder_report import FolderReport, describe_reasons
from model.labelled_folders.folders import read_folder
from model.labelled_folders.signatures import add_hashes, read_signatures


def inspect_folder(folder: Path, *, on_progress: Callable[[int, int], None] | None = None) -> FolderReport:
    """Return what reading a folder comes to, which pictures cannot be read, and which have two labels or splits.

    Raises:
        MissingError, InputError: as `read_folder`; or no picture can be read.
    """
    report = read_folder(folder)
    signatures = read_signatures([example.path for example in report.examples], on_progress=on_progress)
    sound, broken = add_hashes(report.examples, signatures)
    unreadable = name_unreadable(broken, folder)
    require_some(sound, unreadable, folder)
    found = (describe_contradictions(find_contradictions(sound)), describe_leaks(find_leaks(sound)))
    remarks = (*report.remarks, *(text for text in found if text))
    return replace(report, examples=tuple(sound), unreadable=unreadable, remarks=remarks)


def name_unreadable(broken: Sequence[tuple[Example, str]], folder: Path) -> tuple[PassedOver, ...]:
    """Return pictures that cannot be read by their names below the folder, with the reason."""
    return tuple(
        PassedOver(example.name or example.path.relative_to(folder).as_posix(), reason) for example, reason in broken
    )


def require_some(sound: Sequence[Example], unreadable: Sequence[PassedOver], folder: Path) -> None:
    """Refuse a folder of which no picture can be read.

    Raises:
        InputError: with the reasons.
    """
    if not sound:
        raise InputError(
            f"{folder}: none of its {counted(len(unreadable), 'picture')} can be read: {describe_reasons(unreadable)}"
        )
