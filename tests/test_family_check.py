from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from generator.datasets.family_check import check_family
from generator.datasets.preview import PREVIEW_WIDTH_PX, write_preview
from generator.families.family import Parameter, load_families, parse_family
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display, Studio, Surroundings
from generator.sampling.cell import Palette, draw_cell
from tests.families import BOX, family

DOCUMENT = Path(__file__).parents[1] / "docs" / "families.md"


@pytest.mark.browser
def test_a_sound_family_is_good(studio: Studio, surroundings: Surroundings) -> None:
    report = check_family(family(), studio, surroundings)
    assert report.good
    assert str(report) == "box: good"


@pytest.mark.browser
def test_states_that_look_alike_are_found(studio: Studio, surroundings: Surroundings) -> None:
    alike = family("alike", BOX.replace('t.ink if on else "transparent"', '"#fafafa" if on else "#fbfbfb"'))
    report = check_family(alike, studio, surroundings)
    assert report.hidden == report.draws
    assert "states look alike in 12 of 12 styles" in str(report)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["checkbox_handdrawn", "switch_ios", "radio_answer_bubble"])
def test_a_parameter_without_effect_is_found(studio: Studio, surroundings: Surroundings, name: str) -> None:
    known = load_families((name,))[name]
    params = {**known.declared.params, "unused": Parameter(range=(0.0, 1.0))}
    idle = replace(known, declared=known.declared.model_copy(update={"params": params}))
    report = check_family(idle, studio, surroundings)
    assert report.ineffective == ("unused",)


@pytest.mark.browser
def test_the_documented_family_is_good(studio: Studio, surroundings: Surroundings) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").split("```html\n")[1].split("```")[0]
    assert check_family(parse_family("checkbox_stamp", text), studio, surroundings).good


@pytest.mark.browser
def test_the_documented_family_draws_a_square_box(studio: Studio, surroundings: Surroundings) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").split("```html\n")[1].split("```")[0]
    shown = Palette({"stamp": parse_family("stamp", text)}, surroundings.fonts, surroundings.scripts)
    slots = [(draw_cell(shown, seed=0, style=style),) for style in range(6)]
    [capture] = studio.capture(sheet_html(slots, shown.families), count=6, display=Display(2.0))
    for placed in capture.placed:
        assert placed.widget.width == pytest.approx(placed.widget.height, abs=1)
        assert placed.widget.width > 9


@pytest.mark.browser
def test_a_state_outside_the_box_is_found(studio: Studio, surroundings: Surroundings) -> None:
    mark = '<u style="position:absolute;left:100%;top:0;width:9px;height:9px;background:#f00"></u>'
    plain = BOX.replace('{{ t.ink if on else "transparent" }}', "none")
    stray = family("stray", plain.replace("</i>", "</i>{% if on %}" + mark + "{% endif %}"))
    report = check_family(stray, studio, surroundings)
    assert report.stray > 0.8
    assert " of what tells the states apart is outside the box" in str(report)


@pytest.mark.browser
def test_a_preview_has_a_strip_for_each_family(tmp_path: Path) -> None:
    write_preview(load_families(("checkbox_native", "switch_ios")), tmp_path / "two.png")
    write_preview(load_families(("checkbox_native",)), tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert one.width == two.width == PREVIEW_WIDTH_PX
        assert two.height > one.height > 50
