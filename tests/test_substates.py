import json
from collections import Counter
from pathlib import Path

import pytest

from base.errors import InputError, TemplateError
from base.seeds import rng_for
from generator.datasets.dataset import GenerateSettings
from generator.datasets.rerender import rerender
from generator.families.family import Family, load_families, parse_family
from generator.families.substates import shows, with_substates
from generator.sampling.cell import Palette, draw_cell, draw_counterpart
from tests.kept_worker import draw
from tests.test_cli import run

NAME = "indeterminate"
OWN = """+++
kind = "checkbox"
states = ["checked", "unchecked"]
substates = {{partly = {condition}}}
[params]
mark = {{choice = ["tick", "dash"]}}
+++
<span>{{{{ mark if on }}}}</span>
"""
DECLARING = {name: family for name, family in load_families().items() if family.declared.substates}


def own(condition: str = "'mark == \"dash\"'") -> dict[str, Family]:
    return {"mine": parse_family("mine", OWN.format(condition=condition))}


def cells(count: int = 60, **families: Family) -> list[tuple[Family, object]]:
    palette = Palette(families, ("sans-serif",), ("latin",))
    drawn = (draw_cell(palette, seed=0, style=style) for style in range(count))
    return [(palette.families[cell.family], cell) for cell in drawn]


def test_a_substate_is_a_state_of_its_own_only_where_it_is_asked_for() -> None:
    assert {cell.state for _, cell in cells(**own())} == {"checked", "unchecked"}
    counts = Counter(cell.state for _, cell in cells(**with_substates(own(), ["partly"])))
    assert set(counts) == {"checked", "unchecked", "partly"}
    assert min(counts.values()) > 10


def test_parameters_agree_with_the_state() -> None:
    for _, cell in cells(**with_substates(own(), ["partly"])):
        assert cell.state == "unchecked" or (cell.params["mark"] == "dash") == (cell.state == "partly")


@pytest.mark.parametrize("name", DECLARING)
def test_families_of_the_catalogue_show_their_substates_in_some_styles_only(name: str) -> None:
    family = with_substates({name: DECLARING[name]}, [NAME])[name]
    drawn = [family.draw_params(rng_for(seed, name), "latin") for seed in range(150)]
    met = [shows(family, NAME, params) for params in drawn]
    assert 0 < sum(met) < len(met)
    assert [shows(family, "checked", params) for params in drawn] == [not one for one in met]
    assert all(shows(family, "unchecked", params) for params in drawn)


def test_a_style_without_the_substate_is_drawn_as_before() -> None:
    family = DECLARING["checkbox_native"]
    plain, apart = cells(20, checkbox_native=family), cells(20, **with_substates({"checkbox_native": family}, [NAME]))
    same = [(one, two) for (_, one), (_, two) in zip(plain, apart, strict=True) if one.state == two.state]
    assert any(one == two for one, two in same)


def test_a_pair_differs_in_the_state_alone_and_shows_what_its_style_can() -> None:
    for family, cell in cells(**with_substates(own(), ["partly"])):
        other = draw_counterpart(cell, family, seed=0)
        assert {cell.state, other.state} in ({"checked", "unchecked"}, {"partly", "unchecked"})
        assert other.params == cell.params


@pytest.mark.parametrize(
    ("condition", "says"),
    [("'mark =='", r"mine.html: substates: partly: "), ("'size == 3'", "size is no parameter; there are mark")],
)
def test_a_condition_that_cannot_be_told_is_refused(condition: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        with_substates(own(condition), ["partly"])


def test_a_substate_that_nothing_shows_is_refused() -> None:
    with pytest.raises(TemplateError, match="hardly any parameters show 'partly'"):
        cells(**with_substates(own("'mark == \"cross\"'"), ["partly"]))


def test_unknown_substates_are_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="unknown substate 'intermediate'; did you mean indeterminate"):
        with_substates(DECLARING, ["intermediate"])
    with pytest.raises(InputError, match="none of the families"):
        with_substates({}, ["partly"])
    with pytest.raises(TemplateError, match="'checked' cannot name a substate"):
        parse_family("mine", OWN.format(condition="'mark'").replace("partly", "checked"))


def test_screens_have_no_substates(tmp_path: Path) -> None:
    code, _, error = run("generate", tmp_path / "screens", "-n", "1", "--format", "coco", "--substate", NAME)
    assert (code, "substates are for crops" in error) == (1, True)


@pytest.mark.browser
def test_a_set_of_four_classes_is_drawn_and_a_crop_of_it_again(tmp_path: Path) -> None:
    families = ("checkbox_native", "checkbox_toolkit", "button_filled")
    settings = GenerateSettings(n=24, seed=3, workers=1, families=families, substates=(NAME,))
    summary = draw(tmp_path / "set", settings)
    assert set(summary.classes) == {"checked", NAME, "other", "unchecked"}
    assert f"--substate {NAME}" in json.loads((tmp_path / "set" / "dataset.json").read_text())["command"]
    name = next((tmp_path / "set" / NAME).iterdir()).name
    assert rerender(tmp_path / "set", f"{NAME}/{name}").same
