"""What a file is by its first bytes, whatever it is called."""

import re
from collections.abc import Callable, Mapping
from typing import Final

HEAD_BYTES = 512
"""Enough to tell."""

TEXT: Final = "text"
HEIC: Final = "HEIC"
EMPTY: Final = "empty"
OTHER: Final = "of unknown kind"

_TEXT = re.compile(rb"(\xef\xbb\xbf)?[\t\n\f\r\x1b -~\x80-\xff]*")

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of a file in ISO's base media format."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}


def _is_heif(head: bytes) -> bool:
    brands = _brands(head)
    return bool(brands & _HEIF_BRANDS) and not brands & _AVIF_BRANDS


def _is_bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and head[14:18] in {bytes([size, 0, 0, 0]) for size in (12, 40, 52, 56, 64, 108, 124)}


PICTURES: Mapping[str, Callable[[bytes], bool]] = {
    "PNG": _starts(b"\x89PNG\r\n\x1a\n"),
    "JPEG": _starts(b"\xff\xd8\xff"),
    "GIF": _starts(b"GIF87a", b"GIF89a"),
    "WebP": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    "BMP": _is_bitmap,
    "TIFF": _starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "AVIF": lambda head: bool(_brands(head) & _AVIF_BRANDS),
    HEIC: _is_heif,
    "JPEG 2000": _starts(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0"),
    "icon": _starts(b"\0\0\1\0"),
    "PNM": lambda head: re.match(rb"P[1-7Ff][\s#]", head) is not None,
    "QOI": _starts(b"qoif"),
}
"""What is read, by name."""

OTHERS: Mapping[str, Callable[[bytes], bool]] = {
    "SVG": lambda head: b"<svg" in head,
    "PDF": _starts(b"%PDF"),
    "PostScript": _starts(b"%!PS", b"\xc5\xd0\xd3\xc6"),
    "Photoshop": _starts(b"8BPS"),
    "JPEG XL": _starts(b"\xff\x0a", b"\0\0\0\x0cJXL "),
    "cursor": _starts(b"\0\0\2\0"),
    "zip archive": _starts(b"PK\3\4", b"PK\5\6"),
    "tar archive": lambda head: head[257:262] == b"ustar",
    "gzip": _starts(b"\x1f\x8b"),
    "bzip2": _starts(b"BZh"),
    "7z archive": _starts(b"7z\xbc\xaf\x27\x1c"),
    "file packed by xz": _starts(b"\xfd7zXZ\0"),
    "file packed by Zstandard": _starts(b"\x28\xb5\x2f\xfd"),
    "RAR archive": _starts(b"Rar!\x1a\x07"),
    "Parquet": _starts(b"PAR1"),
    "SQLite": _starts(b"SQLite format 3"),
    "film": lambda head: head[4:8] == b"ftyp" or head[:4] in (b"\x1a\x45\xdf\xa3",),
}
"""What is not read, by name."""


def kind_of(head: bytes) -> str:
    """Return what a file is that begins with these bytes; `OTHER` where they do not tell."""
    if not head:
        return EMPTY
    for kinds in (PICTURES, OTHERS):
        for name, fits in kinds.items():
            if fits(head):
                return name
    return TEXT if _TEXT.fullmatch(head) else OTHER


def is_readable(kind: str) -> bool:
    """Tell whether pictures of a kind are read here; of HEIC, only with a package that need not be there."""
    return kind in PICTURES and (kind != HEIC or can_read_heic())


def can_read_heic() -> bool:
    """Tell whether the package for HEIC is there, and let Pillow know of it."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def reason_of(kind: str) -> str:
    """Return why a file of a kind is no picture that is read."""
    if kind == HEIC:
        return "is a HEIC picture; pip install 'boxwright[heic]' reads it"
    article = "an" if kind[0] in "aeiouAEIOS" and kind != "SQLite" else "a"
    return f"is not a picture but {article} {kind}" if kind in OTHERS else "is not a picture"
