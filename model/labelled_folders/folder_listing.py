"""All that lies below a folder: the pictures in it, and what is passed over, each with the reason."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from base.errors import InputError
from base.files import MARKER, existing_folder
from model.decoding.content_kinds import TEXT
from model.labelled_folders.metadata_rows import METADATA, METADATA_CSV
from model.labelled_folders.naming_files import LABELS_CSV, NamingFiles, is_exported
from model.reading.listing import DROPPED, HIDDEN, HOLLOW, file_kind, is_dropping, is_hollow_picture, list_folder
from model.reading.remarks import PASSED_OVER, Remarks

NO_PICTURE, LINK, OTHER_METADATA = "no picture", "link to a folder", "metadata that is not read"

OWN = frozenset({METADATA, METADATA_CSV, "README.md", "LICENSE", "dataset.json", "rejected.jsonl", "rest.jsonl"})
"""Files beside pictures that are there for another purpose: nobody misses them among the pictures."""

LITTER = frozenset({MARKER, ".DS_Store", "Thumbs.db", "desktop.ini", ".gitattributes", ".gitignore", ".gitkeep"})
ASIDE = frozenset({".card", ".shards", ".git"})
"""Folders in a data set that hold no pictures of it."""

TEXT_ENDINGS = frozenset({".csv", ".html", ".json", ".jsonl", ".md", ".toml", ".txt", ".xml", ".yaml", ".yml"})
"""Files that end in these need not be opened to see what they are."""


@dataclass(frozen=True)
class PassedOver:
    """A file that is not used, by its name below the folder, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class FolderListing:
    """What is below a folder, by name: the pictures, every other file, what is passed over and why, all folders."""

    pictures: tuple[str, ...]
    files: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]
    folders: tuple[str, ...]


def list_everything(folder: Path) -> FolderListing:
    """List a folder.

    Raises:
        MissingError: there is no such folder.
        InputError: it is a file, or cannot be listed.
    """
    existing_folder(folder)
    # A class folder may be a link; further below links are not followed, since they can lead in circles.
    linked = [child for child in sorted(_children(folder)) if child.is_symlink() and child.is_dir()]
    linked = [child for child in linked if not child.name.startswith(".") and not is_dropping(child.name)]
    found = [path for top in (folder, *linked) for path in list_folder(top, passed=Remarks(PASSED_OVER))]
    pictures = dict.fromkeys(path.relative_to(folder).as_posix() for path in sorted(found))
    files, folders, links = [], [child.name for child in linked], list[str]()
    for top in (folder, *linked):
        for parent, below, names in os.walk(top, onerror=_refuse):
            inside = Path(parent).relative_to(folder)
            links += [(inside / name).as_posix() for name in below if Path(parent, name).is_symlink()]
            if Path(parent) == folder:
                below[:] = [name for name in below if name not in ASIDE]
            folders += [(inside / name).as_posix() for name in below if not _is_dropped(inside / name)]
            files += [(inside / name).as_posix() for name in names]
    rest = [name for name in sorted(files) if name not in pictures]
    passed = [PassedOver(name, LINK) for name in sorted(links) if "/" in name and not _is_hidden(name)]
    # One at the top is a class folder, and an error where it is empty.
    passed += [
        PassedOver(name, HOLLOW)
        for name in sorted({*folders} - {*links})
        if "/" in name and not _is_hidden(name) and is_hollow_picture(folder / name)
    ]
    visible = (
        name for name in sorted({*folders} - {*links} | {child.name for child in linked}) if not _is_hidden(name)
    )
    return FolderListing(
        pictures=tuple(pictures),
        files=tuple(name for name in rest if not _is_hidden(name) and not _is_dropped(PurePosixPath(name).parent)),
        passed_over=(*passed, *_explain(folder, rest, NamingFiles(folder, pictures))),
        folders=tuple(visible),
    )


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise _cannot_list(error) from error


def _explain(folder: Path, names: list[str], naming: NamingFiles) -> Iterator[PassedOver]:
    """Say of each file that is no picture of the data set why; those that nobody misses are left out."""
    for name in names:
        last = PurePosixPath(name).name
        own = last in OWN or (last == LABELS_CSV and is_exported(folder / name))
        if last in LITTER or (own and not _is_hidden(name) and not _is_dropped(PurePosixPath(name).parent)):
            continue
        if _is_hidden(name):
            yield PassedOver(name, HIDDEN)
        elif _is_dropped(PurePosixPath(name).parent):
            yield PassedOver(name, DROPPED)
        elif last == "metadata.parquet":
            yield PassedOver(name, OTHER_METADATA)
        elif reason := naming.reason(name):
            yield PassedOver(name, reason)
        elif PurePosixPath(name).suffix.lower() in TEXT_ENDINGS:
            yield PassedOver(name, TEXT)
        else:
            yield PassedOver(name, file_kind(folder / name))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(name).parts)


def _is_dropped(folder: PurePath) -> bool:
    return any(map(is_dropping, folder.parts))


def _refuse(error: OSError) -> None:
    raise _cannot_list(error) from error


def _cannot_list(error: OSError) -> InputError:
    return InputError(f"cannot list {error.filename}: {(error.strerror or str(error)).lower()}")
