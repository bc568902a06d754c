"""Pictures and labels in IDX files, the format of MNIST and Fashion-MNIST, made into class folders."""

import gzip
import json
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Labels, Pixels
from base.counting import counted
from base.errors import InputError, MissingError
from base.files import claim_folder, write_jsonl
from base.progress import OnProgress, mute_progress
from base.spelling import refuse_spellings, tidy_name
from base.tabular.class_names import refuse_class_names
from generator.crops.manifest import MANIFEST

GZIP = b"\x1f\x8b"
UNFINISHED = ".unfinished"
UNSIGNED_BYTES = 8
"""IDX's code for the type of the values; no other is read."""


@dataclass(frozen=True)
class IdxImport:
    """Class folders that were written from IDX files: how many pictures of each class."""

    folder: Path
    classes: dict[str, int]

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {count}" for name, count in self.classes.items())
        return f"{counted(sum(self.classes.values()), 'picture')} in {self.folder}: {shown}"


def import_idx(
    images: Path,
    labels: Path,
    out: Path,
    *,
    names: Path | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> IdxImport:
    """Write the pictures of two IDX files into class folders, with metadata.jsonl; values and order stay.

    Both files may be compressed by gzip. A picture is called by its number, and is one of `height` x `width` grey
    pixels or, in a file of four dimensions, of as many with three colours. Format: http://yann.lecun.com/exdb/mnist/.

    Args:
        images: unsigned bytes, (N, height, width) or (N, height, width, 3).
        labels: unsigned bytes, (N,).
        out: the folder to write; empty or new.
        names: a text file, a line a label from 0 on; classes are called by their number when None.
        overwrite: delete what an earlier import left in `out`.
        on_progress: called with (done, total).

    Raises:
        MissingError: a file is not there.
        InputError: a file is not what it should be, the two differ in length, or a label has no name.
        OutputExistsError: `out` is not empty.
    """
    pixels, numbers = read_idx(images), read_idx(labels)
    _require_pictures(images, pixels)
    if numbers.ndim != 1:
        raise InputError(f"{labels} has {counted(numbers.ndim, 'dimension')}; labels have one: name the two in order")
    if len(pixels) != len(numbers):
        raise InputError(f"{images} has {counted(len(pixels), 'picture')}, but {labels} {len(numbers)} labels")
    called = _name_labels(numbers, labels, names)
    claim_folder(out, overwrite=overwrite)
    labelled = [called[number] for number in numbers.tolist()]
    _write(pixels, labelled, out, on_progress or mute_progress)
    return IdxImport(out, dict(sorted(Counter(labelled).items())))


def _write(pixels: Pixels, labelled: Sequence[str], out: Path, report: OnProgress) -> None:
    """Write the pictures beside their place, and put the folders there when all are written."""
    place = out / UNFINISHED
    for name in {*labelled}:
        (place / name).mkdir(parents=True)
    digits = len(str(len(labelled) - 1))
    names = [f"{label}/{index:0{digits}d}.png" for index, label in enumerate(labelled)]
    for index, name in enumerate(names):
        Image.fromarray(pixels[index]).save(place / name)
        report(index + 1, len(names))
    for folder in place.iterdir():
        folder.rename(out / folder.name)
    place.rmdir()
    rows = zip(names, labelled, strict=True)
    write_jsonl(out / MANIFEST, (json.dumps({"file_name": name, "label": label}) for name, label in rows))


def read_idx(path: Path) -> Pixels:
    """Return the array of unsigned bytes in an IDX file, compressed by gzip or not.

    Raises:
        MissingError: there is no such file.
        InputError: it is a folder, or no such file: its magic number, type or size is not what it should be.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; an IDX file is needed")
    if not path.exists():
        raise MissingError(f"no IDX file {path}")
    content = _unpack(path)
    if len(content) < 4 or content[:2] != b"\0\0" or not 1 <= content[3] <= 4:
        found = content[:4].hex(" ") or "nothing"
        raise InputError(f"{path} is no IDX file: it begins with {found}, and should with 00 00, a type and 1 to 4")
    kind, dimensions = content[2], content[3]
    if kind != UNSIGNED_BYTES:
        raise InputError(f"{path} holds values of type {kind:#04x}; only unsigned bytes, 0x08, are read")
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise InputError(f"{path} ends within its head, after {counted(len(content), 'byte')}")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    size = int(np.prod(shape, dtype=object))
    if len(content) - start != size:
        says = " x ".join(map(str, shape))
        raise InputError(f"{path} says {says} and should hold {size} values, but holds {len(content) - start}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _unpack(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} is compressed by gzip, and damaged: {error}") from error


def _require_pictures(path: Path, pixels: Pixels) -> None:
    coloured = pixels.ndim == 4 and pixels.shape[3] == 3
    if pixels.ndim != 3 and not coloured:
        says = " x ".join(map(str, pixels.shape))
        wanted = "pictures are N x height x width, or that x 3"
        raise InputError(f"{path} holds {says} values; {wanted}: name the file of pictures first")
    if 0 in pixels.shape:
        raise InputError(f"{path} holds no pictures: it says {' x '.join(map(str, pixels.shape))}")


def _name_labels(numbers: Labels | Pixels, labels: Path, names: Path | None) -> Sequence[str]:
    most = int(numbers.max()) if len(numbers) else -1
    if names is None:
        return [str(number) for number in range(most + 1)]
    if not names.is_file():
        raise MissingError(f"no file of names {names}")
    try:
        called = [tidy_name(line) for line in names.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{names} is no text in UTF-8: {error}") from error
    if most >= len(called):
        raise InputError(f"{names} has {counted(len(called), 'name')}, but {labels} a label {most}, which has none")
    refuse_class_names(called, str(names))
    if len(set(called)) < len(called):
        raise InputError(f"{names}: {next(n for n in called if called.count(n) > 1)!r} is named twice")
    refuse_spellings(called, what="names", where=str(names))
    return called
