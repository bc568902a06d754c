"""Whether a new finder may take over from the present one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FinderDuel:
    """Two finders on the screenshots of which something was said: what they find of that, with one bound.

    Of `widgets` that people confirmed, and of places that they `refused`, each has its number of those found.
    """

    widgets: int
    refused: int
    present_widgets: int
    new_widgets: int
    present_refused: int
    new_refused: int

    @property
    def takes_over(self) -> bool:
        """Tell whether the new finder loses no confirmed widgets, finds no more that is none, and is better in one."""
        gained, shed = self.new_widgets - self.present_widgets, self.present_refused - self.new_refused
        return gained >= 0 and shed >= 0 and gained + shed > 0

    def to_text(self) -> str:
        """Return what came out, in words."""
        verdict = "it takes over" if self.takes_over else "it is no better, and the present one stays"
        return (
            f"new finder, on what it learned: {self.new_widgets} of {self.widgets} confirmed widgets, the present one "
            f"{self.present_widgets}; {self.new_refused} of {self.refused} places without one, the present one "
            f"{self.present_refused}: {verdict}"
        )
