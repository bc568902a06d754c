"""What pictures are known again by, from one look at each: the hashes of file and pixels, and what they look like."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Thumbnails
from base.errors import ImageError
from model.labelled_folders.examples import Example
from model.reading.images import Unreadable, decode_bytes, hash_bytes, read_bytes

SIDE_PX = 24
"""Thumbnails are squares of so many cells a side: small enough for JPEG noise to average out, enough for a tick."""


@dataclass(frozen=True)
class Signature:
    """What a picture is known again by: its SHA-256 in hex and, where that was asked for, its pixels and its looks.

    `pixels` is the SHA-256 of size and RGB pixels, which copies in other formats share. `thumbnail` is (SIDE_PX²,), and
    `aspect` the logarithm of width over height.
    """

    path: Path
    content: str
    pixels: str = ""
    thumbnail: Thumbnails | None = None
    aspect: float = 0.0


def sign_picture(path: Path, content: str, image: Image.Image | None = None) -> Signature:
    """Return the signature of a picture that was read, with its looks if its pixels are given."""
    if image is None:
        return Signature(path, content)
    grey = image.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    pixels = hash_bytes(b"%d %d " % image.size + image.tobytes())
    return Signature(path, content, pixels, np.asarray(grey).ravel(), float(np.log(image.width / image.height)))


def read_signatures(
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    looks: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Signature | Unreadable]:
    """Read each picture once and sign it, without `looks` by its bytes alone; or say why it cannot be read."""
    found: list[Signature | Unreadable] = []
    with ThreadPoolExecutor(threads) as pool:
        for each in pool.map(partial(_read_signature, looks=looks), paths):
            found.append(each)
            if on_progress is not None:
                on_progress(len(found), len(paths))
    return found


def _read_signature(path: Path, *, looks: bool) -> Signature | Unreadable:
    try:
        read = read_bytes(path)
        return sign_picture(path, hash_bytes(read), decode_bytes(read).image if looks else None)
    except ImageError as error:
        return Unreadable(path, str(error))


def add_hashes(
    examples: Iterable[Example], signatures: Iterable[Signature | Unreadable]
) -> tuple[list[Example], list[tuple[Example, str]]]:
    """Return the examples that can be read, with the hashes of their files and pixels, and the others with the reason.

    Args:
        examples: in the order of the signatures.
        signatures: one each.
    """
    sound, broken = list[Example](), list[tuple[Example, str]]()
    for example, signature in zip(examples, signatures, strict=True):
        if isinstance(signature, Unreadable):
            broken.append((example, signature.reason))
        else:
            sound.append(replace(example, content=signature.content, pixels=signature.pixels))
    return sound, broken
