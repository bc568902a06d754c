"""Crops drawn with Pillow, for tests that need pictures but no browser."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

LABELS = ("checked", "other", "unchecked")


def draw_crop(label: str, seed: int) -> Image.Image:
    """Draw a box, filled for checked and empty for unchecked, or a row of bars like text for any other label."""
    rng = random.Random(f"{label}/{seed}")
    ink = tuple(rng.randrange(120) for _ in range(3))
    image = Image.new("RGB", (rng.randrange(50, 110), rng.randrange(40, 56)), (245, 245, 245))
    pen = ImageDraw.Draw(image)
    left, top, side = rng.randrange(4, 12), rng.randrange(4, 12), rng.randrange(18, 24)
    if label in ("checked", "unchecked"):
        fill = ink if label == "checked" else None
        pen.rectangle((left, top, left + side, top + side), fill=fill, outline=ink, width=2)
    else:
        for step in range(5):
            pen.rectangle((left + 8 * step, top, left + 8 * step + 3, top + rng.randrange(8, 16)), fill=ink)
    return image


def write_crops(folder: Path, count: int, *, labels: Sequence[str] = LABELS, first_seed: int = 0) -> Path:
    """Write `count` crops of each label into class folders; return `folder`."""
    for label in labels:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for seed in range(first_seed, first_seed + count):
            draw_crop(label, seed).save(folder / label / f"{seed:04}.png")
    return folder
