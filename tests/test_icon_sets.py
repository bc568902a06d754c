import json
from collections import Counter
from pathlib import Path

import pytest

from base.errors import InputError, PackageError
from generator.crops.manifest import read_manifest
from generator.datasets.adding import add_libraries
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.exam import ExamSettings, write_exam
from generator.datasets.family_check import check_family
from generator.datasets.icon_comparison import ALIKE, FAINT, FILLED, RESEMBLES, compare_icons
from generator.datasets.rerender import rerender
from generator.families.family import load_families
from generator.libraries.icon_listing import list_icons
from generator.libraries.icon_painting import icon_painter
from generator.libraries.icon_set import IconSet, icon_set_path, read_icon_set
from generator.libraries.installed import (
    choose_families,
    installed_icon_sets,
    installed_libraries,
    library_names,
    list_libraries,
    load_libraries,
    load_library_families,
)
from generator.libraries.npm import fetch_libraries, remove_library
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Studio, Surroundings
from generator.sampling.cell import Palette, draw_cell
from tests.icon_kits import BOX, COLLECTION, OTHERS, install_icon_kit, read_kit, write_icon_kit, write_icon_package
from tests.kits import install_kit, write_kit
from tests.test_npm import need_npm

pytestmark = pytest.mark.usefixtures("kept_worker")

WIDGETS = {"checkbox", "radio", "switch"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def compared(folder: Path, studio: Studio, collection: object = None) -> IconSet:
    """Return the kit's icons as a browser deals them."""
    library = load_libraries(("signs",), folder=folder)["signs"]
    icons = read_kit(folder / "node_modules", collection)
    install_icon_kit(folder, icons)
    return compare_icons(library, icons, studio)


@pytest.fixture(scope="module")
def icons(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> IconSet:
    """Return the kit's icons, which a browser has dealt once for all tests."""
    place = tmp_path_factory.mktemp("icons")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOXWRIGHT_CACHE", str(place / "cache"))
        return compared(write_icon_kit(place / "templates"), studio)


@pytest.fixture
def signs(tmp_path: Path, icons: IconSet) -> Path:
    """Return a folder of templates with an icon set in it, which is installed."""
    folder = write_icon_kit(tmp_path / "templates")
    install_icon_kit(folder, icons)
    return folder


@pytest.mark.browser
def test_pixels_decide_what_names_leave_open(signs: Path) -> None:
    icons = read_icon_set("signs")
    assert icons.others == OTHERS
    assert {(pair.on, pair.off, pair.mixed) for pair in icons.pairs} == {
        ("check-square", "square", False),
        # A filled square is no box that is off, whatever it is called.
        ("check-square-fill", "square", False),
        ("minus-square", "square", True),
        ("radiobox-marked", "radiobox-blank", False),
        ("toggle-on", "toggle-off", False),
    }
    assert icons.left_out["square-fill"] == FILLED
    assert icons.left_out["frame"] == RESEMBLES
    assert icons.left_out["nothing"] == FAINT
    assert set(icons.drawings) == {*OTHERS, *(name for pair in icons.pairs for name in (pair.on, pair.off))}


@pytest.mark.browser
def test_a_pair_that_is_drawn_alike_is_no_widget(tmp_path: Path, studio: Studio) -> None:
    folder = write_icon_kit(tmp_path / "templates")
    alike = {name: {"body": BOX} for name in ("check-square", "square")} | {"home": {"body": "<path d='M0 0h9v9z'/>"}}
    icons = compared(folder, studio, COLLECTION | {"icons": alike})
    assert icons.pairs == ()
    assert icons.left_out["check-square"] == ALIKE


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", ["checkbox", "radio", "switch", "alone", "bar", "badge", "menu", "row", "tabs"])
def test_families_of_icons_are_good(signs: Path, studio: Studio, surroundings: Surroundings, name: str) -> None:
    family = load_library_families(("signs",), folder=signs)[f"signs/{name}"]
    report = check_family(family, studio, surroundings)
    assert report.good, str(report)


@pytest.mark.browser
def test_a_set_has_families_of_widgets_and_of_other_things(signs: Path) -> None:
    families = load_library_families(("signs",), folder=signs)
    kinds = Counter(family.declared.kind for family in families.values())
    assert kinds["none"] >= 10
    assert {kind for kind in kinds if kind != "none"} == WIDGETS
    for family in families.values():
        assert family.declared.states == (("other",) if family.declared.kind == "none" else ("checked", "unchecked"))
    for parameter in families["signs/alone"].declared.params["sign"], families["signs/menu"].declared.params["third"]:
        assert parameter.choice == OTHERS


@pytest.mark.browser
def test_icons_stand_on_any_ground_and_show_the_state_that_is_drawn(signs: Path) -> None:
    palette = Palette(load_library_families(("signs",), folder=signs), ("sans-serif",), ("latin",))
    cells = [draw_cell(palette, seed=0, style=style) for style in range(60)]
    assert len({cell.theme.ground for cell in cells}) > 5
    radios = [cell for cell in cells if cell.family == "signs/radio"]
    assert {cell.state for cell in radios} == {"checked", "unchecked"}
    for cell in radios:
        html = sheet_html([[cell]], palette.families)
        main = html[html.index('class="row') :].split(" main")[-1]
        assert ('r="5"' in main.split("</template>")[0]) == (cell.state == "checked")
        assert "data-library" not in html


@pytest.mark.browser
@pytest.mark.usefixtures("rendered_by_studio")
def test_a_data_set_of_icons_says_where_they_came_from_and_is_drawn_again(signs: Path, tmp_path: Path) -> None:
    families = ("signs/alone", "signs/switch", "switch_ios")
    settings = GenerateSettings(n=230, seed=3, workers=1, templates=signs, families=families)
    summary = generate(tmp_path / "one", settings)
    generate(tmp_path / "two", settings.model_copy(update={"workers": 2}))
    rows = list(read_manifest(tmp_path / "one"))
    assert [row.sha256 for row in rows] == [row.sha256 for row in read_manifest(tmp_path / "two")]
    assert json.loads((tmp_path / "one" / "dataset.json").read_text())["versions"]["signs"] == "1.0.0"
    drawn = [row for row in rows if row.family.startswith("signs/")]
    assert {row.library for row in drawn} == {"signs 1.0.0"}
    other = next(row for row in drawn if row.family == "signs/alone")
    assert other.label == "other"
    assert json.loads(other.params)["sign"] in OTHERS
    assert rerender(tmp_path / "one", other.file_name, templates=signs).same
    assert summary.pictures == 230


@pytest.mark.browser
def test_an_icon_is_not_rendered_again_when_its_set_has_changed_or_is_gone(signs: Path, tmp_path: Path) -> None:
    generate(tmp_path / "set", GenerateSettings(n=3, workers=1, templates=signs, families=("signs/button",)))
    name = next(read_manifest(tmp_path / "set")).file_name
    icons = read_icon_set("signs")
    install_icon_kit(signs, icons.model_copy(update={"others": icons.others[1:]}))
    with pytest.raises(InputError, match=r"families have changed since .*: signs/button$"):
        rerender(tmp_path / "set", name, templates=signs)
    remove_library(load_libraries(("signs",), folder=signs)["signs"])
    with pytest.raises(InputError, match="library signs is not installed; run `boxwright libraries add signs`"):
        rerender(tmp_path / "set", name, templates=signs)


@pytest.mark.browser
def test_a_whole_set_is_held_out_by_its_name(signs: Path, tmp_path: Path, studio: Studio) -> None:
    write_icon_kit(signs, name="marks")
    install_icon_kit(signs, read_icon_set("signs"), name="marks")
    keep = ("signs/button", "marks/button", "switch_ios")
    settings = GenerateSettings(n=30, workers=1, templates=signs, families=keep, without=("marks",))
    assert set(generate(tmp_path / "set", settings).families) == {"signs/button", "switch_ios"}
    with pytest.raises(InputError, match="unknown family 'mark'"):
        generate(tmp_path / "no", settings.model_copy(update={"without": ("mark",)}))
    with pytest.raises(InputError, match="no family is left to draw from"):
        generate(tmp_path / "no", settings.model_copy(update={"families": (), "without": (*load_families(), "marks")}))


@pytest.mark.browser
def test_an_exam_has_icon_sets_only_where_they_are_named(signs: Path, tmp_path: Path) -> None:
    install_kit(write_kit(signs))
    settings = ExamSettings(n=40, templates=signs, workers=1)
    assert {name.partition("/")[0] for name in write_exam(tmp_path / "plain", settings).families} == {"kit"}
    named = settings.model_copy(update={"libraries": ("signs",)})
    assert {name.partition("/")[0] for name in write_exam(tmp_path / "icons", named).families} == {"signs"}


@pytest.mark.browser
def test_installed_sets_are_told_from_component_libraries(signs: Path) -> None:
    install_kit(write_kit(signs))
    assert installed_libraries(folder=signs) == ("kit",)
    assert installed_icon_sets(folder=signs) == ("signs",)
    with pytest.raises(InputError, match="kit is a library of components; `boxwright families --library kit` lists"):
        list_icons("kit", folder=signs)


@pytest.mark.browser
def test_a_listing_names_each_icon_once_and_counts_them(signs: Path) -> None:
    listing = list_icons("signs", folder=signs)
    rows = list(listing.rows())
    assert len({row.name for row in rows}) == len(rows)
    uses = Counter(row.use for row in rows)
    assert uses == {"checkbox": 2, "checkbox, mixed": 1, "radio": 1, "switch": 1, "other": 5, "left out": 6}
    assert "signs (signs 1.0.0): 5 other icons; in both states: 3 checkboxes, 1 radio, 1 switch; left out: " in str(
        listing
    )


@pytest.mark.browser
def test_npm_fetches_a_set_and_a_browser_compares_it(tmp_path: Path, cache: Path, studio: Studio) -> None:
    need_npm()
    folder = write_icon_kit(tmp_path / "templates", version=str(write_icon_package(tmp_path)))
    fetch_libraries(("signs",), folder=folder)
    with pytest.raises(InputError, match="signs is not wholly installed: its icons were not compared; run"):
        load_library_families(("signs",), folder=folder)
    assert next(one.installed for one in list_libraries(folder=folder) if one.library.name == "signs") == "outdated"
    steps: list[str] = []
    assert add_libraries(("signs",), folder=folder, on_step=steps.append) == {"signs": {"signs": "1.0.0"}}
    assert steps[-1] == "signs: comparing 19 icons"
    assert read_icon_set("signs").others == OTHERS
    assert sorted(path.name for path in cache.rglob("*.json")) == ["signs.json", "signs.json"]
    assert remove_library(load_libraries(("signs",), folder=folder)["signs"])
    assert not icon_set_path("signs").exists()


def test_a_set_of_iconify_needs_no_declaration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = load_libraries(("iconify-teenyicons",))["iconify-teenyicons"]
    assert library.declared.packages == {"@iconify-json/teenyicons": "latest"}
    with pytest.raises(InputError, match="library iconify-teenyicons is not installed; run `boxwright libraries add"):
        choose_families(libraries=("iconify-teenyicons",))
    with pytest.raises(InputError, match=r"unknown library 'iconify-\.\./up'"):
        load_libraries(("iconify-../up",))
    assert "iconify-teenyicons" not in library_names()
    icons = read_kit(tmp_path / "node_modules")
    install_icon_kit(tmp_path, icons, name="iconify-teenyicons")
    assert "iconify-teenyicons" in library_names()
    family = choose_families(("iconify-teenyicons/button",))["iconify-teenyicons/button"]
    assert family.library
    assert family.library.declared.packages == {"iconify-teenyicons": "1.0.0"}


def test_an_icon_that_the_set_lacks_is_named(tmp_path: Path) -> None:
    folder = write_icon_kit(tmp_path / "templates")
    install_icon_kit(folder, read_kit(tmp_path))
    with pytest.raises(InputError, match="signs has no icon 'hous'; `boxwright libraries show signs` lists those"):
        icon_painter("signs")("hous", 12)


def test_two_icons_with_names_inside_do_not_disturb_each_other(tmp_path: Path) -> None:
    body = '<defs><linearGradient id="a"/></defs><use href="#a"/><path fill="url(#a)"/>'
    folder = write_icon_kit(tmp_path / "templates")
    install_icon_kit(
        folder, read_kit(tmp_path, COLLECTION | {"icons": {name: {"body": body} for name in ("home", "arrow")}})
    )
    paint = icon_painter("signs")
    assert 'id="home-0"' in paint("home", 12)
    assert 'href="#home-0"' in paint("home", 12)
    assert "url(#arrow-0)" in paint("arrow", 12)


def test_without_npm_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match="npm is needed to install iconify-teenyicons"):
        add_libraries(("iconify-teenyicons",))


def test_all_icon_sets_are_asked_for_apart_from_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = write_icon_kit(tmp_path / "templates", name="a-set")
    with pytest.raises(PackageError, match="npm is needed to install a-set"):
        add_libraries((), icons=True, folder=folder)
    with pytest.raises(PackageError, match="npm is needed to install antd"):
        add_libraries((), every=True, folder=folder)
