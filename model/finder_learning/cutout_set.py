"""Crops out of known screenshots, to train the network that reads crops: widgets, and what a finder took for one."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from base.arrays import Doubles, Floats
from base.files import atomic_open, write_bytes
from generator.crops.manifest import MANIFEST
from model.finder_learning.known_screens import UNKNOWN_KIND, KnownScreen
from model.finding.cells import FOUND_KINDS, overlaps
from model.finding.cutouts import ROOM, cutout_box
from model.finding.finder import Finder
from model.finding.scanner import NO_WIDGET

ROOMS = (0.1, 0.8)
"""Between which shares of a widget's shorter side its crop shows what is around it; `cutouts` takes one."""

JITTER = 0.06
"""How far a box is moved at random, in shares of its shorter side: a finder's boxes are not exact either."""

MOST_MISTAKES = 5
"""Crops of what is no widget from one screenshot, those that the finder is surest of."""

FREE = 0.02
"""What overlaps every widget by no more than this (IoU) is none."""


def write_cutouts(screens: Iterable[KnownScreen], finder: Finder, out: Path, *, seed: int) -> int:
    """Write crops into class folders with a manifest, as a training takes them; return how many.

    Args:
        screens: each is opened once.
        finder: its mistakes become crops of the class `other`.
        out: is made.
        seed: of where crops end.
    """
    rows = []
    for number, screen in enumerate(screens):
        rng = np.random.default_rng((seed, number))
        image = Image.open(io.BytesIO(screen.content)).convert("RGB")
        for place, (label, kind, box) in enumerate([*_widgets(screen, rng), *_mistakes(screen, finder, image, rng)]):
            name = f"{label}/{number:06d}-{place:03d}.png"
            known = {"file_name": name, "label": label, "kind": kind, "group": str(number)}
            rows.append(known | _write(image, box, out / name, rng))
    with atomic_open(out / MANIFEST) as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows).encode())
    return len(rows)


def _widgets(screen: KnownScreen, rng: Generator) -> Iterator[tuple[str, str, Sequence[float]]]:
    for box, state, kind, ignored in zip(screen.boxes, screen.states, screen.kinds, screen.ignored, strict=True):
        if not ignored and state and kind != UNKNOWN_KIND:
            moved = box + rng.normal(0, JITTER * min(box[2:]), 4)
            yield state, FOUND_KINDS[kind], np.maximum(moved, [0, 0, 2, 2]).tolist()


def _mistakes(
    screen: KnownScreen, finder: Finder, image: Image.Image, rng: Generator
) -> Iterator[tuple[str, str, Sequence[float]]]:
    found = finder.candidates(image)
    free = [box for box in found.boxes if _is_free(box, screen.boxes)]
    for box in free[:MOST_MISTAKES]:
        yield NO_WIDGET, "none", box.tolist()


def _is_free(box: Floats, widgets: Doubles) -> bool:
    if not len(widgets):
        return True
    centre = box[:2] + box[2:] / 2
    within = ((centre >= widgets[:, :2]) & (centre <= widgets[:, :2] + widgets[:, 2:])).all(1).any()
    return not within and float(overlaps(box, widgets.astype(np.float32)).max()) <= FREE


def _write(image: Image.Image, box: Sequence[float], path: Path, rng: Generator) -> dict[str, object]:
    """Write the crop around a box; return what the manifest says of where the widget is in it."""
    room = float(rng.uniform(*ROOMS)) if rng.random() < 0.7 else ROOM
    left, top, right, bottom = cutout_box(box, image.size, room=room)
    file = io.BytesIO()
    image.crop((left, top, right, bottom)).save(file, "PNG", compress_level=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, file.getvalue())
    return {"box": [round(box[0] - left, 1), round(box[1] - top, 1), round(box[2], 1), round(box[3], 1)]}
