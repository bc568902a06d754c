from pathlib import Path

import pytest

from base.intervals import wilson
from model.evaluation.flips import flip_consistency
from model.labelled_folders.folders import Example

LABELS = ("on", "off")


def pictures(*pairs: str) -> list[Example]:
    return [
        Example(Path(f"{label}/{name}.png"), label, name, "box", "checkbox", name) for name in pairs for label in LABELS
    ]


def test_pairs_are_right_the_same_swapped_or_elsewhere() -> None:
    answers = ["on", "off", "on", "off", "on", "on", "off", "on", "on", "other"]
    found = flip_consistency(pictures("a", "b", "c", "d", "e"), answers)
    assert found is not None
    assert (found.n, found.both_right, found.same_answer, found.swapped, found.elsewhere) == (5, 2, 1, 1, 1)
    assert found.interval == wilson(2, 5)
    outcomes = [(pair.paths[0].stem, pair.outcome) for pair in found.failed]
    assert outcomes == [("c", "does not flip"), ("d", "flips the wrong way"), ("e", "one goes elsewhere")]


@pytest.mark.parametrize(
    "examples",
    [
        [Example(Path("a"), "on", "a"), Example(Path("b"), "off", "a")],
        pictures("a")[:1],
        [Example(Path(name), "other", "a", "button", "none", "a") for name in "ab"],
    ],
    ids=["no pair is known", "its other half is missing", "two looks of one state"],
)
def test_what_is_no_pair_is_passed_over(examples: list[Example]) -> None:
    assert flip_consistency(examples, [example.label for example in examples]) is None


def test_the_shares_are_told_in_words() -> None:
    found = flip_consistency(pictures("a", "b"), ["on", "off", "on", "on"])
    assert found is not None
    text = "\n".join(found.lines())
    assert "2 counterfactual pairs: both right 50.0% (95 % interval 9.5% to 90.5%)" in text
    assert "does not flip 50.0%, flips the wrong way 0.0%, one goes elsewhere 0.0%" in text
