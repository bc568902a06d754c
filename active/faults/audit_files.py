"""What an audit leaves on the disk: what to look at again, and what is fit to train on."""

from pathlib import Path

from active.choosing.picture_lists import ListedPicture, write_picture_list
from active.faults.audit_result import Audit
from base.errors import InputError
from model.labelled_folders.label_lists import write_label_list


def write_doubtful(audit: Audit, path: Path) -> int:
    """Write the pictures that a person should look at, for `boxwright queue --from`; return how many.

    Raises:
        InputError: a picture is no file of its own.
    """
    found = audit.doubtful()
    rows = [
        ListedPicture(_own_file(audit, place), "; ".join(reasons), audit.audited.label(place))
        for place, reasons in found.items()
    ]
    write_picture_list(path, rows)
    return len(rows)


def write_cleaned(audit: Audit, path: Path, *, overwrite: bool = False) -> int:
    """Write a list of the labelled pictures but those to leave out, which commands read as a folder; return how many.

    Raises:
        InputError: the pictures have no labels, are no files of their own, or none is left.
        OutputExistsError: there is a file and `overwrite` is not set.
    """
    if not audit.audited.is_labelled:
        raise InputError(f"{audit.folder} has no labels, and --apply lists pictures to train on")
    left = audit.left_out()
    kept = [place for place in audit.audited.measured if place not in left]
    if not kept:
        raise InputError(f"{audit.folder}: nothing is left to train on")
    for place in kept:
        _own_file(audit, place)
    write_label_list(path, [audit.audited.pictures[place].example for place in kept], overwrite=overwrite)
    return len(kept)


def _own_file(audit: Audit, place: int) -> Path:
    """Return the picture's file; refuse one that was unpacked for this run alone."""
    path = audit.audited.pictures[place].example.path
    if audit.folder.is_dir() and not path.is_relative_to(audit.folder):
        raise InputError(f"{audit.audited.shown(place)} lies packed in {audit.folder}; unpack it to have lists of it")
    return path
