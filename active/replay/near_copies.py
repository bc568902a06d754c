"""Copies of pictures with small changes: what a pool of screenshots of the same few screens is full of."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageEnhance

from base.errors import ImageError
from base.files import write_bytes
from base.seeds import rng_for
from model.labelled_folders.folders import Example
from model.reading.images import content_hash, decode_bytes, hash_bytes
from model.reading.picture_reference import file_picture

MOST_CUT_PX = 2


def write_copies(
    examples: Sequence[Example], folder: Path, *, copies: int, on_progress: Callable[[int, int], None]
) -> list[Example]:
    """Return the examples and, after each, its changed copies, `copies` in all; files that are there are kept.

    A copy is in the group of its original. What cannot be read is not copied.
    """
    everything = list[Example]()
    for number, example in enumerate(examples):
        everything.append(example)
        for copy in range(1, copies):
            path = folder / example.label / f"{number:05}-{copy}.png"
            try:
                content = _write_copy(example, path, rng_for(0, "copy", number, copy))
            except ImageError:
                continue
            everything.append(replace(example, path=path, content=content))
        on_progress(number + 1, len(examples))
    return everything


def _write_copy(original: Example, path: Path, rng: random.Random) -> str:
    """Write a changed copy, unless it is there, and return the SHA-256 of its bytes."""
    if path.exists():
        return content_hash(path)
    read, _ = file_picture(original.path, content=original.content).read_hashed(always=False)
    buffer = io.BytesIO()
    change(decode_bytes(read).image, rng).save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())
    return hash_bytes(buffer.getvalue())


def change(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return the picture as another screenshot of the same thing: cut a little, brighter or darker, compressed."""
    left, top, right, bottom = (rng.randint(0, MOST_CUT_PX) for _ in range(4))
    if image.width > 8 * MOST_CUT_PX and image.height > 8 * MOST_CUT_PX:
        image = image.crop((left, top, image.width - right, image.height - bottom))
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.95, 1.03))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(80, 95))
    return Image.open(buffer).convert("RGB")
