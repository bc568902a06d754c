"""Pictures that are broken in all the ways that people's folders have them, and odd ones that are not broken."""

import gzip
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.crops import draw_crop


def encoded(kind: str, **options: object) -> bytes:
    """A sound picture as a file of that kind, large enough to be cut in several places."""
    image = draw_crop("checked", 1).resize((160, 120))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]  # of any kind
    return buffer.getvalue()


def chunk(name: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    check = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def png(width: int, height: int, data: bytes, *, depth: int = 8, colour: int = 2, more: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def cut(kind: str, share: float) -> bytes:
    content = encoded(kind)
    return content[: int(len(content) * share)]


def wrong_crc() -> bytes:
    data = zlib.compress(bytes(31 * 8))
    header = struct.pack(">IIBBBBB", 10, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header, crc=1) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BROKEN: dict[str, Callable[[], bytes]] = {
    "empty.png": lambda: b"",
    "empty.jpg": lambda: b"",
    "signature-only.png": lambda: b"\x89PNG\r\n\x1a\n",
    "cut-in-header.png": lambda: encoded("PNG")[:20],
    "cut-early.png": lambda: cut("PNG", 0.3),
    "cut-late.png": lambda: cut("PNG", 0.9)[:-20],
    "no-data.png": lambda: png(10, 8, b""),
    "wrong-crc.png": wrong_crc,
    "damaged-stream.png": lambda: png(100, 100, flipped(zlib.compress(os.urandom(30100)), 5000)),
    "not-deflate.png": lambda: png(10, 8, b"this was never deflated"),
    "no-header.png": lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", zlib.compress(bytes(300))) + chunk(b"IEND", b""),
    "no-width.png": lambda: png(0, 8, zlib.compress(bytes(300))),
    "bomb.png": lambda: png(50_000, 50_000, zlib.compress(bytes(10_000))),
    "bomb-2.png": lambda: png(2_000_000_000, 2_000_000_000, zlib.compress(bytes(1000))),
    "text.png": lambda: b"I am a text\n" * 20,
    "page.png": lambda: b"<!doctype html><html><body>404 not found</body></html>",
    "drawing.png": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>',
    "document.png": lambda: b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n",
    "packed.png": lambda: gzip.compress(encoded("PNG")),
    "zeros.png": lambda: bytes(5000),
    "cut-in-header.jpg": lambda: encoded("JPEG")[:20],
    "cut-early.jpg": lambda: cut("JPEG", 0.4),
    "cut-late.jpg": lambda: cut("JPEG", 0.9),
    "cut-in-header.gif": lambda: encoded("GIF")[:10],
    "cut.gif": lambda: cut("GIF", 0.6),
    "no-frame.gif": lambda: b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0, 0, 0) + b";",
    "cut-early.webp": lambda: cut("WEBP", 0.3),
    "cut-late.webp": lambda: cut("WEBP", 0.9),
    "cut-in-header.bmp": lambda: encoded("BMP")[:30],
    "cut.bmp": lambda: cut("BMP", 0.5),
    "cut-in-header.tif": lambda: encoded("TIFF")[:6],
    "cut.tif": lambda: encoded("TIFF", compression="tiff_lzw")[:200],
    "cut.avif": lambda: b"\x00\x00\x00\x1cftypavif" + bytes(40),
}
"""By file name: content that holds no picture."""


def palette_out_of_range() -> bytes:
    rows = b"".join(b"\0" + bytes(range(200, 210)) for _ in range(8))
    return png(10, 8, zlib.compress(rows), colour=3, more=chunk(b"PLTE", bytes(30)))


def animated() -> bytes:
    frames = [draw_crop("checked", seed).resize((60, 40)) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]  # of any kind
    return buffer.getvalue()


ODD: dict[str, Callable[[], bytes]] = {
    "animated.gif": animated,
    "one-pixel.png": lambda: saved(Image.new("RGB", (1, 1)), "PNG"),
    "one-column.png": lambda: saved(Image.new("RGB", (1, 20_000)), "PNG"),
    "sixteen-bit.png": lambda: saved(Image.new("I;16", (20, 20), 40_000), "PNG"),
    "floats.tif": lambda: saved(Image.new("F", (20, 20), 0.5), "TIFF"),
    "cmyk.jpg": lambda: saved(Image.new("CMYK", (20, 20)), "JPEG", icc_profile=b"no profile"),
    "palette-out-of-range.png": palette_out_of_range,
    "jpeg-in-truth.png": lambda: encoded("JPEG"),
    "no-end.png": lambda: encoded("PNG")[:-12],
    "more-behind.png": lambda: encoded("PNG") + bytes(1000),
    "see-through.png": lambda: saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"),
    "one-bit.png": lambda: saved(Image.new("1", (20, 20)), "PNG"),
}
"""By file name: pictures that are odd, and sound."""


def write_broken(folder: Path) -> set[Path]:
    """Write the broken ones, and what is no file at all: a link to nowhere, a pipe; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content())
    (folder / "dangling.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    return {folder / name for name in (*BROKEN, "dangling.png", "pipe.png")}


def write_odd(folder: Path) -> set[Path]:
    """Write the odd ones; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ODD.items():
        (folder / name).write_bytes(content())
    return {folder / name for name in ODD}
