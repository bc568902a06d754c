"""A look at a labelled folder that reads the pictures' bytes too: copies under two labels."""

from dataclasses import replace
from pathlib import Path

from model.labelled_folders.contradictions import describe_contradictions, find_contradictions
from model.labelled_folders.folder_report import FolderReport
from model.labelled_folders.folders import read_folder


def inspect_folder(folder: Path) -> FolderReport:
    """Return what reading a folder comes to, and whether equal files have different labels.

    Raises:
        MissingError, InputError: as `read_folder`.
    """
    report = read_folder(folder)
    found = describe_contradictions(find_contradictions(report.examples))
    return replace(report, remarks=(*report.remarks, found)) if found else report
