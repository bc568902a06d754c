"""Tiles cut out of known screenshots, and what the network should answer on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image

from base.arrays import Doubles, Floats, Indices, Labels, Mask, Pixels
from model.finder_learning.known_screens import KnownScreen
from model.finding.cells import CELL_PX, LEAST_SIDE_PX, MOST_SIDE_PX
from model.finding.finder import DEEPEST, deepest_level

TILE_PX = 320
TILES_A_SCREEN = 4
DEPTHS = (0.55, 0.27, 0.12, 0.06)
"""How often a tile is cut out of the picture as it is, and made half as large once, twice and three times."""

ENLARGED = 0.15
"""How often a tile of the picture as it is, is shown twice as large, as the finder looks at what is tiny."""

ENTIRE, PRESENT = 0.9, 0.05
"""Shares of a widget that are on a tile: of one that is to be found, and of one that may be."""

OUTSIDE = 0.2
"""So much of a tile may lie outside of the picture."""

MARGIN = 1.2
"""Widgets so many times too large or too small may be found or not."""


@dataclass(frozen=True)
class ScreenTile:
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


def cut_tiles(screen: KnownScreen, rng: Generator) -> Iterator[ScreenTile]:
    """Yield some tiles of a screenshot, of the picture as it is and made smaller."""
    image = screen.image()
    depths = _depths(screen, rng)
    for depth in sorted(set(depths)):
        small = image.reduce(2**depth) if depth else image
        for _ in range(depths.count(depth)):
            yield _augmented(_cut(small, screen, depth, rng), rng)


def depth_of(side: Doubles) -> Labels:
    """Return how often the picture is to be halved for widgets of these sides."""
    return np.clip(np.floor(np.log2(np.maximum(side, 1) / LEAST_SIDE_PX)), 0, DEEPEST).astype(np.int64)


def _depths(screen: KnownScreen, rng: Generator) -> list[int]:
    """Return how often the picture is made half as large for each of its tiles."""
    deepest = deepest_level(*screen.size)
    present = depth_of(_sides(screen.boxes)[~screen.ignored])
    found = []
    for _ in range(TILES_A_SCREEN):
        if len(present) and rng.random() < 0.6:
            found.append(int(rng.choice(present)))
        else:
            found.append(int(rng.choice(len(DEPTHS), p=DEPTHS)))
    return [min(depth, deepest) for depth in found]


def _cut(image: Image.Image, screen: KnownScreen, depth: int, rng: Generator) -> ScreenTile:
    """Cut a tile out of a picture that was made half as large `depth` times, now and then a little scaled."""
    jitter = float(np.exp(rng.uniform(np.log(0.75), np.log(1.33)))) if rng.random() < 0.35 else 1.0
    if depth == 0 and rng.random() < ENLARGED:
        jitter *= 2
    extent = round(TILE_PX / jitter)
    boxes = screen.boxes * 2.0**-depth
    x, y = _corner(image, boxes[~screen.ignored & (depth_of(_sides(screen.boxes)) == depth)], extent, rng)
    pixels = _read(np.asarray(image), x, y, extent)
    if extent != TILE_PX:
        how = Image.Resampling.BILINEAR if rng.random() < 0.5 else Image.Resampling.BICUBIC
        pixels = np.asarray(Image.fromarray(pixels).resize((TILE_PX, TILE_PX), how))
    placed = (boxes - [x, y, 0, 0]) * (TILE_PX / extent)
    return _tile(pixels, placed, screen, depth)


def _corner(image: Image.Image, boxes: Doubles, extent: int, rng: Generator) -> tuple[int, int]:
    """Return left and top of a tile: mostly such that one of the boxes lies on it."""
    sizes = np.array([image.width, image.height])
    if len(boxes) and rng.random() < 0.65:
        left, top, width, height = boxes[rng.integers(len(boxes))]
        corner = np.array([left + width / 2, top + height / 2]) - rng.uniform(0.1, 0.9, 2) * extent
    else:
        corner = rng.uniform(-0.1, 1, 2) * (sizes - extent * 0.5)
    least = -extent * OUTSIDE
    placed = np.clip(corner, least, np.maximum(least, sizes - extent * (1 - 2 * OUTSIDE))).astype(int)
    if rng.random() < 0.5:  # as the cells lie when the picture is looked at whole
        placed -= placed % CELL_PX
    return int(placed[0]), int(placed[1])


def _tile(pixels: Pixels, placed: Doubles, screen: KnownScreen, depth: int) -> ScreenTile:
    """Return the tile with what is on it of the widgets, whose boxes are placed on it already."""
    sides = _sides(placed)
    least = 0.0 if depth == 0 else LEAST_SIDE_PX
    most = MOST_SIDE_PX if depth < deepest_level(*screen.size) else np.inf
    ends = np.minimum(placed[:, :2] + placed[:, 2:], TILE_PX)
    seen = np.clip(ends - np.maximum(placed[:, :2], 0), 0, None).prod(1)
    share = seen / np.maximum(placed[:, 2:].prod(1), 1e-6)
    whole = (share > ENTIRE) & ~screen.ignored
    wanted = whole & (sides >= least) & (sides < most)
    near = whole & (sides >= least / MARGIN) & (sides < most * MARGIN)
    hinted = (share > PRESENT) & ~wanted & ~screen.ignored & (sides < least)
    passed_over = (share > PRESENT) & ~wanted & (near | screen.ignored | (share <= ENTIRE))
    kept = wanted | passed_over | hinted
    return ScreenTile(pixels, placed[kept], screen.kinds[kept], screen.enabled[kept], wanted[kept], hinted[kept])


def _sides(boxes: Doubles) -> Doubles:
    """Return the sides of squares as large as the boxes."""
    sides: Doubles = np.sqrt(boxes[:, 2] * boxes[:, 3])
    return sides


def _read(pixels: Pixels, x: int, y: int, extent: int) -> Pixels:
    """Return a square of a picture, whose edges go on outside of it."""
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(y, y + extent), 0, height - 1)
    columns = np.clip(np.arange(x, x + extent), 0, width - 1)
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1][rows - rows[0]][:, columns])


def _augmented(tile: ScreenTile, rng: Generator) -> ScreenTile:
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
    return ScreenTile(np.ascontiguousarray(pixels), boxes, tile.kinds, tile.enabled, tile.wanted, tile.hinted)


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


def targets_of(tile: ScreenTile) -> Targets:
    """Return what the network is to answer on a tile."""
    side = TILE_PX // CELL_PX
    weights, hints = np.ones((side, side), np.float32), np.zeros((side, side), np.float32)
    owner, nearest = np.full((side, side), -1, np.int64), np.full((side, side), np.inf)
    for index in np.argsort(tile.wanted, kind="stable"):  # what is wanted has the last word
        down, across = _distances(tile.boxes[index])
        half = tile.boxes[index, 2:] / 2
        if tile.wanted[index]:
            around = _cells_within(down, across, half + CELL_PX / 2)
            weights[around] = np.where(owner[around] >= 0, weights[around], 0)
            cells = _cells_within(down, across, np.clip(half, CELL_PX * 0.51, CELL_PX * 0.95))
            distance = down[cells[0]] ** 2 + across[cells[1]] ** 2
            closer = distance < nearest[cells]
            nearest[cells] = np.where(closer, distance, nearest[cells])
            owner[cells] = np.where(closer, index, owner[cells])
        elif tile.hinted[index]:
            hints[_cells_within(down, across, half + CELL_PX / 4)] = 1
            hints[down.argmin(), across.argmin()] = 1
        if not tile.wanted[index] and not (tile.hinted[index] and half.min() * 2 < LEAST_SIDE_PX / MARGIN):
            cells = _cells_within(down, across, half + CELL_PX)
            hints[cells] = np.where(hints[cells] == 1, 1, -1)
            weights[cells] = 0
    weights[owner >= 0] = 1
    return _owned(tile, owner, nearest, weights, hints)


def _owned(tile: ScreenTile, owner: Labels, nearest: Doubles, weights: Floats, hints: Floats) -> Targets:
    """Return the targets; `owner` is the widget that each cell is to answer with, -1 where there is none."""
    cells = np.argwhere(owner >= 0)
    owners = owner[cells[:, 0], cells[:, 1]]
    distances = nearest[cells[:, 0], cells[:, 1]]
    boxes = tile.boxes[owners].astype(np.float32).reshape(-1, 4)
    boxes[:, :2] += boxes[:, 2:] / 2
    closeness = np.zeros(len(owners), np.float32)
    for index in set(owners.tolist()):
        mine = np.flatnonzero(owners == index)
        closeness[mine[distances[mine].argmin()]] = 1
    enabled = tile.enabled[owners].astype(np.float32)
    return Targets(weights, cells, boxes, tile.kinds[owners], enabled, closeness, hints)


def _distances(box: Doubles) -> tuple[Doubles, Doubles]:
    """Return how far the rows, and the columns, of cells are from the centre of a box, px."""
    middles = (np.arange(TILE_PX // CELL_PX) + 0.5) * CELL_PX
    return np.abs(middles - box[1] - box[3] / 2), np.abs(middles - box[0] - box[2] / 2)


def _cells_within(down: Doubles, across: Doubles, reach: Doubles) -> tuple[Indices, ...]:
    """Return the rows and columns of cells that are no further than `reach`, across and down."""
    return np.ix_(down <= reach[1], across <= reach[0])
