"""Contracts over the whole catalogue of families; no test lists its members."""

import pytest

from generator.datasets.family_check import check_family
from generator.families.family import Family, load_families
from generator.rendering.studio import Studio, Surroundings

FAMILIES = load_families()

EVERYWHERE = Surroundings(fonts=("sans-serif",), scripts=("latin",))
"""What every machine can show, so that the same styles are drawn everywhere."""


def test_there_are_many_families_of_widgets_and_of_other_things() -> None:
    kinds = [family.declared.kind for family in FAMILIES.values()]
    assert sum(kind != "none" for kind in kinds) >= 40
    assert sum(kind == "none" for kind in kinds) >= 40


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_families_declare_states_that_fit_their_kind(family: Family) -> None:
    expected = ("other",) if family.declared.kind == "none" else ("checked", "unchecked")
    assert family.declared.states == expected


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_states_can_be_told_apart_and_parameters_change_pixels(family: Family, studio: Studio) -> None:
    report = check_family(family, studio, EVERYWHERE)
    assert report.good, str(report)
