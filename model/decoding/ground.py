"""Pictures that can be seen through: which ground is laid under them, so that what they show can be seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from base.arrays import Mask, Opacity, Pixels
from model.decoding.raster import spans

GROUNDS = {"white": 255, "black": 0, "grey": 128}
"""By preference."""

OPAQUE_ENOUGH = 0.9
"""The share of opacity from which a picture is laid over white whatever it shows: only its corners are missing.

Not where most pixels can be seen through a little, nor where it is a hole in one colour that is to be seen, nor where
what lies around a hole is white itself.
"""

VISIBLY = 250
"""Opacity from which nobody sees the ground: some programs write 254 for all."""

CORNER = 6
"""What lies further from the edge than the shorter side over this is in no corner, however round that is."""

STANDS_OUT = 51
"""Levels of brightness, a fifth of all, by which something has to differ from the ground to be seen well."""

RIM_PX = 2
"""How far from a hole what lies around it is looked at: beyond the pixels that smooth its edge."""

MEASURED_PX = 1 << 18
"""Pixels that are looked at, of larger pictures a part in even steps."""


Glance = Callable[[int, int], tuple[Pixels, Opacity]]
"""Returns the brightness and the opacity of the rows from one to before another, each (rows, width)."""


def choose_ground(shape: tuple[int, int], look: Glance) -> tuple[str | None, str | None]:
    """Return the ground to lay under a picture of (height, width), and that as a text if it is worth a word.

    It is white where most of what is drawn stands out from white; else that of white, black and grey from which most
    does. A picture that is nearly all opaque is laid over white, unless what lies around its holes is white. One that
    is wholly opaque has none.
    """
    found = _survey(shape, look)
    if found.least == 255:
        return None, None
    if found.most == 0:
        return "white", "wholly transparent: laid over white"
    if found.lacks_corners_alone:
        name = _choose_for_holes(shape, look) if found.has_holes else "white"
        return name, None if name == "white" else f"transparent: laid over {name}"
    name = _choose(shape, look)
    return name, f"transparent: laid over {name}"


def lay_on(ground: str, image: Image.Image, opacity: Opacity) -> Image.Image:
    """Return an RGB picture without its transparency."""
    layer = image.copy()
    layer.putalpha(Image.fromarray(opacity))
    below = Image.new("RGBA", image.size, (GROUNDS[ground],) * 3)
    return Image.alpha_composite(below, layer).convert("RGB")


@dataclass
class _Survey:
    """What there is in a picture: of its opacity, and of the brightness of what is opaque."""

    pixels: int
    least: int = 255
    most: int = 0
    opacity: int = 0
    sheer: int = 0
    darkest: int = 255
    brightest: int = 0
    has_holes: bool = False

    @property
    def lacks_corners_alone(self) -> bool:
        """Tell whether it is opaque but for its edge, or for what nobody misses beside what else it shows."""
        if self.opacity / self.pixels < OPAQUE_ENOUGH * 255 or self.sheer / self.pixels > 0.5:
            return False
        is_flat = self.brightest - self.darkest < STANDS_OUT
        return not (is_flat and self.has_holes)


def _survey(shape: tuple[int, int], look: Glance) -> _Survey:
    found = _Survey(shape[0] * shape[1])
    for first, end in spans(*shape):
        brightness, opacity = look(first, end)
        found.least, found.most = min(found.least, int(opacity.min())), max(found.most, int(opacity.max()))
        found.opacity += int(opacity.sum(dtype=np.int64))
        found.sheer += int(((opacity > 0) & (opacity < VISIBLY)).sum())
        shown = brightness[opacity == 255]
        if shown.size:
            found.darkest = min(found.darkest, int(shown.min()))
            found.brightest = max(found.brightest, int(shown.max()))
        found.has_holes = found.has_holes or bool(_holes(shape, first, opacity).any())
    return found


def _holes(shape: tuple[int, int], first: int, opacity: Opacity) -> Mask:
    """Return where rows from `first` on of a picture can be seen through, but for its edge."""
    margin = min(shape) // CORNER
    top, bottom = max(0, margin - first), max(0, shape[0] - margin - first)
    inner = slice(top, bottom), slice(margin, shape[1] - margin)
    holes = np.zeros(opacity.shape, np.bool_)
    holes[inner] = opacity[inner] < 128
    return holes


def _choose_for_holes(shape: tuple[int, int], look: Glance) -> str:
    """Return the ground from which what lies around the holes stands out: of a tick cut out of white, not white."""
    count, seen = 0, dict.fromkeys(GROUNDS, 0)
    for first, end in spans(*shape):
        above, below = max(0, first - RIM_PX), min(shape[0], end + RIM_PX)
        brightness, opacity = look(above, below)
        near = _holes(shape, above, opacity)
        for _ in range(RIM_PX):
            near = _widened(near)
        own = slice(first - above, end - above)
        rim = brightness[own][near[own] & (opacity[own] >= VISIBLY)].astype(np.int16)
        count += rim.size
        for name, ground in GROUNDS.items():
            seen[name] += int((np.abs(rim - ground) >= STANDS_OUT).sum())
    return "white" if not count else _most_seen({name: each / count for name, each in seen.items()})


def _widened(mask: Mask) -> Mask:
    """Return a mask with the pixels above, below and beside it."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


def _choose(shape: tuple[int, int], look: Glance) -> str:
    step = max(1, int((shape[0] * shape[1] / MEASURED_PX) ** 0.5))
    # Where nothing is on the steps, all that is drawn lies between them.
    return _most_seen(_weigh(shape, look, step) or _weigh(shape, look, 1) or {"white": 1.0})


def _weigh(shape: tuple[int, int], look: Glance, step: int) -> dict[str, float]:
    """Return the share of what is drawn that stands out from each ground, of pixels in even steps; empty if none is."""
    total, seen = 0.0, dict.fromkeys(GROUNDS, 0.0)
    for first, end in spans(*shape):
        brightness, opacity = look(first, end)
        start = -first % step
        weights = opacity[start::step, ::step].astype(np.float64)
        levels = brightness[start::step, ::step].astype(np.int16)
        total += float(weights.sum())
        for name, ground in GROUNDS.items():
            stands_out = np.abs(levels - ground) * (weights / 255) >= STANDS_OUT
            seen[name] += float((weights * stands_out).sum())
    return {name: each / total for name, each in seen.items()} if total else {}


def _most_seen(seen: dict[str, float]) -> str:
    return "white" if seen["white"] >= 0.5 else max(seen, key=seen.__getitem__)
