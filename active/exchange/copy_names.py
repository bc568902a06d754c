"""What copies of labelled pictures are called, so that readers of data sets load all of them, and their card."""

import glob
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from active.store.events import Labelled
from base.counting import counted
from base.files import write_text
from base.notes import take_note
from base.split_words import tears_sets
from model.decoding.picture_formats import USUAL, with_ending

CARD_NAME = "README.md"
PICTURES = "pictures"
"""The folder of all pictures where a class cannot be a folder's name for readers."""

NOT_LISTED = frozenset({".avif", ".avifs", ".heic", ".heif", ".hif", ".jxl", ".mpo", ".qoi"})
"""Endings of pictures that `datasets` does not look for in class folders."""


def name_copies(labels: Sequence[Labelled], *, own_labels: bool) -> dict[str, Path]:
    """Return each picture's place below the export folder, in its class folder, by the picture's hash.

    What `datasets` would take for a split, or not open, is called by its content instead, and what has no picture's
    ending gets that of its content; names that would meet get a piece of their hash.

    Args:
        labels: the pictures.
        own_labels: the format says labels in a file, so that a folder need not be called as its class.
    """
    classes = {labelled.label for labelled in labels}
    flat = own_labels and any(map(tears_sets, classes))
    folder = next(name for number in range(len(classes) + 1) if (name := PICTURES + "-" * number) not in classes)
    agreed = {each.item: Path(folder if flat else each.label, _name(each.path, each.item)) for each in labels}
    renamed = [each.path.name for each in labels if tears_sets(each.path.name)]
    if renamed:
        content = "its content" if len(renamed) == 1 else "their content"
        take_note(f"{_count_named(renamed)} called by {content}, since `datasets` sorts or drops such names")
    torn = sorted(filter(tears_sets, classes))
    if torn and not own_labels:
        take_note(
            f"class {torn[0]!a}: `load_dataset(FOLDER)` reads it, and `load_dataset('imagefolder', data_dir=FOLDER)` "
            "takes it for a split or passes it over; --format imagefolder is read either way"
        )
    unlisted = [str(name) for name in agreed.values() if name.suffix.lower() in NOT_LISTED]
    if unlisted and not own_labels:
        take_note(f"{_count_named(unlisted)} of a format that `datasets` does not look for in class folders")
    return _apart(agreed)


def _count_named(names: Sequence[str]) -> str:
    shown = ascii(names[0])[1:-1]
    return counted(len(names), f"picture, {shown}, is", f"pictures, as {shown}, are")


def _name(path: Path, item: str) -> str:
    try:
        name = path.name if path.suffix.lower() in USUAL else with_ending(path.name, path.read_bytes())
    except OSError:
        name = path.name  # the copy will fail too, and say why
    return item[:16] + Path(name).suffix.lower() if tears_sets(name) else name


def _apart(agreed: Mapping[str, Path]) -> dict[str, Path]:
    wanted = Counter(_folded(name) for name in agreed.values())
    return {
        item: name if wanted[_folded(name)] == 1 else _with_hash(name, item, wanted) for item, name in agreed.items()
    }


def _with_hash(name: Path, item: str, wanted: Counter[str]) -> Path:
    short = name.with_stem(f"{name.stem}-{item[:8]}")
    return short if _folded(short) not in wanted else name.with_stem(f"{name.stem}-{item}")


def _folded(name: Path) -> str:
    return str(name).casefold()  # some file systems hold "A.png" and "a.png" for one


def write_export_card(out: Path, places: Iterable[Path], *, format_name: str, metadata: str) -> None:
    """Write README.md, whose head tells `datasets.load_dataset(FOLDER)` what to load.

    Args:
        out: the export folder.
        places: the copies, relative to it.
        format_name: as the command has it.
        metadata: the file that says the labels; empty where the class folders do.
    """
    from base.document import render_document  # here, because what only reads labels needs no templates

    folders = Counter(place.parent.as_posix() for place in places)
    patterns = [json.dumps(f"{glob.escape(name)}/*", ensure_ascii=False) for name in sorted(folders)]
    values = {
        "patterns": ([json.dumps(metadata)] if metadata else []) + patterns,
        "by_folder": not metadata,
        "count": counted(folders.total(), "picture"),
        "format": format_name,
    }
    write_text(out / CARD_NAME, render_document("active.exchange", "export_card.md.jinja", values))
