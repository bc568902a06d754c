"""What the tools of agents answer, with the descriptions that agents read."""

from typing import Literal

from pydantic import BaseModel, Field

from service.found_answers import Chance, FoundBody, FoundBox, FoundPoint

HINT = "What to do next, where that is not plain; else null."


class ScreenAnswer(BaseModel):
    """The widgets on a screenshot."""

    width_px: int = Field(description="Of the picture; all coordinates are in its pixels.")
    height_px: int
    widgets: list[FoundBody] = Field(description="From top to bottom, as they are read.")
    note: str | None = Field(description="How the picture's file was understood, where it does not say.")
    hint: str | None = Field(description=HINT)


class CropAnswer(BaseModel):
    """What one widget shows."""

    state: str = Field(description="checked, unchecked, or other: no widget, or none whose state can be told.")
    confidence: Chance = Field(description="The probability of the state.")
    probabilities: dict[str, float] = Field(description="Of each state, calibrated.")
    kind: str | None = Field(description="checkbox, radio, switch, icon or none.")
    box: FoundBox | None = Field(description="The square, circle or track, in pixels of the picture.")
    note: str | None = Field(description="How the picture's file was understood, where it does not say.")
    hint: str | None = Field(description=HINT)


class FindAnswer(BaseModel):
    """The widget that a text belongs to."""

    outcome: Literal["found", "none", "several"]
    widget: FoundBody | None = Field(description="The one widget; null unless it was found.")
    click: FoundPoint | None = Field(description="Where to click to change it; null unless it was found.")
    candidates: list[FoundBody] = Field(description="Those that match where several do; the nearest where none does.")
    hint: str | None = Field(description=HINT)
