import pytest

from base.errors import TemplateError
from generator.rendering.sheet import Placed, crop_box, render_widget, sheet_html
from generator.sampling.box import Box
from generator.sampling.cell import draw_cell
from generator.sampling.placement import Window
from tests.families import BOX, family, palette


def test_an_undefined_variable_names_file_line_and_variable() -> None:
    broken = family("broken", BOX.replace("{{ t.ink }}", "{{ t.inc }}"))
    with pytest.raises(TemplateError, match=r"broken\.html:7: .*'inc'"):
        render_widget(broken, state="checked", cell=draw_cell(palette(broken), seed=0, style=0))


def test_a_syntax_error_names_file_and_line() -> None:
    broken = family("broken", BOX + "{% if %}")
    with pytest.raises(TemplateError, match=r"broken\.html:9: "):
        render_widget(broken, state="checked", cell=draw_cell(palette(broken), seed=0, style=0))


def test_templates_can_mix_colours_and_ask_how_far_apart_they_are() -> None:
    asking = family("asking", BOX + """{{ mix("#000000", "#ffffff", 0.5) }} {{ apart("#000000", "#00ff00") }} """)
    html = render_widget(asking, state="checked", cell=draw_cell(palette(asking), seed=0, style=0))
    assert html.endswith("#808080 1.0 ")
    bright = family("bright", BOX + "{{ lightness(t.ground) > lightness(t.ink) }}")
    for style in range(20):
        cell = draw_cell(palette(bright), seed=0, style=style)
        assert render_widget(bright, state="checked", cell=cell).endswith(str(not cell.theme.dark))


def test_a_colour_that_cannot_be_mixed_is_named_with_its_line() -> None:
    named = family("named", BOX + '{{ mix("red", t.ink, 0.5) }}')
    with pytest.raises(TemplateError, match=r"named\.html:9: 'red' is no colour .* write it as #rrggbb"):
        render_widget(named, state="checked", cell=draw_cell(palette(named), seed=0, style=0))


def test_words_cannot_break_out_of_the_page() -> None:
    evil = palette(family("evil", BOX.replace("</i>", "</i>{{ '<script>' }}")))
    html = sheet_html([(draw_cell(evil, seed=0, style=0),)], evil.families)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_crop_is_the_content_and_its_margins_inside_the_cell() -> None:
    widget = Box(100 + 24, 120, 20, 20)
    placed = Placed(Box(100, 100, 300, 80), widget, Box(widget.right + 12, 120, 100, 20))
    for share, width in ((1.0, 10 + 20 + 12 + 100 + 10), (0.5, 10 + 20 + 12 + 50 + 10)):
        window = Window(left_px=10, top_px=5, right_px=10, bottom_px=500, label_share=share)
        box = crop_box(window, placed)
        assert (box.x, box.y, box.width, box.bottom) == (100 + 24 - 10, 115, width, 180)


def test_a_thin_line_is_not_cut_away() -> None:
    line = Placed(Box(0, 0, 100, 20), Box(10, 10, 80, 1.2), None)
    box = crop_box(Window(left_px=-2.5, top_px=-2.5, right_px=-2.5, bottom_px=-2.5, label_share=1.0), line)
    assert box.height == pytest.approx(1.2 * 0.6)
    assert box.width == 75


@pytest.mark.parametrize("macro", ["tick", "cross", "dash"])
def test_a_mark_that_does_not_exist_names_file_and_line(macro: str) -> None:
    marks = '{% from "_marks.html" import ' + macro + " %}{{ " + macro + '("brosh", 12, "#000000") }}'
    broken = family("broken", BOX + marks)
    with pytest.raises(TemplateError, match=rf"broken\.html:9: there is no {macro} 'brosh'"):
        render_widget(broken, state="checked", cell=draw_cell(palette(broken), seed=0, style=0))
