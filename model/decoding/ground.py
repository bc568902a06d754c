"""Pictures that can be seen through: which ground is laid under them, so that what they show can be seen."""

import numpy as np
import numpy.typing as npt
from PIL import Image

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


def lay_on_ground(image: Image.Image, alpha: Image.Image) -> tuple[Image.Image, str | None]:
    """Return an RGB picture without its transparency, and the ground that is laid under it if it is worth a word.

    It is white where most of what is drawn stands out from white; else that of white, black and grey from which most
    does. A picture that is nearly all opaque is laid over white, unless what lies around its holes is white.
    """
    least, most = alpha.getextrema()
    if least == 255:
        return image, None
    opacity = np.asarray(alpha)
    brightness = np.asarray(image.convert("L"))
    name = "white"
    note: str | None
    if most == 0:
        note = "wholly transparent: laid over white"
    elif _lacks_corners_alone(brightness, opacity):
        name = _choose_for_holes(brightness, opacity)
        note = None if name == "white" else f"transparent: laid over {name}"
    else:
        name = _choose(brightness, opacity)
        note = f"transparent: laid over {name}"
    ground = Image.new("RGBA", image.size, (GROUNDS[name],) * 3)
    layer = image.copy()
    layer.putalpha(alpha)
    return Image.alpha_composite(ground, layer).convert("RGB"), note


def _lacks_corners_alone(brightness: npt.NDArray[np.uint8], opacity: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a picture is opaque but for its edge, or for what nobody misses beside what else it shows."""
    if opacity.mean() < OPAQUE_ENOUGH * 255 or ((opacity > 0) & (opacity < VISIBLY)).mean() > 0.5:
        return False
    shown = brightness[opacity == 255]
    is_flat = not shown.size or int(shown.max()) - int(shown.min()) < STANDS_OUT
    return not (is_flat and bool(_holes(opacity).any()))


def _holes(opacity: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return where a picture can be seen through, but for its edge."""
    margin = min(opacity.shape) // CORNER
    inner = slice(margin, opacity.shape[0] - margin), slice(margin, opacity.shape[1] - margin)
    holes = np.zeros(opacity.shape, np.bool_)
    holes[inner] = opacity[inner] < 128
    return holes


def _choose_for_holes(brightness: npt.NDArray[np.uint8], opacity: npt.NDArray[np.uint8]) -> str:
    """Return the ground from which what lies around the holes stands out: of a tick cut out of white, not white."""
    near = _holes(opacity)
    if not near.any():
        return "white"
    for _ in range(RIM_PX):
        near = _widened(near)
    rim = brightness[near & (opacity >= VISIBLY)].astype(np.int16)
    if not rim.size:
        return "white"
    seen = {name: float((np.abs(rim - ground) >= STANDS_OUT).mean()) for name, ground in GROUNDS.items()}
    return "white" if seen["white"] >= 0.5 else max(seen, key=seen.__getitem__)


def _widened(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return a mask with the pixels above, below and beside it."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


def _choose(brightness: npt.NDArray[np.uint8], opacity: npt.NDArray[np.uint8]) -> str:
    step = max(1, int((brightness.size / MEASURED_PX) ** 0.5))
    weights = opacity[::step, ::step].astype(np.float64)
    levels = brightness[::step, ::step].astype(np.int16)
    if not weights.sum():  # all that is drawn lies between the steps
        weights, levels = opacity.astype(np.float64), brightness.astype(np.int16)
    seen = {
        name: float((weights * (np.abs(levels - ground) * (weights / 255) >= STANDS_OUT)).sum() / weights.sum())
        for name, ground in GROUNDS.items()
    }
    return "white" if seen["white"] >= 0.5 else max(seen, key=seen.__getitem__)
