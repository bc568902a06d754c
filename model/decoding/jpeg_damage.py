"""Whether the pixels of a JPEG are all there: libjpeg goes on from damage, and Pillow does not pass on what it says.

So the data is decoded once more, by a build of libjpeg that tells its warnings, into an eighth of the size.
"""

from base.errors import ImageError

FORMATS_OF_JPEG = frozenset({"JPEG", "MPO"})

JPEG_SIGNATURE = b"\xff\xd8\xff"

STRAY_BYTES = "stray bytes before the pixels of a JPEG: they are passed over"

UNCHECKED = "a JPEG of a rare kind: not looked at for damage"

_START_OF_SCAN, _RESTARTS = 0xDA, range(0xD0, 0xD8)
_SAYS_NOTHING_OF_PIXELS = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Markers of metadata and comments."""

_DAMAGE = ("Corrupt JPEG data", "Premature end", "Inconsistent progression")


def look_for_damage(content: bytes, mode: str) -> tuple[str, ...]:
    """Return what is to be said of the data of a JPEG that Pillow has read in `mode`.

    Raises:
        ImageError: it is truncated or damaged.
    """
    import simplejpeg  # loads numpy, and not every folder has a JPEG

    plain, stray = _without_metadata(content)
    notes = (STRAY_BYTES,) if stray else ()
    colours = "CMYK" if mode == "CMYK" else "GRAY"
    try:
        simplejpeg.decode_jpeg(plain, colours, min_height=1, min_width=1, strict=True)
    except ValueError as error:
        said = str(error)
    else:
        return notes
    if said.startswith(_DAMAGE):
        raise ImageError(f"is truncated or damaged ({said.removeprefix('Corrupt JPEG data: ')})")
    return (*notes, UNCHECKED)


def _without_metadata(content: bytes) -> tuple[bytes, bool]:
    """Return a JPEG without its metadata, whose faults would be told before those of the pixels; and if it has strays.

    What cannot be followed up to the first pixels stays as it is.
    """
    kept, at, stray = [content[:2]], 2, False
    while (marked := content.find(b"\xff", at)) >= 0:
        stray = stray or marked != at
        at = marked
        while content[at : at + 1] == b"\xff":  # any number of them may stand before a marker
            at += 1
        if at + 3 > len(content):
            break
        marker = content[at]
        if marker == _START_OF_SCAN:
            return b"".join((*kept, b"\xff", content[at:])), stray
        if marker in _RESTARTS or marker in (0, 1):
            stray = stray or marker == 0
            at += 1
            continue
        end = at + 1 + int.from_bytes(content[at + 1 : at + 3], "big")
        if marker not in _SAYS_NOTHING_OF_PIXELS:
            kept.append(b"\xff" + content[at:end])
        at = end
    return content, False
