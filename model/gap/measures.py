"""Picture statistics: what a crop looks like in plain numbers, with no network and no label."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from base.arrays import Floats, Levels, Mask, Pixels, Tallies

NEAR = 3
"""Channel levels within which two colours count as one but for noise."""

CONTENT = 24
"""Channel levels by which content stands out from the ground."""

SHORTEST_PX = 6
"""Smaller pictures are extended to this by repeating their edges: differences over four pixels need room."""

SIZE, COLOUR, FINISH, FRAMING = "size", "colour", "finish", "framing"


@dataclass(frozen=True)
class Statistic:
    """What a number says, and the part of a picture's look that it belongs to."""

    aspect: str
    meaning: str


STATISTICS: Mapping[str, Statistic] = {
    "width_px": Statistic(SIZE, "width of the crop"),
    "height_px": Statistic(SIZE, "height of the crop"),
    "aspect": Statistic(SIZE, "width over height"),
    "content_width_px": Statistic(SIZE, "width of the box round the content"),
    "content_height_px": Statistic(SIZE, "height of the box round the content"),
    "stroke_px": Statistic(SIZE, "mean width of a run of content"),
    "luminance": Statistic(COLOUR, "mean lightness, 0 to 1"),
    "contrast": Statistic(COLOUR, "standard deviation of the lightness"),
    "saturation": Statistic(COLOUR, "mean of the largest channel less the smallest, 0 to 1"),
    "saturated_share": Statistic(COLOUR, "share of pixels that are clearly coloured"),
    "red_share": Statistic(COLOUR, "share of the coloured pixels that are mostly red"),
    "green_share": Statistic(COLOUR, "share of the coloured pixels that are mostly green"),
    "blue_share": Statistic(COLOUR, "share of the coloured pixels that are mostly blue"),
    "ground_luminance": Statistic(COLOUR, "lightness of the ground, the commonest colour on the border"),
    "ground_saturation": Statistic(COLOUR, "saturation of the ground"),
    "ground_share": Statistic(COLOUR, "share of pixels that have the ground's colour but for noise"),
    "ground_purity": Statistic(FINISH, "share of those that have it exactly; noise and gradients lower it"),
    "colours": Statistic(FINISH, "number of different colours"),
    "grain": Statistic(FINISH, "share of neighbours that differ by 1 to 3 levels: noise, compression, gradients"),
    "edges": Statistic(FINISH, "share of neighbours with a clear edge between them"),
    "sharpness": Statistic(FINISH, "1 for a lone hard step, more for thin lines, towards 0 where edges are soft"),
    "content_share": Statistic(FRAMING, "share of pixels that stand out from the ground"),
    "border_busy": Statistic(FRAMING, "share of border pixels with content: how much is cut off"),
    "margin_left_px": Statistic(FRAMING, "ground to the left of the content"),
    "margin_right_px": Statistic(FRAMING, "ground to the right of the content"),
    "margin_top_px": Statistic(FRAMING, "ground above the content"),
    "margin_bottom_px": Statistic(FRAMING, "ground below the content"),
    "balance_x": Statistic(FRAMING, "where the content's weight lies, 0 left to 1 right"),
    "balance_y": Statistic(FRAMING, "where the content's weight lies, 0 top to 1 bottom"),
}
"""Every statistic, in the order of `measure_pictures`'s values."""


def measure_pictures(pixels: Pixels) -> dict[str, float]:
    """Return the statistics of an RGB picture (H, W, 3), named as in STATISTICS."""
    height, width = pixels.shape[:2]
    values = {"width_px": float(width), "height_px": float(height), "aspect": width / height}
    room = [(0, max(0, SHORTEST_PX - length)) for length in (height, width)]
    levels = np.pad(pixels, [*room, (0, 0)], mode="edge").astype(np.int16)
    ground = _ground(levels)
    distance = _largest(np.abs(levels - ground))
    values |= _tone(levels) | _colours(levels)
    values |= _ground_values(ground, distance) | _edges(levels) | _content(distance > CONTENT)
    return {name: values[name] for name in STATISTICS}


def _ground(levels: Levels) -> Levels:
    """Return the commonest colour on the border."""
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    _, places, counts = np.unique(_packed(border), return_index=True, return_counts=True)
    commonest: Levels = border[places[counts.argmax()]]
    return commonest


def _packed(levels: Levels) -> npt.NDArray[np.int32]:
    """Return each colour as one number; rows of three take numpy 20 times as long to compare."""
    wide = levels.astype(np.int32)
    packed: npt.NDArray[np.int32] = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
    return packed


def _luminance(levels: Levels) -> Floats:
    weighed: Floats = (levels @ np.array([0.2126, 0.7152, 0.0722], np.float32) / 255).astype(np.float32)
    return weighed


def _tone(levels: Levels) -> dict[str, float]:
    luminance = _luminance(levels)
    return {"luminance": float(luminance.mean()), "contrast": float(luminance.std())}


def _colours(levels: Levels) -> dict[str, float]:
    spread = _largest(levels) + _largest(-levels)
    coloured = levels[spread > 64]
    strongest = coloured.argmax(1) if len(coloured) else np.array([], np.int64)
    shares = np.bincount(strongest, minlength=3) / max(1, len(strongest))
    return {
        "saturation": float(spread.mean() / 255),
        "saturated_share": len(coloured) / spread.size,
        "red_share": float(shares[0]),
        "green_share": float(shares[1]),
        "blue_share": float(shares[2]),
        "colours": float(len(np.unique(_packed(levels)))),
    }


def _ground_values(ground: Levels, distance: Levels) -> dict[str, float]:
    near = distance <= NEAR
    border = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    return {
        "ground_luminance": float(_luminance(ground[None, None])[0, 0]),
        "ground_saturation": float((ground.max() - ground.min()) / 255),
        "ground_share": float(near.mean()),
        "ground_purity": float((distance == 0).sum() / near.sum()),
        "border_busy": float((border > CONTENT).mean()),
    }


def _edges(levels: Levels) -> dict[str, float]:
    steps = np.concatenate([_steps(levels, axis, 1).ravel() for axis in (0, 1)])
    long_steps = [_steps(levels, axis, 4) for axis in (0, 1)]
    energy = float(np.square(steps, dtype=np.float32).sum())
    # A hard step of height A is one short step of A, but four long ones; a ramp spreads the short ones thin.
    long_energy = sum(float(np.square(step, dtype=np.float32).sum()) for step in long_steps)
    return {
        "grain": float(((steps > 0) & (steps <= NEAR)).mean()),
        "edges": float((steps > CONTENT).mean()),
        "sharpness": 4 * energy / long_energy if long_energy else 0.0,
    }


def _steps(levels: Levels, axis: int, reach: int) -> Levels:
    """Return the largest channel difference between pixels `reach` apart."""
    before = levels[:-reach] if axis == 0 else levels[:, :-reach]
    after = levels[reach:] if axis == 0 else levels[:, reach:]
    return _largest(np.abs(after - before))


def _largest(levels: Levels) -> Levels:
    """Return the largest of three channels; numpy's own maximum over so short an axis takes ten times as long."""
    largest: Levels = np.maximum(np.maximum(levels[..., 0], levels[..., 1]), levels[..., 2])
    return largest


def _content(content: Mask) -> dict[str, float]:
    height, width = content.shape
    columns, rows = content.sum(0), content.sum(1)
    total = int(columns.sum())
    left, right = _extent(columns)
    top, bottom = _extent(rows)
    starts = int((content[:, 1:] & ~content[:, :-1]).sum() + content[:, 0].sum())
    return {
        "stroke_px": total / max(1, starts),
        "content_share": total / content.size,
        "content_width_px": float(right - left),
        "content_height_px": float(bottom - top),
        "margin_left_px": float(left),
        "margin_right_px": float(width - right),
        "margin_top_px": float(top),
        "margin_bottom_px": float(height - bottom),
        "balance_x": float(columns @ np.arange(width)) / max(1, total) / (width - 1) if total else 0.5,
        "balance_y": float(rows @ np.arange(height)) / max(1, total) / (height - 1) if total else 0.5,
    }


def _extent(counts: Tallies) -> tuple[int, int]:
    """Return the first index with content and the one after the last; the whole length where there is none."""
    filled = np.flatnonzero(counts)
    return (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (len(counts), len(counts))
