from collections import Counter
from dataclasses import replace

from generator.sampling.cell import draw_cell, draw_counterpart
from tests.families import BOX, WORD, family, palette


def test_the_same_seed_and_index_give_the_same_cell() -> None:
    assert draw_cell(palette(), seed=0, style=3) == draw_cell(palette(), seed=0, style=3)
    assert draw_cell(palette(), seed=0, style=3) != draw_cell(palette(), seed=1, style=3)
    assert draw_cell(palette(), seed=0, style=3) != draw_cell(palette(), seed=0, style=4)


def test_states_are_drawn_evenly_whatever_the_number_of_families() -> None:
    many = palette(family("a", BOX), family("b", BOX), family("c", BOX), family("word", WORD))
    counts = Counter(draw_cell(many, seed=0, style=index).state for index in range(1200))
    assert set(counts) == set(many.by_state) == {"checked", "unchecked", "other"}
    assert min(counts.values()) > 330


def test_nothing_but_the_state_depends_on_the_state() -> None:
    both = family("box", BOX)
    turned = replace(both, declared=both.declared.model_copy(update={"states": ("unchecked", "checked")}))
    for index in range(50):
        one, other = (draw_cell(palette(one), seed=0, style=index) for one in (both, turned))
        assert {one.state, other.state} == {"checked", "unchecked"}
        assert replace(one, state="", layout=replace(one.layout, before=None, after=None)) == replace(
            other, state="", layout=replace(other.layout, before=None, after=None)
        )


def test_families_of_any_states_can_be_drawn() -> None:
    doors = family("door", BOX.replace('"checked", "unchecked"', '"open", "shut", "ajar"'))
    assert {draw_cell(palette(doors), seed=0, style=index).state for index in range(40)} == {"open", "shut", "ajar"}


def test_a_counterpart_differs_in_the_state_alone() -> None:
    shown = palette()
    cell = next(cell for cell in (draw_cell(shown, seed=0, style=style) for style in range(20)) if cell.kind != "none")
    other = draw_counterpart(cell, shown.families[cell.family], seed=0)
    assert {cell.state, other.state} == {"checked", "unchecked"}
    assert replace(other, state=cell.state) == cell


def test_the_counterpart_of_what_has_no_states_has_other_parameters() -> None:
    shown = palette(family("word", WORD))
    cells = [draw_cell(shown, seed=0, style=style) for style in range(10)]
    others = [draw_counterpart(cell, shown.families["word"], seed=0) for cell in cells]
    assert all(replace(other, params=cell.params) == cell for cell, other in zip(cells, others, strict=True))
    assert sum(cell.params != other.params for cell, other in zip(cells, others, strict=True)) > 5


def test_views_of_a_cell_differ_in_cut_and_degradation_and_the_first_is_the_only_one_of_a_single_view() -> None:
    three = draw_cell(palette(), seed=0, style=0, views=3)
    assert three.views[:1] == draw_cell(palette(), seed=0, style=0).views
    assert len(set(three.views)) == 3
