"""What all HTML reports are made of: the style of the page, and pictures inside it."""

import base64
import importlib.resources
import io

from PIL import Image


def read_style() -> str:
    """Return the style sheet that all reports share."""
    return importlib.resources.files("model.evaluation").joinpath("report.css").read_text(encoding="utf-8")


def data_url(png: bytes) -> str:
    """Return a PNG file as a data URL."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def image_url(image: Image.Image) -> str:
    """Return the image as a PNG data URL."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return data_url(buffer.getvalue())
