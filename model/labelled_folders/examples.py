"""Labelled pictures."""

from dataclasses import dataclass
from pathlib import Path

from model.reading.images import content_hash


@dataclass(frozen=True)
class Example:
    """A labelled picture; examples of one `group` come from one original and never go to both sides of a split.

    `family` is what a generated crop was drawn from and `kind` the kind of its widget; two crops of one `pair` differ
    in the state alone. All three are empty for others. `box` is where that widget is, in pixels: left, top, width,
    height. `split` is the part of its data set that says so: train, validation, test or none. `name` is what it is
    called below its folder, where that is not its path. `content` is the SHA-256 of the file's bytes where it was read
    before; who reads it again checks that. `pixels` likewise is that of what it shows, see `signatures`.
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
    content: str = ""
    pixels: str = ""

    @property
    def shown(self) -> Path:
        """Return what people are told that it is called: of a picture in a shard, not the place it was unpacked to."""
        return Path(self.name) if self.name else self.path

    def hash(self) -> str:
        """Return the SHA-256 of the file's bytes, which is read only where it is not known.

        Raises:
            ImageError: it cannot be read.
        """
        return self.content or content_hash(self.path)
