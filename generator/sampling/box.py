"""Boxes in pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    def scaled(self, horizontal: float, vertical: float) -> "Box":
        """Return the box after its picture was resized by these factors."""
        return Box(self.x * horizontal, self.y * vertical, self.width * horizontal, self.height * vertical)

    def moved(self, right: float, down: float) -> "Box":
        """Return the box shifted by that much."""
        return Box(self.x + right, self.y + down, self.width, self.height)

    def clipped(self, outer: "Box") -> "Box":
        """Return the part inside `outer`; its size is zero where they do not meet."""
        x, y = max(self.x, outer.x), max(self.y, outer.y)
        return Box(x, y, max(0.0, min(self.right, outer.right) - x), max(0.0, min(self.bottom, outer.bottom) - y))

    def tenths(self) -> tuple[float, float, float, float]:
        """Return x, y, width and height to a tenth of a pixel, as manifests have them."""
        return round(self.x, 1), round(self.y, 1), round(self.width, 1), round(self.height, 1)

    def rounded(self) -> "Box":
        """Return the smallest box of whole pixels around this one."""
        left, top = int(self.x // 1), int(self.y // 1)
        return Box(left, top, int(-(-self.right // 1)) - left, int(-(-self.bottom // 1)) - top)


def union(boxes: list[Box]) -> Box:
    """Return the smallest box around all of them."""
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(x, y, max(box.right for box in boxes) - x, max(box.bottom for box in boxes) - y)
