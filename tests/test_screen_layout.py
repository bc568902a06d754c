from pathlib import Path

import pytest

from base.errors import InputError, MissingError, TemplateError
from generator.families.screen_layout import LAYOUT_NAMES, load_layouts, parse_layout
from tests.screens import MATTER

LAYOUTS = load_layouts()
SIZES = 'about = "x"\nwidth_px = [100, 200]\nheight_px = [100, 200]\n'


def test_a_layout_is_its_front_matter_and_its_source() -> None:
    found = parse_layout("mine", f"+++\n{MATTER}+++\n<b></b>\n")
    assert found.declared.about == "a test"
    assert found.declared.theme.grounds == ("#ffffff",)
    assert found.source.endswith("<b></b>\n")


@pytest.mark.parametrize(
    ("matter", "message"),
    [
        ('about = "x"', "width_px: Field required"),
        ('about = "x"\nwidth_px = [900, 300]\nheight_px = [100, 200]', "is no range of sizes"),
        ('about = "x"\nwidth_px = [100, 9000]\nheight_px = [100, 200]', "is no range of sizes"),
        (SIZES + "over = 0.5", "only a layout with fits = true"),
        (SIZES + "[frames]\nship = 1", "frames.ship"),
        (SIZES + "[params]\nwords = {chance = 1}", "'words' cannot name a parameter"),
        (SIZES + '[theme]\ngrounds = ["red"]', "'red' is no colour"),
    ],
)
def test_a_wrong_declaration_names_file_and_field(matter: str, message: str) -> None:
    with pytest.raises(TemplateError, match=r"mine\.html") as caught:
        parse_layout("mine", f"+++\n{matter}\n+++\n")
    assert message in str(caught.value)


def test_a_folder_adds_layouts_and_replaces_those_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    for name in ("mine", "todo_list", "_shared"):
        text = f"+++\n{MATTER}+++\n" if name != "_shared" else "no layout"
        (tmp_path / "screens" / f"{name}.html").write_text(text, encoding="utf-8")
    found = load_layouts(folder=tmp_path)
    assert set(found) == {*LAYOUTS, "mine"}
    assert found["todo_list"].source == found["mine"].source
    assert found["mine"].own
    assert not found["chat"].own
    assert set(load_layouts(("mine",), folder=tmp_path)) == {"mine"}
    assert "chat" not in load_layouts(without=("chat",))


def test_an_unknown_layout_is_told_with_the_closest(tmp_path: Path) -> None:
    for wrong in ({"names": ("todo_lst",)}, {"without": ("todo_lst",)}):
        with pytest.raises(InputError, match="did you mean todo_list"):
            load_layouts(**wrong)
    with pytest.raises(MissingError, match="no template folder"):
        load_layouts(folder=tmp_path / "none")


def test_there_are_many_layouts_from_a_cut_out_to_a_large_screen() -> None:
    declared = [one.declared for one in LAYOUTS.values()]
    assert len(declared) >= 30
    assert min(one.width_px[0] for one in declared) <= 100
    assert max(one.width_px[1] for one in declared) >= 2560
    assert {frame for one in declared for frame in one.frames} == {"none", "browser", "window", "classic", "phone"}
    assert sum(one.over > 0 for one in declared) >= 3


def test_some_layouts_hold_no_widget_and_most_hold_some() -> None:
    asks = ["widget(" in one.source or "group(" in one.source for one in LAYOUTS.values()]
    assert asks.count(False) >= 2
    assert asks.count(True) >= 30


def test_every_name_that_layouts_get_is_used() -> None:
    parts = Path(__file__).parents[1] / "templates" / "screens"
    texts = "".join(path.read_text(encoding="utf-8") for path in parts.glob("*.html"))
    assert [name for name in LAYOUT_NAMES if name not in texts] == []
