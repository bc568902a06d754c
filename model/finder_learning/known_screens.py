"""Screenshots whose widgets are known, as the training takes them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from base.arrays import Doubles, Labels, Mask
from model.finding.cells import FOUND_KINDS


@dataclass(frozen=True)
class KnownScreen:
    """A screenshot's encoded bytes, and its N widgets.

    Attributes:
        content: the file.
        size: width and height, px.
        boxes: (N, 4), left, top, width, height.
        kinds: (N,), index in FOUND_KINDS.
        states: N, what each shows.
        enabled: (N,).
        ignored: (N,), neither to be found nor to be left out.
    """

    content: bytes
    size: tuple[int, int]
    boxes: Doubles
    kinds: Labels
    states: tuple[str, ...]
    enabled: Mask
    ignored: Mask


def read_known_screens(folder: Path) -> Iterator[KnownScreen]:
    with (folder / "metadata.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            objects = row["objects"]
            yield KnownScreen(
                (folder / row["file_name"]).read_bytes(),
                (row["width"], row["height"]),
                np.array(objects["bbox"], np.float64).reshape(-1, 4),
                np.array([FOUND_KINDS.index(k) if k in FOUND_KINDS else 0 for k in objects["kind"]], np.int64),
                tuple(objects["state"]),
                np.array(objects["enabled"], bool),
                np.array([i or k not in FOUND_KINDS for i, k in zip(objects["ignored"], objects["kind"])], bool),
            )
