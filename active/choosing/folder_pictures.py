"""The pictures of a folder, with labels where it has some."""

from pathlib import Path

from base.files import existing_folder
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_listing import list_everything
from model.labelled_folders.folders import open_folder
from model.labelled_folders.metadata_rows import METADATA, METADATA_CSV
from model.reading.images import find_images


def list_examples(folder: Path, *, unlabelled: bool = False) -> list[Example]:
    """Return the pictures of a folder, with labels where it has some; pictures that lie loose in it have none.

    Args:
        folder: as `model.labelled_folders.folders.read_folder` takes it; or pictures without labels.
        unlabelled: take no folder for a class.

    Raises:
        MissingError, InputError: the folder is not what it should be.
    """
    if unlabelled or (folder.is_dir() and _is_loose(folder)):
        found = find_images([existing_folder(folder)])
        return [Example(path, "", str(path)) for path in found]
    return list(open_folder(folder).examples)


def _is_loose(folder: Path) -> bool:
    listing = list_everything(folder)
    has_rows = any(Path(name).name in (METADATA, METADATA_CSV) for name in listing.files)
    return bool(listing.pictures) and not has_rows and not any("/" in name for name in listing.pictures)
