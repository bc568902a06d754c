from pathlib import Path

import pytest

from base.errors import InputError
from generator.libraries.bundle import Bundle, bundle_path, cache_folder, join_css, read_bundle


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    (tmp_path / "kit" / "parts").mkdir(parents=True)
    return tmp_path


def css(modules: Path, text: str, *, rem_px: float = 16) -> str:
    (modules / "kit" / "kit.css").write_text(text, encoding="utf-8")
    return join_css(modules, ("kit/kit.css",), rem_px=rem_px)


def test_what_a_style_sheet_names_is_put_into_it(modules: Path) -> None:
    (modules / "kit" / "parts" / "dot.svg").write_text("<svg/>")
    (modules / "kit" / "parts" / "more.css").write_text("b { background: url(dot.svg?v=2#x) }")
    joined = css(modules, '@charset "UTF-8";@import url("parts/more.css") print; a { color: red }')
    assert joined == '@media print {b { background: url("data:image/svg+xml;base64,PHN2Zy8+") }} a { color: red }'


def test_an_import_keeps_its_layer(modules: Path) -> None:
    (modules / "kit" / "more.css").write_text("b{}")
    joined = css(modules, "@import 'more.css' layer(base) print; @import 'more.css' layer;")
    assert joined == "@media print {@layer base {b{}}} @layer  {b{}}"


def test_nothing_is_fetched_from_the_web(modules: Path) -> None:
    text = "@import url(https://example.org/x.css); a { background: url('//example.org/a.png'), url(missing.png) }"
    assert css(modules, text) == ' a { background: url("data:,"), url("data:,") }'


def test_a_font_comes_in_one_format(modules: Path) -> None:
    for ending in ("woff", "woff2"):
        (modules / "kit" / f"f.{ending}").write_bytes(ending.encode())
    font = css(modules, "@font-face { font-family: F; src: url(f.eot); src: url(f.woff) , url(f.woff2) format('x'); }")
    assert font.count("url(") == 1
    assert "data:font/woff2;base64,d29mZjI=" in font


def test_rem_follows_the_root_font_size_but_not_inside_names(modules: Path) -> None:
    assert css(modules, ".a1rem { width: -1.5rem; margin: .5rem }", rem_px=10) == ".a1rem { width: -15px; margin: 5px }"
    assert css(modules, "a { width: 2rem }") == "a { width: 2rem }"


def test_a_missing_style_sheet_is_named(modules: Path) -> None:
    with pytest.raises(InputError, match=r"kit/nope\.css: the package has no such style sheet"):
        join_css(modules, ("kit/nope.css",), rem_px=16)


def test_the_cache_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    assert cache_folder("libraries") == tmp_path / "libraries"
    monkeypatch.delenv("BOXWRIGHT_CACHE")
    assert cache_folder("libraries").parts[-2:] == ("boxwright", "libraries")


def test_a_damaged_bundle_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="library kit is not installed; run `boxwright libraries add kit`"):
        read_bundle("kit")
    bundle_path("kit").parent.mkdir()
    bundle_path("kit").write_text("{")
    with pytest.raises(InputError, match="run `boxwright libraries add kit`"):
        read_bundle("kit")


def test_a_digest_changes_with_any_part() -> None:
    bundle = Bundle(declaration="d", packages={"kit": "1"}, css="a{}", script="")
    assert bundle.digest != bundle.model_copy(update={"script": "1"}).digest
    assert bundle.digest != bundle.model_copy(update={"packages": {"kit": "2"}}).digest
