from pathlib import Path

import pytest

from base.errors import InputError, MissingError
from model.training.out_of_fold import Guess, OutOfFold, read_guesses, write_guesses

CLASSES = ("off", "on")


def guess(number: int, label: str, fold: int, *probabilities: float, error: str = "") -> Guess:
    return Guess(f"{label}/{number}.png", label, fold, CLASSES, probabilities or None, error)


GUESSES = (
    guess(0, "off", 0, 0.75, 0.25),
    guess(1, "off", 1, 0.25, 0.75),
    guess(0, "on", 0, 0.125, 0.875),
    guess(1, "on", 1, error="is truncated"),
)


def test_predictions_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    write_guesses(tmp_path / "oof.csv", GUESSES, CLASSES)
    assert read_guesses(tmp_path / "oof.csv") == GUESSES
    lines = (tmp_path / "oof.csv").read_text().splitlines()
    assert lines[0] == "file_name,label,fold,prediction,confidence,off,on,error"
    assert lines[1] == "off/0.png,off,0,off,0.750000,0.750000,0.250000,"
    assert lines[4] == "on/1.png,on,1,,,,,is truncated"


def test_the_figures_leave_out_what_could_not_be_read() -> None:
    values = OutOfFold(GUESSES).to_dict()
    assert (values["n"], values["unreadable"]) == (3, 1)
    assert values["accuracy"] == pytest.approx(2 / 3)
    assert values["interval"] == pytest.approx([0.2077, 0.9385], abs=1e-4)
    assert values["macro_f1"] == pytest.approx(2 / 3)
    assert values["folds"] == [{"fold": 0, "n": 2, "accuracy": 1.0}, {"fold": 1, "n": 1, "accuracy": 0.0}]
    assert "1 picture could not be read" in OutOfFold(GUESSES).to_text()


def test_probabilities_and_labels_are_arrays_in_one_order() -> None:
    oof = OutOfFold(GUESSES)
    assert oof.probabilities().shape == (3, 2)
    assert oof.labels().tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\n", "holds no predictions"),
        ("file_name,label,fold,prediction,confidence,off,on,error\na,on,x,on,1,0,1,\n", "is damaged: invalid literal"),
        ("file_name,label,fold,prediction,confidence,off,on,error\na,on,0,on,1,1,\n", "is damaged: a has 1 probabil"),
    ],
)
def test_a_file_of_something_else_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "oof.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_guesses(tmp_path / "oof.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="train --folds"):
        read_guesses(tmp_path / "oof.csv")
