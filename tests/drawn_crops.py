"""Data sets as `generate` writes them, drawn by Pillow: for tests that need a manifest and no browser."""

import hashlib
import json
from pathlib import Path

from base.files import write_json, write_jsonl
from generator.crops.manifest import MANIFEST, ManifestRow
from generator.crops.page import plain
from generator.formats.dataset_json import DESCRIPTION, Description
from generator.sampling.cell import Cell, draw_cell
from generator.sampling.sampling_weights import SamplingWeights
from tests.crops import draw_crop
from tests.families import BOX, WORD, family, palette

FAMILIES = ("box", "lamp", "word")
DRAWN = palette(family("box", BOX), family("lamp", BOX), family("word", WORD))


def write_drawn(folder: Path, count: int, *, weights: SamplingWeights | None = None) -> Path:
    """Write `count` crops and their manifest; those of the family lamp are turned to the colours' opposite."""
    rows = []
    for style in range(count):
        cell = draw_cell(DRAWN, seed=0, style=style)
        picture = draw_crop(cell.state, style)
        if cell.family == "lamp":
            picture = picture.point(lambda level: 255 - level)
        path = folder / cell.state / f"{style:07d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        rows.append(_row(cell, path.read_bytes(), picture.size).model_dump_json())
    write_jsonl(folder / MANIFEST, rows)
    write_json(folder / DESCRIPTION, _description(count, weights).to_dict())
    return folder


def _row(cell: Cell, png: bytes, size: tuple[int, int]) -> ManifestRow:
    view = cell.views[0]
    return ManifestRow(
        file_name=f"{cell.state}/{cell.style:07d}.png",
        label=cell.state,
        family=cell.family,
        kind=cell.kind,
        group=f"0-{cell.style}",
        box=(8, 8, 20, 20),
        width=size[0],
        height=size[1],
        index=cell.style,
        page=0,
        slot=cell.style,
        scale=1.0,
        subpixel_text=False,
        theme=plain(cell.theme),
        params=json.dumps(cell.params),
        layout=plain(cell.layout),
        window=plain(view.window),
        degradation=plain(view.degradation),
        library="",
        browser="none",
        sha256=hashlib.sha256(png).hexdigest(),
    )


def _description(count: int, weights: SamplingWeights | None) -> Description:
    return Description(
        n=count,
        seed=0,
        views=1,
        pairs=False,
        format="folder",
        command="none",
        families=dict.fromkeys(FAMILIES, "none"),
        shared="none",
        browser="none",
        fonts=("sans-serif",),
        scripts=("latin",),
        versions={},
        weights=weights,
    )
