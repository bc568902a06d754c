"""What the check of layouts finds, and what it says of all that come along; no test lists their names."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from base.errors import TemplateError
from generator.datasets.layout_check import LayoutReport, check_layout
from generator.families.family import Family, load_families
from generator.families.screen_layout import LayoutMatter, ScreenLayout, load_layouts, parse_layout
from generator.rendering.studio import Studio, Surroundings
from tests.families import BOX, family
from tests.screens import layout

pytestmark = pytest.mark.browser

LAYOUTS = load_layouts()
FAMILIES = load_families()
EVERYWHERE = Surroundings(fonts=("sans-serif",), scripts=("latin",))
"""What every machine can show, so that the same screens are drawn everywhere."""

LARGEST_PX = 1100
"""Screens of a test are no larger than needed: the check looks at all their pixels, three times."""

FLAG = """+++
kind = "checkbox"
states = ["checked", "unchecked"]
+++
<style>i { display: block; position: relative; width: 20px; height: 20px; border: 2px solid #222 }
  b { position: absolute; left: 60px; top: 0; width: 90px; height: 60px; background: {{ "#e00" if on else "#08f" }} }
  u { position: absolute; inset: 5px; background: {{ "#e00" if on else "#08f" }} }</style>
<i data-indicator><u></u><b></b></i>
"""

SAME = FLAG.replace('"#e00" if on else "#08f"', '"#08f"')


def small(one: ScreenLayout) -> ScreenLayout:
    sizes = {
        name: (low, max(low, min(high, LARGEST_PX)))
        for name in ("width_px", "height_px")
        for low, high in [getattr(one.declared, name)]
    }
    return replace(one, declared=LayoutMatter.model_validate(one.declared.model_dump() | sizes))


SMALL = {name: small(one) for name, one in LAYOUTS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_what_a_layout_says_of_its_widgets_is_what_is_seen(name: str, studio: Studio) -> None:
    report = check_layout(name, SMALL, FAMILIES, studio=studio, surroundings=EVERYWHERE, screens=1)
    assert report.good, str(report)


def report_on(body: str, studio: Studio, *families: Family) -> LayoutReport:
    known = {one.name: one for one in families or (family(),)}
    return check_layout("mine", {"mine": layout(body)}, known, studio=studio, surroundings=EVERYWHERE)


def test_a_sound_layout_is_good(studio: Studio) -> None:
    report = report_on("<p style='padding:20px'>{{ widget().box }} {{ widget().box }}</p>", studio)
    assert str(report) == "mine: good, 8 widgets on 4 screens"


def test_a_box_on_another_is_found(studio: Studio) -> None:
    one = "<div style='position:absolute;left:{}px'>{{{{ widget().box }}}}</div>"
    report = report_on(one.format(0) + one.format(11), studio, family(text=BOX.replace("[12, 30]", "[10, 10]")))
    assert report.overlapping == 4
    assert not report.good
    assert "4 boxes lie on others" in str(report)


def test_a_state_that_is_seen_elsewhere_is_found(studio: Studio) -> None:
    report = report_on("<p style='padding:20px'>{{ widget().box }}</p>", studio, family("flag", FLAG))
    assert report.stray == 4


def test_a_state_that_is_not_seen_is_found(studio: Studio) -> None:
    report = report_on("<p style='padding:20px'>{{ widget().box }}</p>", studio, family("same", SAME))
    assert report.alike == 4


def test_a_screen_without_anything_is_found(studio: Studio) -> None:
    assert report_on("<p></p>", studio).empty == 4


def test_a_mistake_in_a_layout_names_file_and_line(studio: Studio) -> None:
    for wrong in ("{{ sentense() }}", "{{ 1 + 'a' }}", "{{ widget(sort='checkbox') }}", "{% for %}"):
        with pytest.raises(TemplateError, match=r"^screens/mine\.html:\d+: "):
            report_on(wrong, studio)


def test_the_layout_in_the_documents_is_good(studio: Studio) -> None:
    text = (Path(__file__).parents[1] / "docs" / "screens.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```html\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lights = parse_layout("lights", example)
    report = check_layout("lights", {"lights": lights}, FAMILIES, studio=studio, surroundings=EVERYWHERE)
    assert report.good
    assert report.widgets > 4
