from pathlib import Path

import pytest

from base.errors import InputError, TemplateError
from generator.families.family import Family
from generator.libraries.installed import (
    OTHERS_WEIGHT,
    WIDGETS_WEIGHT,
    LibraryStatus,
    choose_families,
    installed_libraries,
    list_libraries,
    load_libraries,
    load_library_families,
)
from generator.rendering.sheet import render_widget, sheet_html
from generator.sampling.cell import LOOK, Palette, draw_cell
from tests.kits import install_kit, write_kit

STATUSES = [status for status in list_libraries() if not status.library.is_icon_set]
ICON_SETS = [status for status in list_libraries() if status.library.is_icon_set]


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return write_kit(tmp_path / "templates")


def drawn(families: dict[str, Family], count: int) -> tuple[Palette, list[str]]:
    palette = Palette(families, ("sans-serif",), ("latin",))
    return palette, [draw_cell(palette, seed=0, style=index).family for index in range(count)]


def test_there_are_many_lineages() -> None:
    assert len(STATUSES) >= 14
    assert len(ICON_SETS) >= 20


@pytest.mark.parametrize("status", ICON_SETS, ids=lambda status: status.library.name)
def test_a_declared_icon_set_has_a_free_licence_and_pinned_packages(status: LibraryStatus) -> None:
    declared = status.library.declared
    assert declared.licence in {"MIT", "Apache-2.0", "ISC", "CC-BY-4.0", "CC0-1.0"}
    assert [version[0].isdigit() for version in declared.packages.values()] == [True]
    assert {"alone", "button", "checkbox", "menu"} <= set(status.families)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.library.name)
def test_a_lineage_has_widgets_and_other_things_and_pinned_packages(
    status: LibraryStatus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    install_kit(tmp_path, name=status.library.name)
    families = load_library_families((status.library.name,))
    kinds = [family.declared.kind for family in families.values()]
    assert kinds.count("none") >= 5
    assert len(kinds) > kinds.count("none")
    for version in status.library.declared.packages.values():
        assert version[0].isdigit()
    palette, _ = drawn(families, 1)
    for index in range(60):
        cell = draw_cell(palette, seed=1, style=index)
        family = families[cell.family]
        assert family.declared.states == (("other",) if cell.kind == "none" else ("checked", "unchecked"))
        assert render_widget(family, state=cell.state, cell=cell).strip()


def test_a_lineage_is_drawn_as_often_as_any_other(kit: Path) -> None:
    write_kit(kit, name="rich", **{f"more{n}": (kit / "libraries/kit/checkbox.html").read_text() for n in range(9)})
    for name in ("kit", "rich"):
        install_kit(kit, name=name)
    families = load_library_families(("kit", "rich"), folder=kit)
    for name in ("kit", "rich"):
        own = [one.declared for one in families.values() if one.library and one.library.name == name]
        assert sum(one.weight for one in own if one.kind != "none") == pytest.approx(WIDGETS_WEIGHT, abs=0.01)
        assert sum(one.weight for one in own if one.kind == "none") == pytest.approx(OTHERS_WEIGHT, abs=0.01)


def test_a_cell_stands_on_a_ground_of_its_library(kit: Path) -> None:
    install_kit(kit)
    palette, _ = drawn(load_library_families(("kit",), folder=kit), 1)
    grounds = {"light": "#ffffff", "dark": "#101010"}
    cells = [draw_cell(palette, seed=0, style=index) for index in range(30)]
    assert {cell.params[LOOK] for cell in cells} == set(grounds)
    for cell in cells:
        assert cell.theme.ground == grounds[str(cell.params[LOOK])]
        assert cell.theme.dark == (cell.params[LOOK] == "dark")
        assert ('data-tone="low"' in sheet_html([[cell]], palette.families)) == (cell.params[LOOK] == "dark")


def test_states_of_installation_are_told_apart(kit: Path) -> None:
    def installed() -> str:
        return next(one.installed for one in list_libraries(folder=kit) if one.library.name == "kit")

    assert installed() == "no"
    with pytest.raises(InputError, match="library kit is not installed"):
        load_library_families(("kit",), folder=kit)
    install_kit(kit)
    assert installed() == "yes"
    assert installed_libraries(folder=kit) == ("kit",)
    declaration = kit / "libraries" / "kit" / "library.toml"
    declaration.write_text(declaration.read_text().replace("1.0.0", "1.0.1"))
    assert installed() == "outdated"
    with pytest.raises(InputError, match="installed from another declaration; run `boxwright libraries add kit` again"):
        load_library_families(("kit",), folder=kit)


def test_families_are_chosen_by_library_or_by_name(kit: Path) -> None:
    install_kit(kit)
    assert list(choose_families(libraries=("kit",), folder=kit)) == ["kit/checkbox", "kit/note", "kit/switch"]
    assert list(choose_families(("kit/note", "switch_ios"), folder=kit)) == ["switch_ios", "kit/note"]
    with pytest.raises(InputError, match="unknown family 'kit/nota'; did you mean kit/note"):
        choose_families(("kit/nota",), folder=kit)
    assert not any("/" in name for name in choose_families(folder=kit))


def test_an_unknown_library_is_named_with_the_closest() -> None:
    with pytest.raises(InputError, match="unknown library 'bootstrp'; did you mean bootstrap"):
        load_libraries(("bootstrp",))


def test_a_wrong_declaration_names_file_and_field(kit: Path) -> None:
    declaration = kit / "libraries" / "kit" / "library.toml"
    declaration.write_text(declaration.read_text().replace('"#ffffff"', '"white"'))
    with pytest.raises(TemplateError, match=r"kit/library\.toml: looks\.light\.ground"):
        load_libraries(("kit",), folder=kit)
