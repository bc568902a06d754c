"""Writers of the encodings in which a picture can come: by hand for PNG, BMP and TIFF, else by Pillow and tifffile.

They know nothing of how pictures are read.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

Samples = npt.NDArray[Any]
"""(height, width) or (height, width, channels)."""

Chunk = tuple[bytes, bytes]

ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""The first row and column of each pass, and how far the next ones are."""

COLOUR_TYPES = {"grey": 0, "rgb": 2, "palette": 3, "grey alpha": 4, "rgb alpha": 6}


def encode_png(
    samples: Samples,
    kind: str,
    *,
    depth: int = 8,
    chunks: Iterable[Chunk] = (),
    last: Iterable[Chunk] = (),
    interlaced: bool = False,
) -> bytes:
    """Write a PNG with every filter in turn; `chunks` stand before the pixels and `last` after them."""
    height, width = samples.shape[:2]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = b"".join(
        _filtered(samples[top::down, left::right], depth)
        for top, left, down, right in passes
        if top < height and left < width
    )
    header = struct.pack(">IIBBBBB", width, height, depth, COLOUR_TYPES[kind], 0, 0, int(interlaced))
    packed = zlib.compress(rows)
    middle = len(packed) // 2
    every = [(b"IHDR", header), *chunks, (b"IDAT", packed[:middle]), (b"IDAT", packed[middle:]), *last, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, every))


def _chunk(chunk: Chunk) -> bytes:
    name, data = chunk
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _filtered(samples: Samples, depth: int) -> bytes:
    lines = pack_bits(samples.reshape(len(samples), -1), depth)
    step = max(1, depth * (samples.shape[2] if samples.ndim == 3 else 1) // 8)
    out, above = b"", np.zeros(lines.shape[1] + step, np.int32)
    for number, row in enumerate(lines.astype(np.int32)):
        line = np.concatenate([np.zeros(step, np.int32), row])
        left, corner = line[:-step], above[:-step]
        guesses = [0, left, above[step:], (left + above[step:]) // 2, _paeth(left, above[step:], corner)]
        out += bytes([number % 5]) + ((row - guesses[number % 5]) % 256).astype(np.uint8).tobytes()
        above = line
    return out


def _paeth(left: Samples, above: Samples, corner: Samples) -> Samples:
    guess = left + above - corner
    distances = [abs(guess - each) for each in (left, above, corner)]
    nearest = np.where(distances[1] <= distances[2], above, corner)
    return np.where((distances[0] <= distances[1]) & (distances[0] <= distances[2]), left, nearest)


def pack_bits(lines: Samples, depth: int, *, order: str = ">") -> npt.NDArray[np.uint8]:
    """Return each line of samples as bytes, the first sample in the highest bits."""
    if depth % 8 == 0:
        return np.ascontiguousarray(lines.astype(f"{order}u{depth // 8}")).view(np.uint8).reshape(len(lines), -1)
    shifts = np.arange(depth)[::-1]
    bits = (lines[:, :, None].astype(np.uint32) >> shifts) & 1
    return np.packbits(bits.reshape(len(lines), -1).astype(np.uint8), axis=1)


def to_depth(levels: npt.NDArray[np.uint8], depth: int) -> Samples:
    """Return 8-bit levels as unsigned samples of a depth."""
    return np.round(levels.astype(np.float64) * ((2**depth - 1) / 255)).astype(np.uint32)


BMP_HEADERS = {"core": 12, "info": 40, "v2": 52, "v3": 56, "v4": 108, "v5": 124}

MASKS = {"565": (0xF800, 0x7E0, 0x1F, 0), "555": (0x7C00, 0x3E0, 0x1F, 0), "8888": (0xFF0000, 0xFF00, 0xFF, 0xFF000000)}


def encode_bmp(
    pixels: npt.NDArray[Any],
    *,
    header: str = "info",
    bits: int = 24,
    masks: str | None = None,
    palette: npt.NDArray[np.uint8] | None = None,
    upside_down: bool = True,
    colours: bytes = b"",
    profile: bytes = b"",
) -> bytes:
    """Write a BMP of whole samples: BGR or BGRA bytes, 16- or 32-bit numbers with `masks`, or indices into `palette`.

    `colours` are 48 bytes of colour space, as they stand in V4 and V5 headers.
    """
    height, width = pixels.shape[:2]
    lines = pack_bits(
        pixels.reshape(height, -1), bits if palette is not None else 8 if masks is None else bits, order="<"
    )
    lines = np.pad(lines, ((0, 0), (0, -lines.shape[1] % 4)))
    data = (lines[::-1] if upside_down else lines).tobytes()
    size = BMP_HEADERS[header]
    if header == "core":
        info = struct.pack("<IHHHH", size, width, height, 1, bits)
        table = b"" if palette is None else palette[:, ::-1].tobytes()
    else:
        code = 3 if masks else 0
        signed = height if upside_down else -height
        used = 0 if palette is None else len(palette)
        info = struct.pack("<IiiHHIIiiII", size, width, signed, 1, bits, code, len(data), 2835, 2835, used, 0)
        info += struct.pack("<IIII", *(MASKS[masks] if masks else (0, 0, 0, 0)))[: 12 if size <= 52 else 16]
        info = info if size > 40 or masks else info[:40]
        table = b"" if palette is None else np.pad(palette[:, ::-1], ((0, 0), (0, 1))).tobytes()
    if size >= 108:
        info += colours or struct.pack("<I", 0x73524742) + bytes(48)
    start = 14 + max(size, len(info)) + len(table)
    if size == 124:
        info += struct.pack(
            "<IIII", 4, start - 14 - len(table) + len(table) + len(data) if profile else 0, len(profile), 0
        )
    return b"BM" + struct.pack("<IHHI", start + len(data) + len(profile), 0, 0, start) + info + table + data + profile


def encode_tiff(
    samples: Samples,
    *,
    photometric: int,
    depth: int,
    kind: int = 1,
    order: str = "<",
    tags: Sequence[tuple[int, str, Any]] = (),
) -> bytes:
    """Write an unpacked TIFF of one strip, of samples of any depth; `kind` is 1 for unsigned, 2 signed, 3 float."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    lines = samples.reshape(height, -1)
    letter = {1: "u", 2: "i", 3: "f"}[kind]
    data = pack_bits(lines, depth).tobytes() if depth % 8 else lines.astype(f"{order}{letter}{depth // 8}").tobytes()
    entries: dict[int, tuple[str, Any]] = {
        256: ("H", [width]),
        257: ("H", [height]),
        258: ("H", [depth] * channels),
        259: ("H", [1]),
        262: ("H", [photometric]),
        273: ("I", [8]),
        277: ("H", [channels]),
        278: ("H", [height]),
        279: ("I", [len(data)]),
        339: ("H", [kind] * channels),
    } | {code: (form, values) for code, form, values in tags}
    return _tiff_file(data + bytes(len(data) % 2), entries, order)


TIFF_TYPES = {"B": 7, "H": 3, "I": 4}


def _tiff_file(data: bytes, entries: dict[int, tuple[str, Any]], order: str) -> bytes:
    directory = 8 + len(data)
    body = struct.pack(f"{order}H", len(entries))
    extra = b""
    after = directory + 2 + 12 * len(entries) + 4
    for code, (form, values) in sorted(entries.items()):
        value = bytes(values) if form == "B" else struct.pack(f"{order}{len(values)}{form}", *values)
        field = value.ljust(4, b"\0")
        if len(value) > 4:
            field = struct.pack(f"{order}I", after + len(extra))
            extra += value + bytes(len(value) % 2)
        body += struct.pack(f"{order}HHI", code, TIFF_TYPES[form], len(values)) + field
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(f"{order}HI", 42, directory) + data + body + bytes(4) + extra


def save(image: Image.Image, format_: str, **options: Any) -> bytes:
    """Write with Pillow."""
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def save_tiff(*pages: Samples, byteorder: str = "<", bigtiff: bool = False, **options: Any) -> bytes:
    """Write with tifffile, a page for each."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder, bigtiff=bigtiff) as writer:
        for page in pages:
            writer.write(page, metadata=None, **options)
    return file.getvalue()


def encode_profile(columns: Sequence[Sequence[float]] | None, gamma: float) -> bytes:
    """Write an ICC profile of a screen: red, green and blue in XYZ of D50, grey where None, and one gamma for all."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(80),
    }
    if columns is None:
        tags[b"kTRC"] = curve
    else:
        tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at, table, data = 132 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, at + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", at + len(data), b"test", 0x02100000, b"mntr", b"RGB " if columns else b"GRAY", b"XYZ "
    )
    head = (head + bytes(12) + b"acsp").ljust(68, b"\0") + _xyz((0.9642, 1.0, 0.8249))[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))
