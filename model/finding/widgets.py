"""What is found on a screen: a widget with its place and what it shows."""

from dataclasses import dataclass

from model.running.readings import BoxPx


@dataclass(frozen=True)
class FoundWidget:
    """A widget as it was found: `box` is its indicator, left, top, width and height in the picture's pixels.

    `confidence` is that it is a widget, `state_confidence` that it shows `state`; `enabled` and `label` are None where
    nothing tells them.
    """

    kind: str
    state: str
    box: BoxPx
    confidence: float
    state_confidence: float
    enabled: bool | None = None
    label: str | None = None
