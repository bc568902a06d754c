"""A heat map over its picture: warm where the picture speaks for the class, its peak marked."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from base.arrays import Floats, Pixels
from model.classifying.classifier import Classifier
from model.evaluation.gallery import DrawMap
from model.explaining.heat_map import HeatMap
from model.explaining.heat_maps import check_method, draw_heat_map
from model.explaining.method_names import AUTO_METHOD
from model.running.stages import Fitted

STOPS = (0.0, 0.35, 0.7, 1.0)
COLOURS = np.array([(68, 1, 84), (187, 20, 90), (249, 115, 22), (253, 231, 37)], np.float32)
"""From cold to hot: told apart in grey and by those who do not see red from green."""

COVER = 0.75
"""How much the hottest part is covered."""

FADE = 0.5
"""How much of its own colour the picture under the map loses, so that the map's colours are its own."""

LEAST_HEIGHT_PX = 96
MOST_WIDTH_PX = 720
LARGEST_ZOOM = 4
GAP_PX = 8
OVERLAY_CAPTION_PX = 22
TEXT_PX = 13
GROUND, INK = "#ffffff", "#1c2430"
RING = "#00e5ff"


def draw_over(image: Image.Image, found: HeatMap, peak: tuple[float, float]) -> Image.Image:
    """Return the picture, enlarged by a whole number where it is small, with the map over it and a ring at the peak.

    Args:
        image: RGB.
        found: its map; an even one is drawn as nothing at all.
        peak: in pixels of `image`.
    """
    zoomed = zoom_up(image)
    factor = zoomed.width / image.width
    grey = np.asarray(zoomed.convert("L").convert("RGB"), np.float32)
    faded = np.asarray(zoomed, np.float32) * (1 - FADE) + grey * FADE
    heat = found.enlarged((zoomed.height, zoomed.width))
    drawn = Image.fromarray(_blend(faded, heat))
    if not found.is_even:
        x, y = peak[0] * factor, peak[1] * factor
        pen = ImageDraw.Draw(drawn)
        for radius, colour in ((7, INK), (6, RING), (4, INK)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour)
    return drawn


def zoom_up(image: Image.Image) -> Image.Image:
    """Return the picture enlarged by a whole number as far as it is small and there is room; larger ones shrunk."""
    if image.width > MOST_WIDTH_PX:
        return image.resize((MOST_WIDTH_PX, max(1, round(image.height * MOST_WIDTH_PX / image.width))))
    wanted = -(-LEAST_HEIGHT_PX // image.height)
    factor = max(1, min(wanted, LARGEST_ZOOM, MOST_WIDTH_PX // image.width))
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _blend(faded: Floats, heat: Floats) -> Pixels:
    """Cover a picture with the colours of a map, (H, W): not at all where it is cold."""
    hottest = float(heat.max())
    share = np.clip(heat / hottest, 0, 1) if hottest > 0 else np.zeros_like(heat)
    colours = np.stack([np.interp(share, STOPS, COLOURS[:, channel]) for channel in range(3)], axis=-1)
    cover = COVER * np.sqrt(share)[..., None]
    blended: Pixels = (faded * (1 - cover) + colours * cover).round().astype(np.uint8)
    return blended


def beside(image: Image.Image, drawn: Image.Image, caption: str) -> Image.Image:
    """Return a picture and the same with its map side by side, wide ones one above the other, and a line of text."""
    shown = zoom_up(image)
    stacked = shown.width > MOST_WIDTH_PX // 2
    font = ImageFont.load_default(TEXT_PX)
    width = shown.width if stacked else 2 * shown.width + GAP_PX
    height = 2 * shown.height + GAP_PX if stacked else shown.height
    whole = Image.new("RGB", (max(width, round(font.getlength(caption)) + 2), height + OVERLAY_CAPTION_PX), GROUND)
    whole.paste(shown, (0, 0))
    whole.paste(drawn, (0, shown.height + GAP_PX) if stacked else (shown.width + GAP_PX, 0))
    ImageDraw.Draw(whole).text((1, height + 3), caption, fill=INK, font=font)
    return whole


def map_drawer(classifier: Classifier, method: str = AUTO_METHOD) -> DrawMap:
    """Return what draws the map of a class over a picture, for reports.

    Raises:
        InputError: there is no such method, or it does not fit the network.
    """
    chosen = check_method(classifier, method)

    def draw(image: Image.Image, label: str) -> Image.Image:
        fitted: Fitted = classifier.fit(image)
        found = draw_heat_map(classifier, fitted, label=label, method=chosen)
        return draw_over(image.convert("RGB"), found, found.peak(fitted))

    return draw
