from pathlib import Path

import pytest

from base.errors import InputError, TemplateError
from generator.families.lineage import IconSource
from generator.libraries.icon_package import LARGEST_BYTES, NO_DRAWING, read_icons
from generator.libraries.installed import load_libraries
from tests.icon_kits import COLLECTION, read_kit, write_icon_kit

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"{}><title>A mark</title>{}</svg>'


def write_files(folder: Path, **texts: str) -> IconSource:
    (folder / "marks").mkdir()
    for name, text in texts.items():
        (folder / "marks" / f"{name}.svg").write_text(text, encoding="utf-8")
    return IconSource(files="marks/*.svg")


def test_a_collection_is_read_without_icons_that_are_hidden(tmp_path: Path) -> None:
    icons = read_kit(tmp_path)
    assert "old" not in icons.drawings
    assert icons.drawings["square"].box == (0, 0, 24, 24)
    assert not icons.coloured
    assert {(pair.kind, pair.on) for pair in icons.pairs} == {
        ("checkbox", "check-square"),
        ("checkbox", "check-square-fill"),
        ("checkbox", "minus-square"),
        ("radio", "radiobox-marked"),
        ("switch", "toggle-on"),
    }
    assert {"check-circle", "heart", "logo"} <= icons.left_out.keys()


def test_files_take_the_colour_of_the_text_unless_they_have_their_own(tmp_path: Path) -> None:
    source = write_files(
        tmp_path,
        plain=SVG.format("", '<path d="M0 0h9v9z"/>'),
        black=SVG.format(' fill="none" stroke="#000"', '<path d="M0 0h9v9z"/>'),
        red=SVG.format("", '<path fill="#f00" d="M0 0h9v9z"/>'),
    )
    icons = read_icons(source, tmp_path)
    assert icons.drawings["plain"].body == '<g fill="currentColor"><path d="M0 0h9v9z"/></g>'
    assert icons.drawings["black"].body == '<g fill="none" stroke="currentColor"><path d="M0 0h9v9z"/></g>'
    assert 'fill="#f00"' in icons.drawings["red"].body
    assert icons.drawings["red"].box == (0, 0, 20, 10)
    assert not icons.coloured


@pytest.mark.parametrize(
    "body",
    ["", "<script>1</script>", '<path onload="f()"/>', '<image href="https://a.example/b.png"/>',
     f'<path d="{"M0 0" * LARGEST_BYTES}"/>'],
    ids=["empty", "script", "event", "web", "large"],
)  # fmt: skip
def test_what_is_no_mere_drawing_is_left_out_and_said(tmp_path: Path, body: str) -> None:
    source = write_files(tmp_path, bad=SVG.format("", body), good=SVG.format("", "<path/>"))
    icons = read_icons(source, tmp_path)
    assert icons.left_out == {"bad": NO_DRAWING}
    assert icons.others == ("good",)


def test_a_package_that_holds_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"signs/icons\.json: the package has no such file; mend icons in library"):
        read_icons(IconSource(collection="signs/icons.json"), tmp_path)
    with pytest.raises(InputError, match=r"marks/\*\.svg: the package has no icon there; mend icons in library\.toml"):
        read_icons(IconSource(files="marks/*.svg"), tmp_path)
    with pytest.raises(InputError, match=r"signs/icons\.json: not a collection of Iconify"):
        read_kit(tmp_path, {"icons": ["a", "b"]})
    with pytest.raises(InputError, match=r"signs/icons\.json: not a collection of Iconify"):
        read_kit(tmp_path, COLLECTION | {"icons": {"a": {}}})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('files = "a/*.svg"', "icons: .*give exactly one of collection and files"),
        ('css = ["a.css"]', "icons.css: "),
        ("[looks]\nlight = {ground = '#ffffff', ink = '#000000'}", "an icon set has neither looks nor css"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, wrong: str, words: str) -> None:
    declaration = write_icon_kit(tmp_path) / "libraries" / "signs" / "library.toml"
    declaration.write_text(declaration.read_text() + wrong)
    with pytest.raises(TemplateError, match=rf"signs/library\.toml: .*{words}"):
        load_libraries(("signs",), folder=tmp_path)
