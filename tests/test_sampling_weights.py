from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from base.errors import InputError
from generator.crops.recipe import Recipe
from generator.sampling.cell import Cell, draw_cell
from generator.sampling.drawn_factors import DRAWN_FACTORS
from generator.sampling.sampling_weights import SamplingWeights, weigh_family
from tests.families import BOX, WORD, family, palette

THINGS = """+++
kind = "checkbox"
states = ["checked", "unchecked"]
[params]
mark = {choice = ["tick", "cross", 3], weights = [8, 1, 1]}
disabled = {chance = 0.1}
share = {range = [0.5, 2.5]}
size_px = {range = [10, 30]}
caption = {words = [1, 2]}
+++
<i></i>
"""
WIDE = palette(family("box", BOX), family("thing", THINGS), family("word", WORD))


def parts(cell: Cell) -> dict[str, dict[str, Any]]:
    view = cell.views[0]
    found = {"theme": cell.theme, "layout": cell.layout, "window": view.window, "degradation": view.degradation}
    return {name: vars(part) for name, part in found.items()}


def drawn(weights: SamplingWeights, count: int = 200) -> list[Cell]:
    chosen = replace(WIDE, weights=weights)
    return [draw_cell(chosen, seed=0, style=style) for style in range(count)]


def test_the_base_share_is_drawn_as_it_is_without_weights() -> None:
    plain = drawn(SamplingWeights())
    steered = drawn(SamplingWeights(base=0.6, families={"thing": 100}, factors={"ground": {"dark": 100}}))
    same = sum(one == other for one, other in zip(plain, steered, strict=True))
    assert 0.55 < same / len(plain) < 0.75


def test_without_weights_nothing_changes() -> None:
    assert drawn(SamplingWeights(base=0.1)) == [draw_cell(WIDE, seed=0, style=style) for style in range(200)]


def test_families_are_drawn_as_many_times_as_often_within_a_state() -> None:
    cells = drawn(SamplingWeights(base=0.1, families={"thing": 9}))
    families = Counter(cell.family for cell in cells if cell.kind == "checkbox")
    assert 0.8 < families["thing"] / families.total() < 0.92, "0.1 x 1/2 + 0.9 x 9/10"
    assert Counter(cell.state for cell in cells) == Counter(cell.state for cell in drawn(SamplingWeights()))


@pytest.mark.parametrize(("factor", "value"), [("dark", "yes"), ("label stands", "above"), ("JPEG", "yes")])
def test_factors_of_every_part_are_weighed(factor: str, value: str) -> None:
    def share(cells: list[Cell]) -> float:
        one = DRAWN_FACTORS[factor]
        parts = {
            "theme": lambda c: c.theme,
            "layout": lambda c: c.layout,
            "degradation": lambda c: c.views[0].degradation,
        }
        values = [one.value_of(vars(parts[one.part](cell))) for cell in cells]
        return values.count(value) / len(values)

    before, after = (share(drawn(weights)) for weights in (SamplingWeights(), heavy(factor, value)))
    assert after > 1.8 * before


def heavy(factor: str, value: str) -> SamplingWeights:
    return SamplingWeights(base=0.1, factors={factor: {value: 8}})


def test_a_pages_scale_is_weighed_but_for_the_base_share() -> None:
    recipe = Recipe(replace(WIDE, weights=heavy("device scale", "3")), seed=0, n=1)
    scales = Counter(recipe.display(page).scale for page in range(400))
    expected = 0.1 * 0.04 + 0.9 * 0.32 / 1.28
    assert abs(scales[3.0] / 400 - expected) < 0.06


def test_parameters_are_narrowed_and_weighed() -> None:
    wishes = {"size_px": (20, 99), "share": (1, 2), "mark": {"tick": 0.01, "3": 5.0}, "disabled": {"yes": 81.0}}
    steered = weigh_family(WIDE.families["thing"], SamplingWeights(parameters={"thing": wishes})).declared.params
    assert steered["size_px"].range == (20, 30)
    assert steered["share"].range == (0.99, 2.01), "whole limits would give whole numbers"
    assert steered["mark"].weights == (0.08, 1.0, 5.0)
    assert steered["disabled"].chance == pytest.approx(0.9)
    assert steered["caption"] == WIDE.families["thing"].declared.params["caption"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"sizes_px": (1, 2)}, "unknown parameter of thing 'sizes_px'; did you mean size_px"),
        ({"mark": {"tik": 2.0}}, "unknown value of thing: mark 'tik'; did you mean tick"),
        ({"mark": (1, 2)}, "mark has no range"),
        ({"caption": {"a": 2.0}}, "caption is drawn from words"),
        ({"size_px": {"12": 2.0}}, r"give \[lowest, highest\]"),
        ({"size_px": (31, 40)}, "from 10 to 30"),
        ({"size_px": (10.5, 20)}, "whole number"),
    ],
)
def test_wishes_that_a_family_cannot_fulfil_are_refused(wishes: dict[str, object], message: str) -> None:
    weights = SamplingWeights.model_validate({"parameters": {"thing": wishes}})
    with pytest.raises(InputError, match=message):
        weigh_family(WIDE.families["thing"], weights)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"factors": {"darc": {"yes": 2}}}, "did you mean dark"),
        ({"factors": {"ground": {"drak": 2}}}, "did you mean dark"),
        ({"families": {"box": 0}}, "greater than 0"),
        ({"base": 0}, "greater than or equal to 0.1"),
    ],
)
def test_weights_of_what_there_is_not_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SamplingWeights.model_validate(values)


def test_every_value_that_is_drawn_can_be_named() -> None:
    for cell in drawn(SamplingWeights()):
        for name, factor in DRAWN_FACTORS.items():
            if factor.part != "page":
                assert factor.value_of(parts(cell)[factor.part]) in factor.values, name
