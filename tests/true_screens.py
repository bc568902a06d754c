"""Screens for tests: grey, with a coloured square for each widget, and what finds such squares by colour alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from model.finding.widgets import FoundWidget
from model.screen_evaluation.screen_outcomes import ScreenOutcome, judge_screen
from model.screen_evaluation.true_screens import TrueScreen, TrueWidget

Place = tuple[float, float, float, float]

COLOURS = {(255, 0, 0): "checked", (0, 0, 255): "unchecked"}


def true(box: Place, state: str = "checked", kind: str = "checkbox", library: str = "") -> TrueWidget:
    return TrueWidget(box, kind, state, library)


def found(box: Place, state: str = "checked", kind: str = "checkbox", confidence: float = 0.9) -> FoundWidget:
    return FoundWidget(kind, state, box, confidence, 1.0)


def screen(*widgets: TrueWidget, **more: Any) -> TrueScreen:
    return TrueScreen(Path("a.png"), 100, 100, widgets, **more)


def outcome(widgets: Sequence[TrueWidget], answers: Sequence[FoundWidget], **more: Any) -> ScreenOutcome:
    return judge_screen(screen(*widgets, **more), answers)


def find_squares(image: Image.Image) -> list[FoundWidget]:
    """Return the squares of pure colour, one of each colour, as checkboxes in the state that the colour stands for."""
    pixels, answers = np.asarray(image.convert("RGB")), []
    for colour, state in COLOURS.items():
        down, across = np.nonzero((pixels == colour).all(2))
        if len(down):
            left, top = int(across.min()), int(down.min())
            size = (float(across.max() - left + 1), float(down.max() - top + 1))
            answers.append(
                found((float(left), float(top), *size), state, confidence=0.9 if state == "checked" else 0.8)
            )
    return answers


def write_screens(folder: Path, lines: Sequence[dict[str, Any]]) -> Path:
    """Write screens.jsonl and its pictures, 100 px wide and high: a square of the state's colour where a widget is."""
    folder.mkdir(parents=True, exist_ok=True)
    for line in lines:
        image = Image.new("RGB", (100, 100), "#dddddd")
        for widget in line["widgets"]:
            left, top, width, height = widget["box"]
            colour = next((rgb for rgb, state in COLOURS.items() if state == widget["state"]), (0, 200, 0))
            ImageDraw.Draw(image).rectangle((left, top, left + width - 1, top + height - 1), fill=colour)
        image.save(folder / line["file"])
    rows = [{"width": 100, "height": 100, "complete": True, "lineage": "x"} | line for line in lines]
    (folder / "screens.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder
