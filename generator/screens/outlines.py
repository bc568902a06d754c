"""Outlines: a screen with the box of every widget drawn on it, to look at."""

import io

from PIL import Image, ImageDraw

from generator.screens.rows import Screenshot

OUTLINES = {"checkbox": "#e5007d", "radio": "#00a000", "switch": "#ff7a00", "icon": "#00a8d8"}
"""Colours of the kinds."""

IGNORED = "#808080"
WORDS = "#4a4aff"
"""Colours of what neither counts as missed nor as wrongly found, and of labels."""


def outlined(shot: Screenshot) -> Image.Image:
    """Return the screen with its boxes: a kind a colour, those that are checked with a thick upper edge."""
    image = Image.open(io.BytesIO(shot.png)).convert("RGB")
    pen, objects = ImageDraw.Draw(image), shot.row.objects
    for place, (x, y, width, height) in enumerate(objects.bbox):
        colour = IGNORED if objects.ignored[place] else OUTLINES[objects.kind[place]]
        pen.rectangle((x - 1, y - 1, x + width, y + height), outline=colour)
        if objects.state[place] == "checked":
            pen.rectangle((x - 1, y - 3, x + width, y - 2), fill=colour)
        words = objects.label_bbox[place]
        if words:
            pen.rectangle((words[0], words[1], words[0] + words[2], words[1] + words[3]), outline=WORDS)
    return image
