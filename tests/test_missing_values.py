import pytest

from base.spelling import fold_spelling
from base.tabular.class_names import class_name_fault
from base.tabular.missing_values import is_missing


@pytest.mark.parametrize("value", ["", " ", "nan", "NaN", "NULL", "null", "None", "N/A", "NA", "?", "-", "#N/A", None])
def test_a_word_for_no_value_says_nothing(value: str | None) -> None:
    assert is_missing(value)
    assert is_missing(float("nan"))


@pytest.mark.parametrize("value", ["0", "no", "off", "nano", "unknown", 0, False])
def test_a_value_is_one_however_empty_it_looks(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    "spellings", [("0", "0.0", "-0.0", "00"), ("1", "1.0", "+1", "1."), ("1.5", "1.50"), ("True", "TRUE")]
)
def test_spellings_of_a_number_are_one(spellings: tuple[str, ...]) -> None:
    assert len({fold_spelling(text) for text in spellings}) == 1


def test_different_numbers_stay_different() -> None:
    assert len({fold_spelling(text) for text in ("1", "-1", "10", "0.1", "1.0.0", "1.01")}) == 6


@pytest.mark.parametrize("name", ["", ".", "..", ".on", "on/off", "on\\off", "on\noff", " on", "o" * 256, "ü" * 128])
def test_a_name_that_no_folder_can_have_is_faulty(name: str) -> None:
    assert class_name_fault(name)


@pytest.mark.parametrize("name", ["on", "on off", "geprüft", "on.off", "o" * 255])
def test_a_usual_name_is_not(name: str) -> None:
    assert class_name_fault(name) == ""
