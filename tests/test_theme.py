import random

from hypothesis import given
from hypothesis import strategies as st

from generator.families.theme import CONTRASTS, distance, draw_theme, hsl, luminance, mix, script_of

seeds = st.integers(0, 10_000)


@given(seeds)
def test_ink_and_accent_stand_out_from_the_ground(seed: int) -> None:
    theme = draw_theme(random.Random(seed), fonts=("serif",), scripts=("latin", "arabic"))
    assert distance(theme.accent, theme.ground) > 0.25
    assert abs(luminance(theme.ink) - luminance(theme.ground)) > 0.25
    assert theme.direction == ("rtl" if script_of(theme).right_to_left else "ltr")


@given(seeds)
def test_only_what_can_be_shown_is_drawn(seed: int) -> None:
    theme = draw_theme(random.Random(seed), fonts=("serif",), scripts=("latin",))
    assert theme.font == "serif"
    assert theme.script == "latin"


def test_colours_mix_and_measure() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert distance("#102030", "#10a030") == 128 / 255
    assert hsl(0.0, 1.0, 0.5) == "#ff0000"


def test_themes_of_high_contrast_draw_lines_in_the_ink() -> None:
    themes = [draw_theme(random.Random(seed), fonts=("serif",), scripts=("latin",)) for seed in range(600)]
    strong = [theme for theme in themes if theme.mode == "contrast"]
    assert strong
    for theme in strong:
        assert (theme.ground, theme.ink, theme.accent) in CONTRASTS
        assert theme.line == theme.ink
