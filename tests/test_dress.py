from dataclasses import replace
from pathlib import Path

import pytest

from base.errors import TemplateError
from generator.families.lineage import on_look
from generator.libraries.installed import load_library_families
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Capture, Display, Studio
from generator.sampling.cell import LOOK, Palette, draw_cell
from generator.sampling.placement import BARE
from tests.families import family
from tests.kits import CSS, SWITCH, install_kit, write_kit

pytestmark = pytest.mark.browser
BLUE, RED, WHITE, NEARLY_BLACK = (0, 0, 255), (255, 0, 0), (255, 255, 255), (16, 16, 16)

COMPONENT = """
customElements.define('kit-switch', class extends HTMLElement {
  connectedCallback() {
    const inner = this.attachShadow({mode: 'open'});
    inner.innerHTML = '<input type=checkbox style="all: unset; display: block; width: 40px; height: 20px">';
    this.updateComplete = new Promise((done) => setTimeout(() => {
      inner.firstChild.checked = this.hasAttribute('on') !== this.hasAttribute('lying');
      inner.firstChild.style.background = inner.firstChild.checked ? '#ff0000' : '#0000ff';
      done();
    }, 30));
  }
});
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def shown(studio: Studio, folder: Path, name: str, *, state: str, look: str = "light", **params: bool) -> Capture:
    families = load_library_families((name.partition("/")[0],), folder=folder)
    palette = Palette({name: families[name]}, ("sans-serif",), ("latin",))
    cell = draw_cell(palette, seed=0, style=0)
    library = families[name].library
    assert library is not None
    theme = on_look(cell.theme, library.looks[look])
    cell = replace(cell, layout=BARE, state=state, theme=theme, params=dict(cell.params) | params | {LOOK: look})
    return studio.capture(sheet_html([[cell]], palette.families), count=1, display=Display(1.0))[0]


def pixel(capture: Capture, right: float, down: float) -> object:
    box = capture.placed[0].widget
    return tuple(capture.pixels[int(box.y + down), int(box.x + right)].tolist())


def test_a_widget_has_its_librarys_style_and_size(studio: Studio, cache: Path) -> None:
    install_kit(write_kit(cache / "t"), css=CSS)
    capture = shown(studio, cache / "t", "kit/checkbox", state="checked", mixed=False)
    assert (capture.placed[0].widget.width, capture.placed[0].widget.height) == (20, 20)
    assert pixel(capture, 10, 10) == BLUE
    assert pixel(capture, -6, -6) == WHITE
    assert pixel(shown(studio, cache / "t", "kit/checkbox", state="unchecked", mixed=False), 10, 10) == WHITE


def test_a_look_puts_its_attributes_where_html_would_have_them(studio: Studio, cache: Path) -> None:
    install_kit(write_kit(cache / "t"))
    capture = shown(studio, cache / "t", "kit/checkbox", state="checked", look="dark", mixed=False)
    assert pixel(capture, 10, 10) == RED
    assert pixel(capture, -6, -6) == NEARLY_BLACK


def test_indeterminate_counts_as_checked(studio: Studio, cache: Path) -> None:
    install_kit(write_kit(cache / "t"))
    assert pixel(shown(studio, cache / "t", "kit/checkbox", state="checked", mixed=True), 10, 10) == BLUE


@pytest.mark.parametrize(
    ("stem", "template", "state", "message"),
    [
        ("switch", SWITCH.replace('"true" if on', '"false" if on'), "checked", "state 'off' where the label says 'on'"),
        ("switch", SWITCH.replace("role=", "data-role="), "unchecked", "state 'none' where the label says 'off'"),
        ("switch", SWITCH + "<input type=radio checked>", "unchecked", "state 'both' where the label says 'off'"),
        ("note", SWITCH.replace('"switch"\n', '"none"\n'), "unchecked", "state 'off' where the label says 'none'"),
    ],
)
def test_a_state_that_is_not_the_label_stops_the_run(
    studio: Studio, cache: Path, stem: str, template: str, state: str, message: str
) -> None:
    install_kit(write_kit(cache / "t", **{stem: template}))
    with pytest.raises(TemplateError, match=f"kit/{stem}: the page shows {message}"):
        shown(studio, cache / "t", f"kit/{stem}", state=state)


def test_a_custom_element_is_waited_for_and_its_inner_state_is_read(studio: Studio, cache: Path) -> None:
    element = '<kit-switch data-box {{ "on" if on }}></kit-switch>'
    templates = write_kit(cache / "t", name="parts", switch=SWITCH.split("<div")[0] + element)
    install_kit(templates, name="parts", script=COMPONENT)
    assert pixel(shown(studio, templates, "parts/switch", state="checked"), 20, 10) == RED
    assert pixel(shown(studio, templates, "parts/switch", state="unchecked"), 20, 10) == BLUE
    lying = templates / "libraries" / "parts" / "switch.html"
    lying.write_text(lying.read_text().replace("data-box", "data-box lying"))
    with pytest.raises(TemplateError, match="state 'off' where the label says 'on'"):
        shown(studio, templates, "parts/switch", state="checked")


def test_an_element_that_no_script_defines_is_named(studio: Studio, cache: Path) -> None:
    install_kit(write_kit(cache / "t", note="+++\nkind = 'none'\nstates = ['other']\n+++\n<kit-note>x</kit-note>"))
    with pytest.raises(TemplateError, match="kit/note: the page does not know the element <kit-note>"):
        shown(studio, cache / "t", "kit/note", state="other")


def test_a_library_changes_nothing_on_sheets_without_it(studio: Studio, cache: Path) -> None:
    plain = Palette({"box": family()}, ("sans-serif",), ("latin",))
    html = sheet_html([[draw_cell(plain, seed=0, style=style)] for style in range(6)], plain.families)
    font = "@font-face {font-family: sans-serif-kit; src: local('DejaVu Serif')} body {font-family: sans-serif-kit}"
    install_kit(write_kit(cache / "t", name="fonts"), name="fonts", css=CSS + font + "* {outline: 9px solid red}")
    before = studio.capture(html, count=6, display=Display(1.0))[0].pixels
    shown(studio, cache / "t", "fonts/note", state="other")
    after = studio.capture(html, count=6, display=Display(1.0))[0].pixels
    assert (before == after).all()


@pytest.mark.parametrize("late", [False, True])
def test_a_mixed_input_looks_mixed_whenever_its_state_is_set(studio: Studio, cache: Path, late: bool) -> None:
    """Chromium leaves a checked input's neighbours in their old look when it becomes mixed after the first layout."""
    script = """customElements.define('kit-mixed', class extends HTMLElement {
      connectedCallback() {
        const inner = this.attachShadow({mode: 'open'});
        inner.innerHTML = '<style>i {display: block; width: 40px; height: 20px; background: #0000ff}'
          + ':checked + i {background: #ff0000} input {display: none}</style>'
          + '<input type=checkbox checked><i></i>';
        if (!LATE) inner.querySelector('input').indeterminate = true;
        this.updates = 0;
      }
      get updateComplete() {
        if (++this.updates < 5) return Promise.resolve();
        this.shadowRoot.lastChild.getBoundingClientRect();
        this.shadowRoot.querySelector('input').indeterminate = true;
        return Promise.resolve();
      }
    });""".replace("LATE", str(late).lower())
    element = f"<kit-mixed-{late} data-box></kit-mixed-{late}>".lower()
    name = f"mixed-{late}".lower()
    templates = write_kit(cache / "t", name=name, switch=SWITCH.split("<div")[0] + element)
    install_kit(templates, name=name, script=script.replace("kit-mixed", f"kit-{name}"))
    assert pixel(shown(studio, templates, f"{name}/switch", state="checked"), 20, 10) == BLUE
