"""Labelled pictures."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """A labelled picture; examples of one `group` come from one original and never go to both sides of a split.

    `family` is what a generated crop was drawn from and `kind` the kind of its widget; two crops of one `pair` differ
    in the state alone. All three are empty for others. `box` is where that widget is, in pixels: left, top, width,
    height. `split` is the part of its data set that says so: train, validation, test or none. `name` is what it is
    called below its folder, where that is not its path.
    """

    path: Path
    label: str
    group: str
    family: str = ""
    kind: str = ""
    pair: str = ""
    box: tuple[float, float, float, float] | None = None
    split: str = ""
    name: str = ""
