from collections import Counter
from dataclasses import replace

from generator.cell import draw_cell, states_of
from tests.families import BOX, WORD, family, palette


def test_the_same_seed_and_index_give_the_same_cell() -> None:
    assert draw_cell(palette(), seed=0, index=3) == draw_cell(palette(), seed=0, index=3)
    assert draw_cell(palette(), seed=0, index=3) != draw_cell(palette(), seed=1, index=3)
    assert draw_cell(palette(), seed=0, index=3) != draw_cell(palette(), seed=0, index=4)


def test_states_are_drawn_evenly_whatever_the_number_of_families() -> None:
    many = palette(family("a", BOX), family("b", BOX), family("c", BOX), family("word", WORD))
    counts = Counter(draw_cell(many, seed=0, index=index).state for index in range(1200))
    assert set(counts) == set(states_of(many.families)) == {"checked", "unchecked", "other"}
    assert min(counts.values()) > 330


def test_nothing_but_the_state_depends_on_the_state() -> None:
    both = family("box", BOX)
    turned = replace(both, declared=both.declared.model_copy(update={"states": ("unchecked", "checked")}))
    for index in range(50):
        one, other = (draw_cell(palette(one), seed=0, index=index) for one in (both, turned))
        assert {one.state, other.state} == {"checked", "unchecked"}
        assert replace(one, state="", layout=replace(one.layout, before=None, after=None)) == replace(
            other, state="", layout=replace(other.layout, before=None, after=None)
        )


def test_families_of_any_states_can_be_drawn() -> None:
    doors = family("door", BOX.replace('"checked", "unchecked"', '"open", "shut", "ajar"'))
    assert {draw_cell(palette(doors), seed=0, index=index).state for index in range(40)} == {"open", "shut", "ajar"}
