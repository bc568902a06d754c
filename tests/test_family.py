import random
from pathlib import Path

import pytest

from base.errors import InputError, MissingError, TemplateError
from generator.families.family import Parameter, load_families, parse_family
from generator.families.words import SCRIPTS
from tests.families import BOX


def test_a_family_is_its_front_matter_and_its_source() -> None:
    family = parse_family("box", BOX)
    assert family.declared.states == ("checked", "unchecked")
    assert set(family.declared.params) == {"size_px"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<b></b>", "front matter between two"),
        ("+++\nkind = \n+++\n", "front matter: Invalid value"),
        ('+++\nkind = "fridge"\nstates = ["a"]\n+++\n', "kind: Input should be"),
        ('+++\nkind = "none"\nstates = []\n+++\n', "states: Tuple should have at least 1 item"),
        ('+++\nkind = "none"\nstates = ["a"]\n[params]\nx = {}\n+++\n', "params.x: give exactly one of"),
        ('+++\nkind = "none"\nstates = ["a"]\n[params]\nx = {range = [3, 1]}\n+++\n', "upside down"),
        ('+++\nkind = "none"\nstates = ["a"]\n[params]\nx = {choice = [1], weights = [1, 2]}\n+++\n', "as many as"),
    ],
)
def test_a_wrong_declaration_names_file_and_field(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=r"mine\.html") as caught:
        parse_family("mine", text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("declared", "kind", "allowed"),
    [
        ({"range": (3, 9)}, int, set(range(3, 10))),
        ({"choice": ("a", "b"), "weights": (1, 0)}, str, {"a"}),
        ({"chance": 1.0}, bool, {True}),
    ],
)
def test_a_parameter_draws_what_it_declares(declared: dict[str, object], kind: type, allowed: set[object]) -> None:
    parameter = Parameter.model_validate(declared)
    for seed in range(30):
        value = parameter.draw(random.Random(seed), SCRIPTS["latin"])
        assert type(value) is kind
        assert value in allowed


def test_a_range_of_fractions_gives_fractions() -> None:
    value = Parameter(range=(0.1, 0.9)).draw(random.Random(1), SCRIPTS["latin"])
    assert isinstance(value, float)
    assert 0.1 <= value <= 0.9


def test_a_folder_adds_families_and_replaces_those_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "checkbox_native.html").write_text(BOX, encoding="utf-8")
    (tmp_path / "mine.html").write_text(BOX, encoding="utf-8")
    (tmp_path / "_shared.html").write_text("no family", encoding="utf-8")
    families = load_families(folder=tmp_path)
    assert "switch_material" in families
    assert "_shared" not in families
    assert families["checkbox_native"].source == families["mine"].source


def test_an_unknown_name_is_told_with_the_closest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean checkbox_native"):
        load_families(("checkbox_nativ",))
    with pytest.raises(MissingError, match="no template folder"):
        load_families(folder=tmp_path / "none")


@pytest.mark.parametrize("state", ["../../x", "", ".hidden", "a/b", " padded", "a\\\\b"])
def test_a_state_that_is_no_folder_name_is_refused(state: str) -> None:
    with pytest.raises(TemplateError, match="cannot name a class"):
        parse_family("box", BOX.replace('"checked"', f'"{state}"'))


@pytest.mark.parametrize("name", ["on", "state", "t"])
def test_a_parameter_cannot_take_the_name_of_something_else(name: str) -> None:
    with pytest.raises(TemplateError, match=f"'{name}' cannot name a parameter"):
        parse_family("box", BOX.replace("size_px = ", f"{name} = "))
