"""How a widget that was found is told in JSON: by the service, and to agents."""

from typing import Annotated

from pydantic import BaseModel, Field

from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx

Chance = Annotated[float, Field(ge=0, le=1)]


class FoundBox(BaseModel):
    """A box on a screenshot, in its pixels."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float

    @classmethod
    def of(cls, box: BoxPx) -> "FoundBox":
        """Return a box to a tenth of a pixel."""
        left, top, width, height = (round(side, 1) for side in box)
        return cls(left_px=left, top_px=top, width_px=width, height_px=height)


class FoundPoint(BaseModel):
    """A point on a screenshot, in its pixels."""

    x_px: float
    y_px: float


class FoundBody(BaseModel):
    """A checkbox, radio button or switch on a screenshot."""

    kind: str = Field(description="checkbox, radio or switch.")
    state: str = Field(description="What it shows, as checked or unchecked.")
    confidence: Chance = Field(description="The probability that it is a widget.")
    state_confidence: Chance = Field(description="The probability of the state, if it is one.")
    box: FoundBox = Field(description="The square, circle or track, without its words.")
    centre: FoundPoint = Field(description="Where to click.")
    enabled: bool | None = Field(description="Whether it can be used; null where that cannot be told.")
    label: str | None = Field(description="The words that belong to it; null where they were not read.")


def found_body(widget: FoundWidget) -> FoundBody:
    """Return a widget's answer."""
    x, y = (round(side, 1) for side in widget.centre)
    return FoundBody(
        kind=widget.kind,
        state=widget.state,
        confidence=round(widget.confidence, 6),
        state_confidence=round(widget.state_confidence, 6),
        box=FoundBox.of(widget.box),
        centre=FoundPoint(x_px=x, y_px=y),
        enabled=widget.enabled,
        label=widget.label,
    )
