"""The pictures of an audit, and what all checks share: measured once, scored once, compared once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from active.faults.judging import PictureJudgement
from active.faults.near_pairs import compare_pictures
from active.faults.picture_measures import PictureMeasures
from base.arrays import Thumbnails
from base.progress import OnProgress
from base.split_words import TEST, TRAIN, VALIDATION
from model.labelled_folders.examples import Example

SPLIT_ORDER = (TEST, VALIDATION, "", TRAIN)
"""Of copies, the one that is measured with is kept."""


@dataclass(frozen=True)
class AuditedPicture:
    """A picture: `measures` of one that can be read, else the `error`; its label is empty where it has none."""

    example: Example
    measures: PictureMeasures | None
    error: str = ""


@dataclass(frozen=True)
class AuditedSet:
    """What checks look at; a picture is known by its place. What is costly is done once, and where a check asks for it.

    `judge` scores pictures, `on_comparing` is told how far their comparison is.
    """

    pictures: tuple[AuditedPicture, ...]
    judge: Callable[[Sequence[tuple[int, Example]]], PictureJudgement]
    on_comparing: OnProgress | None = field(default=None, compare=False)

    @property
    def is_labelled(self) -> bool:
        """Tell whether the pictures have labels."""
        return any(each.example.label for each in self.pictures)

    @cached_property
    def measured(self) -> dict[int, PictureMeasures]:
        """Return the measures of the pictures that can be read, by place."""
        return {place: each.measures for place, each in enumerate(self.pictures) if each.measures is not None}

    @cached_property
    def judgement(self) -> PictureJudgement:
        """Return what models make of the pictures that can be read."""
        return self.judge([(place, self.pictures[place].example) for place in self.measured])

    @cached_property
    def copies(self) -> list[list[int]]:
        """Return the places of pictures that show the same pixels, two or more each, the one to keep first."""
        groups: dict[str, list[int]] = {}
        for place in self.measured:
            groups.setdefault(self.pictures[place].example.pixels, []).append(place)
        return [self.in_order(group) for group in groups.values() if len(group) > 1]

    @cached_property
    def near_pairs(self) -> list[tuple[int, int]]:
        """Return pairs of places that are nearly one picture and no exact copies, the one to keep first."""
        copies = {place for group in self.copies for place in group[1:]}
        places = [place for place in self.measured if place not in copies]
        thumbnails: Thumbnails = np.array([self.measured[place].thumbnail for place in places])
        paths = [self.pictures[place].example.path for place in places]
        states = [self.judgement.state_of(place) for place in places]
        found = compare_pictures(paths, thumbnails, states, on_progress=self.on_comparing)
        pairs = (self.in_order((places[one], places[other])) for one, other in found)
        return [(kept, spare) for kept, spare in pairs]

    def in_order(self, places: Sequence[int]) -> list[int]:
        """Return places of copies, the one to keep first: of a test split, else of more pixels, else the first."""
        return sorted(places, key=self._rank)

    def shown(self, place: int) -> str:
        """Return the picture's name for people."""
        return str(self.pictures[place].example.shown)

    def label(self, place: int) -> str:
        """Return its label; empty for none."""
        return self.pictures[place].example.label

    def split(self, place: int) -> str:
        """Return its split; empty for none."""
        return self.pictures[place].example.split

    def _rank(self, place: int) -> tuple[int, int, int]:
        width, height = self.measured[place].size
        return SPLIT_ORDER.index(self.split(place)), -width * height, place
