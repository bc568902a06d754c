"""What `boxwright gaps` found, and its forms: text, JSON values and a recipe file."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from active.gaps.nearest_crops import MatchedCrop
from base.counting import counted
from base.document import render_document
from base.files import write_text
from generator.crops.manifest import ManifestRow
from generator.datasets.recipe_file import RecipeFile, UncoveredCrop
from generator.sampling.sampling_weights import SamplingWeights
from model.gap.crop_statistics import Described
from model.labelled_folders.examples import Example

FAMILIES_SHOWN, FACTORS_SHOWN, UNCOVERED_SHOWN = 8, 8, 5


@dataclass(frozen=True)
class Gaps:
    """The hard ones among real crops, what synthetic crops come nearest to them, and the weights that follow.

    `matched` are hardest first. `drawn` are the synthetic crops of the set in the folder `synthetic`, `rows` what its
    manifest says of each. Without hard crops nothing was drawn, and the weights change nothing.
    """

    real: Described
    matched: tuple[MatchedCrop, ...]
    synthetic: Path | None
    drawn: tuple[Example, ...]
    rows: tuple[ManifestRow, ...]
    weights: SamplingWeights
    sure: float
    warnings: tuple[str, ...] = ()

    @property
    def uncovered(self) -> tuple[MatchedCrop, ...]:
        """Return the hard crops that nothing synthetic resembles, hardest first."""
        return tuple(match for match in self.matched if match.uncovered)

    def example(self, match: MatchedCrop) -> Example:
        """Return the real crop of a match."""
        return self.real.examples[match.crop.place]

    def near_families(self, match: MatchedCrop) -> dict[str, float]:
        """Return what each family counts among the crops nearest to a hard one, the most first."""
        counts: dict[str, float] = defaultdict(float)
        for each in match.nearest:
            counts[self.rows[each.place].family] += each.weight
        return _most_first(counts)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values; `hard` has a row for each hard crop."""
        return {
            "pictures": len(self.real.examples),
            "synthetic": str(self.synthetic) if self.synthetic else None,
            "weights": self.weights.model_dump(mode="json"),
            "hard": [
                {
                    "path": str(self.example(match).shown),
                    "label": match.crop.label or None,
                    "predicted": match.crop.predicted,
                    "doubt": match.crop.doubt,
                    "uncovered": match.uncovered,
                    "alike": match.alike,
                    "families": self.near_families(match),
                    "nearest": [self.rows[each.place].file_name for each in match.nearest],
                }
                for match in self.matched
            ],
        }

    def to_text(self) -> str:
        """Return the findings for a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        labelled = sum(bool(example.label) for example in self.real.examples)
        wrong = sum(match.crop.wrong for match in self.matched)
        unsure = len(self.matched) - wrong
        yield (
            f"{counted(len(self.real.examples), 'crop')}, {labelled} labelled: {wrong} read wrongly, "
            f"{unsure} more with less than {self.sure:.0%} for {'the label' if labelled else 'the likeliest class'}"
        )
        if not self.matched:
            yield "nothing is hard: there is nothing to draw more of"
            return
        yield f"compared with {counted(len(self.drawn), 'synthetic crop')} in {self.synthetic}"
        yield from self._weight_lines()
        far = self.uncovered
        yield f"nothing drawn comes near {counted(len(far), 'of the hard crops', 'of the hard crops')}"
        for match in far[:UNCOVERED_SHOWN]:
            label = f", labelled {match.crop.label}" if match.crop.label else ""
            yield f"  {self.example(match).shown}{label}, read as {match.crop.predicted}"

    def _weight_lines(self) -> Iterator[str]:
        near: dict[str, float] = defaultdict(float)
        for match in self.matched:
            for name, weight in self.near_families(match).items():
                near[name] += weight
        yield "families that come nearest, and how many times as often to draw them:"
        for name in list(_most_first(near))[:FAMILIES_SHOWN]:
            yield f"  {name} {self.weights.families.get(name, 1.0):g}"
        values = [
            (times, f"{factor} = {value}")
            for factor, each in self.weights.factors.items()
            for value, times in each.items()
            if times > 1
        ]
        yield "and of all: " + (
            ", ".join(f"{what} {times:g}" for times, what in sorted(values, reverse=True)[:FACTORS_SHOWN]) or "as ever"
        )


def _most_first(counts: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def recipe_of(gaps: Gaps, *, model: str, real: str) -> RecipeFile:
    """Return the recipe file that the weights make; `model` and `real` are what they were found with."""
    about: dict[str, str | int | float] = {
        "model": _readable(model),
        "real": _readable(real),
        "crops": len(gaps.real.examples),
        "hard": len(gaps.matched),
        "synthetic": _readable(str(gaps.synthetic)) if gaps.synthetic else "",
    }
    uncovered = tuple(
        UncoveredCrop(
            path=_readable(str(gaps.example(match).shown)), label=match.crop.label, predicted=match.crop.predicted
        )
        for match in gaps.uncovered
    )
    return RecipeFile(**gaps.weights.model_dump(), about=about, uncovered=uncovered)


def write_recipe(recipe: RecipeFile, path: Path) -> None:
    """Write a recipe file, whole or not at all."""
    values = {"weights": recipe.weights(), "about": recipe.about, "uncovered": recipe.uncovered}
    write_text(path, render_document("active.gaps", "recipe.toml.jinja", values, filters={"quoted": _quoted}))


def _quoted(value: object) -> str:
    """Return a text or a number as TOML has it, whose strings are JSON's."""
    return json.dumps(value, ensure_ascii=False)


def _readable(path: str) -> str:
    """Return a path whose bytes are no UTF-8 so that a file of text can hold it."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
