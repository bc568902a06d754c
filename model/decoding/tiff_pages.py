"""Which page of a TIFF is the picture: some writers put a reduced copy first, and the full one behind or below it.

Source: TIFF Revision 6.0 (NewSubfileType); TIFF Technical Note 1 of 1995 (SubIFDs).
"""

import io
import struct
from collections.abc import Iterator

from PIL import Image

FULL = "a reduced copy comes first: the full picture is taken"
REDUCED = "says that it is a reduced copy of another picture, which is not in the file"

_KIND, _BELOW = 254, 330
_IS_REDUCED = 1
_LONG_PLACES = (16, 18)
"""Types of BigTIFF: numbers of 8 bytes."""

MOST_ENTRIES = 4096

MOST_PAGES = 64
"""Pages that are looked at; each is a jump in the file."""


def full_picture(image: Image.Image, content: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the picture of an opened TIFF that is the full one, none of it decoded, and what is to be said of that.

    It is the first page, unless that is marked as a reduced copy, or a larger one is filed below it.
    """
    own = image.width * image.height
    is_reduced = _is_reduced(image)
    others = [*_below(image, content), *(_behind(image, content) if is_reduced else ())]
    larger = [each for each in others if each.width * each.height > own and not _is_reduced(each)]
    if larger:
        return max(larger, key=lambda each: each.width * each.height), (FULL,)
    return image, (REDUCED,) if is_reduced else ()


def _is_reduced(image: Image.Image) -> bool:
    kind = _tags(image).get(_KIND, 0)
    return isinstance(kind, int) and bool(kind & _IS_REDUCED)


def _tags(image: Image.Image) -> dict[int, object]:
    return dict(getattr(image, "tag_v2", {}))


def _below(image: Image.Image, content: bytes) -> Iterator[Image.Image]:
    """Yield the pages filed below the first."""
    places = _tags(image).get(_BELOW) or _below_in_big_tiff(content)
    for place in (places if isinstance(places, tuple) else (places,))[:MOST_PAGES]:
        if isinstance(place, int) and (found := _open_at(content, place)):
            yield found


def _below_in_big_tiff(content: bytes) -> tuple[int, ...]:
    """Return where the pages below the first one of a BigTIFF are: Pillow passes over numbers of 8 bytes for places."""
    if not content.startswith(b"II+\0"):
        return ()
    try:
        (first,) = struct.unpack_from("<Q", content, 8)
        (entries,) = struct.unpack_from("<Q", content, first)
        for entry in range(min(entries, MOST_ENTRIES)):
            at = first + 8 + 20 * entry
            tag, kind, count = struct.unpack_from("<HHQ", content, at)
            if tag == _BELOW and kind in _LONG_PLACES:
                start = at + 12 if count == 1 else struct.unpack_from("<Q", content, at + 12)[0]
                return struct.unpack_from(f"<{min(count, MOST_PAGES)}Q", content, start)
    except struct.error:  # the directory is damaged, and Pillow says so of what it needs
        return ()
    return ()


def _behind(image: Image.Image, content: bytes) -> Iterator[Image.Image]:
    """Yield the pages behind the first."""
    for page in range(1, min(getattr(image, "n_frames", 1), MOST_PAGES)):
        found = Image.open(io.BytesIO(content), formats=("TIFF",))
        found.seek(page)
        yield found


def _open_at(content: bytes, place: int) -> Image.Image | None:
    """Open a TIFF as if its first page were the one at `place`; None where there is none that Pillow knows."""
    order = "little" if content[:2] == b"II" else "big"
    start, size = (8, 8) if b"+" in content[2:4] else (4, 4)
    try:
        header = content[:start] + place.to_bytes(size, order)  # type: ignore[arg-type]  # one of the two
        return Image.open(io.BytesIO(header + content[start + size :]), formats=("TIFF",))
    except Exception:  # a damaged page of which nothing is known is none to choose
        return None
