"""Tiles cut out of known screenshots, and what the network should answer on them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image

from base.arrays import Doubles, Floats, Labels, Mask, Pixels
from model.finder_learning.known_screens import KnownScreen
from model.finding.cells import CELL_PX, LARGEST_PX, SMALLEST_PX

TILE_PX = 320
TILES_A_SCREEN = 4
DEEPEST = 3
"""How often at most the picture is made half as large."""

MARGIN = 1.2
"""Widgets so many times too large or too small may be found or not."""


@dataclass(frozen=True)
class Tile:
    """A part of a screenshot, and its widgets.

    Attributes:
        pixels: (TILE_PX, TILE_PX, 3).
        boxes: (N, 4), left, top, width, height on the tile.
        kinds: (N,).
        enabled: (N,).
        wanted: (N,), to be found.
        hinted: (N,), so small that it is to be found on the picture twice as large; what is neither is passed over.
    """

    pixels: Pixels
    boxes: Doubles
    kinds: Labels
    enabled: Mask
    wanted: Mask
    hinted: Mask


def cut_tiles(screen: KnownScreen, rng: Generator) -> Iterator[Tile]:
    """Yield some tiles of a screenshot, of the picture as it is and made smaller."""
    image = Image.open(io.BytesIO(screen.content)).convert("RGB")
    depths = _depths(screen, rng)
    for depth in sorted(set(depths)):
        small = image.reduce(2**depth) if depth else image
        for _ in range(depths.count(depth)):
            yield _augmented(_cut(small, screen, depth, rng), rng)


def depth_of(side: Doubles) -> Labels:
    """Return how often the picture is to be halved for widgets of these sides."""
    return np.clip(np.floor(np.log2(np.maximum(side, 1) / SMALLEST_PX)), 0, DEEPEST).astype(np.int64)


def _depths(screen: KnownScreen, rng: Generator) -> list[int]:
    deepest = min(DEEPEST, int(np.log2(max(1, min(screen.size) / 64))))
    sides = np.sqrt(screen.boxes[:, 2] * screen.boxes[:, 3])
    present = depth_of(sides[~screen.ignored]).clip(0, deepest)
    found = []
    for _ in range(TILES_A_SCREEN):
        if len(present) and rng.random() < 0.6:
            found.append(int(rng.choice(present)))
        else:
            found.append(int(rng.choice(4, p=[0.55, 0.27, 0.12, 0.06])))
    return [min(depth, deepest) for depth in found]


def _cut(image: Image.Image, screen: KnownScreen, depth: int, rng: Generator) -> Tile:
    jitter = float(np.exp(rng.uniform(np.log(0.75), np.log(1.33)))) if rng.random() < 0.35 else 1.0
    side = TILE_PX / jitter
    scale = 2.0**-depth
    boxes = screen.boxes * scale
    height, width = image.height, image.width
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    fits = np.flatnonzero(~screen.ignored & (depth_of(np.sqrt(screen.boxes[:, 2] * screen.boxes[:, 3])) == depth))
    if len(fits) and rng.random() < 0.65:
        x, y = middles[rng.choice(fits)] - rng.uniform(0.1, 0.9, 2) * side
    else:
        x, y = rng.uniform(-0.1, 1, 2) * (np.array([width, height]) - side * 0.5)
    x, y = (int(np.clip(v, -side * 0.2, max(-side * 0.2, length - side * 0.6))) for v, length in ((x, width), (y, height)))
    cell_shift = rng.integers(0, CELL_PX, 2) if rng.random() < 0.5 else (0, 0)
    if rng.random() < 0.5:  # as the picture lies when it is looked at whole
        x, y = x - x % CELL_PX - int(cell_shift[0]), y - y % CELL_PX - int(cell_shift[1])
    extent = round(side)
    pixels = _read(np.asarray(image), x, y, extent)
    if jitter != 1.0:
        how = Image.Resampling.BILINEAR if rng.random() < 0.5 else Image.Resampling.BICUBIC
        pixels = np.asarray(Image.fromarray(pixels).resize((TILE_PX, TILE_PX), how, reducing_gap=None))
    factor = TILE_PX / extent
    placed = (boxes - [x, y, 0, 0]) * factor
    area_side = np.sqrt(placed[:, 2] * placed[:, 3])
    low = 0.0 if depth == 0 else SMALLEST_PX
    deepest = min(DEEPEST, int(np.log2(max(1, min(screen.size) / 64))))
    high = LARGEST_PX if depth < deepest else 8 * LARGEST_PX
    visible = np.clip(np.minimum(placed[:, :2] + placed[:, 2:], TILE_PX) - np.maximum(placed[:, :2], 0), 0, None).prod(1)
    share = visible / np.maximum(placed[:, 2] * placed[:, 3], 1e-6)
    inside = share > 0.05
    wanted = (area_side >= low) & (area_side < high) & ~screen.ignored & (share > 0.9)
    near = (area_side >= low / MARGIN) & (area_side < high * MARGIN) & (share > 0.9) & ~screen.ignored
    nearly = inside & ~wanted & (near | screen.ignored | (share <= 0.9))
    hinted = inside & ~wanted & (area_side < low) & ~screen.ignored & (depth > 0)
    keep = (inside & wanted) | nearly | hinted
    return Tile(pixels, placed[keep], screen.kinds[keep], screen.enabled[keep], wanted[keep], hinted[keep])


def _read(pixels: Pixels, x: int, y: int, extent: int) -> Pixels:
    """Return a square of a picture, whose edges go on outside of it."""
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(y, y + extent), 0, height - 1)
    columns = np.clip(np.arange(x, x + extent), 0, width - 1)
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1][rows - rows[0]][:, columns])


def _augmented(tile: Tile, rng: Generator) -> Tile:
    pixels, boxes = tile.pixels, tile.boxes
    if rng.random() < 0.3:
        pixels = pixels[:, ::-1]
        boxes = boxes.copy()
        boxes[:, 0] = TILE_PX - boxes[:, 0] - boxes[:, 2]
    if rng.random() < 0.15:
        pixels = 255 - pixels
    if rng.random() < 0.2:
        pixels = pixels[:, :, rng.permutation(3)]
    if rng.random() < 0.35:
        gain, offset = rng.uniform(0.6, 1.25), rng.uniform(-30, 40)
        pixels = np.clip((pixels.astype(np.float32) - 128) * gain + 128 + offset, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, 2).astype(np.uint8)
    return Tile(np.ascontiguousarray(pixels), boxes, tile.kinds, tile.enabled, tile.wanted, tile.hinted)


@dataclass(frozen=True)
class Targets:
    """What the network should answer on a tile; P cells hold a widget.

    Attributes:
        weights: (h, w), 0 where a cell may say what it likes.
        cells: (P, 2), row and column.
        boxes: (P, 4), centre and size on the tile.
        kinds: (P,).
        enabled: (P,).
        closeness: (P,), 1 at the cell that lies nearest to the centre.
        hints: (h, w), 1 where the picture is worth a look at twice the size, -1 where the cell may say what it likes.
    """

    weights: Floats
    cells: Labels
    boxes: Floats
    kinds: Labels
    enabled: Floats
    closeness: Floats
    hints: Floats


def targets_of(tile: Tile) -> Targets:
    side = TILE_PX // CELL_PX
    weights = np.ones((side, side), np.float32)
    centre_of = (np.arange(side) + 0.5) * CELL_PX
    owner = np.full((side, side), -1)
    best = np.full((side, side), np.inf)
    hints = np.zeros((side, side), np.float32)
    order = np.argsort(tile.wanted, kind="stable")  # wanted ones last: they win
    for index in order:
        left, top, width, height = tile.boxes[index]
        x, y = left + width / 2, top + height / 2
        dx, dy = np.abs(centre_of - x), np.abs(centre_of - y)
        if tile.hinted[index]:
            hints[np.ix_(dy <= height / 2 + CELL_PX / 4, dx <= width / 2 + CELL_PX / 4)] = 1
            hints[dy.argmin(), dx.argmin()] = 1
            if not tile.wanted[index] and min(width, height) < SMALLEST_PX / MARGIN:
                continue
        if not tile.wanted[index]:
            hints_here = np.ix_(dy <= height / 2 + CELL_PX, dx <= width / 2 + CELL_PX)
            hints[hints_here] = np.where(hints[hints_here] == 1, 1, -1)
            area = np.ix_(dy <= height / 2 + CELL_PX, dx <= width / 2 + CELL_PX)
            weights[area] = 0
            continue
        around = np.ix_(dy <= height / 2 + CELL_PX / 2, dx <= width / 2 + CELL_PX / 2)
        weights[around] = np.where(owner[around] >= 0, weights[around], 0)
        reach_x, reach_y = max(CELL_PX * 0.51, min(width / 2, CELL_PX * 0.95)), max(CELL_PX * 0.51, min(height / 2, CELL_PX * 0.95))
        rows, columns = np.flatnonzero(dy <= reach_y), np.flatnonzero(dx <= reach_x)
        for row in rows:
            for column in columns:
                distance = dx[column] ** 2 + dy[row] ** 2
                if distance < best[row, column]:
                    best[row, column], owner[row, column] = distance, index
    cells = np.argwhere(owner >= 0)
    for row, column in cells:
        weights[row, column] = 1
    owners = owner[cells[:, 0], cells[:, 1]]
    boxes = tile.boxes[owners].astype(np.float32).reshape(-1, 4)
    boxes[:, :2] += boxes[:, 2:] / 2
    closeness = np.zeros(len(owners), np.float32)
    distances = best[cells[:, 0], cells[:, 1]]
    for index in set(owners.tolist()):
        mine = np.flatnonzero(owners == index)
        closeness[mine[distances[mine].argmin()]] = 1
    return Targets(weights, cells, boxes, tile.kinds[owners], tile.enabled[owners].astype(np.float32), closeness, hints)
