"""What finds the widgets on a screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PIL import Image

from base.errors import ModelError
from model.finding.widgets import FoundWidget

Scan = Callable[[Image.Image], list[FoundWidget]]
"""From an RGB screenshot to the widgets on it, the surest first."""


class Scanner(Protocol):
    """Finds the widgets on screens, as they are."""

    def scan(self, image: Image.Image) -> list[FoundWidget]:
        """Return what is found on an RGB picture, best first."""
        ...


def load_scanner(model: str | Path | None = None) -> Scanner:
    """Return the scanner of a model folder; without one, that in the box.

    Raises:
        ModelError: the folder holds no network that finds widgets.
    """
    raise ModelError(f"{model or 'the model in the box'} finds no widgets on screens: it classifies crops")
