import pytest

from base.counting import counted


@pytest.mark.parametrize(("number", "text"), [(0, "0 pictures"), (1, "1 picture"), (2, "2 pictures")])
def test_a_noun_agrees_with_its_number(number: int, text: str) -> None:
    assert counted(number, "picture") == text


def test_what_depends_on_the_number_too_is_given_in_both_forms() -> None:
    assert [counted(number, "copy is", "copies are") for number in (1, 2)] == ["1 copy is", "2 copies are"]
