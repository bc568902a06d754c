"""Pictures are opened before their labels are taken in: what cannot be read is none, whatever it is called."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from active.exchange.label_formats.label_rows import LabelRow
from active.exchange.picture_places import PicturePlace
from base.errors import ImageError
from base.notes import take_note
from model.labelled_folders.contradictions import describe_contradictions, find_contradictions
from model.labelled_folders.examples import Example
from model.reading.images import Unreadable, content_hash


def open_row_pictures(
    rows: Sequence[LabelRow],
    places: Sequence[PicturePlace | None],
    source: Path,
    *,
    known: Collection[str],
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, str]:
    """Return why pictures of rows cannot be read, by their hash; say which show the same and have two labels.

    Those that are known, or that their hash alone stands for, are not opened. Copies of one file with two labels are
    disputed, and said elsewhere.
    """
    found = {place.item: place.path for place in places if place and place.item not in known and place.path.exists()}
    if not found:
        return {}
    from model.labelled_folders.signatures import Signature, read_signatures  # loads NumPy

    signatures = dict(zip(found, read_signatures(list(found.values()), on_progress=on_progress), strict=True))
    examples: dict[str, Example] = {}
    for row, place in zip(rows, places, strict=True):
        signed = signatures.get(place.item) if place else None
        if place and row.label and isinstance(signed, Signature) and signed.content == place.item:
            examples.setdefault(
                place.item, Example(place.path, row.label, "", content=place.item, pixels=signed.pixels)
            )
    if text := describe_contradictions(find_contradictions(list(examples.values()))):
        take_note(f"{source}: {text}")
    # Where a row names a hash, another file may lie in the picture's place by now: that says nothing of the picture.
    return {
        item: signed.reason
        for item, signed in signatures.items()
        if isinstance(signed, Unreadable) and _is_content(signed.path, item)
    }


def _is_content(path: Path, item: str) -> bool:
    try:
        return content_hash(path) == item
    except ImageError:
        return False
