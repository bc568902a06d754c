from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.check import check_family, difference
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


def test_difference_counts_pixels_that_a_person_could_see_change() -> None:
    white, nearly, half = (np.full((100, 100, 3), level, np.uint8) for level in (255, 240, 255))
    half[:1] = 0
    assert difference(white, nearly) == 0
    assert 0 < difference(white, half) < 1
    assert difference(white, white[1:]) == 1


@pytest.mark.browser
def test_a_preview_has_a_strip_for_each_family(tmp_path: Path) -> None:
    write_preview(load_families(("checkbox_native", "switch_ios")), tmp_path / "two.png")
    write_preview(load_families(("checkbox_native",)), tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert one.width == two.width == WIDTH_PX
        assert two.height > one.height > 50
