from pathlib import Path

import pytest
from PIL import Image

from generator.check import check_family
from generator.family import load_families, parse_family
from generator.preview import WIDTH_PX, write_preview
from generator.studio import Studio, Surroundings
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
def test_a_parameter_without_effect_is_found(studio: Studio, surroundings: Surroundings) -> None:
    idle = family("idle", BOX.replace("[params]", "[params]\nunused = {chance = 0.5}"))
    report = check_family(idle, studio, surroundings)
    assert report.ineffective == ("unused",)


@pytest.mark.browser
def test_the_documented_family_is_good(studio: Studio, surroundings: Surroundings) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").split("```html\n")[1].split("```")[0]
    assert check_family(parse_family("checkbox_stamp", text), studio, surroundings).good


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
        assert one.width == two.width == WIDTH_PX
        assert two.height > one.height > 50
