"""What is found on a screenshot: one record a widget."""

from dataclasses import dataclass

from model.running.readings import BoxPx


@dataclass(frozen=True)
class FoundWidget:
    """A checkbox, radio button or switch on a screenshot.

    Attributes:
        kind: one of `model.finding.cells.FOUND_KINDS`.
        state: the class that the crop network reads, as `checked`.
        box: of its indicator, the square, circle or track without its words: left, top, width, height in pixels.
        confidence: the probability that it is a widget.
        state_confidence: the probability of the state, if it is one.
        enabled: whether it can be used.
        label: the words that belong to it, where they were read.
    """

    kind: str
    state: str
    box: BoxPx
    confidence: float
    state_confidence: float
    enabled: bool | None = None
    label: str | None = None

    @property
    def centre(self) -> tuple[float, float]:
        """Return where to click: x and y, in pixels."""
        left, top, width, height = self.box
        return left + width / 2, top + height / 2
