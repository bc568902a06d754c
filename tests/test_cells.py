"""What the finder's network answers, and the candidates that follow from it."""

import numpy as np
import pytest

from base.arrays import Floats
from model.finding.cells import FOUND_KINDS, PossibleWidgets, decode_cells, suppress


def _answers(*, rows: int = 4, columns: int = 6) -> Floats:
    answers = np.zeros((1 + 4 + len(FOUND_KINDS) + 2, rows, columns), np.float32)
    answers[0] = -9
    return answers


def test_a_cell_becomes_a_box_in_pixels_with_its_kind() -> None:
    answers = _answers()
    answers[0, 2, 3] = 1.5
    answers[1:3, 2, 3] = 0.25, -0.5
    answers[3:5, 2, 3] = np.log(2), 0
    answers[5 + FOUND_KINDS.index("switch"), 2, 3] = 4
    found = decode_cells(answers, -2)
    assert found.boxes.tolist() == [[pytest.approx(30 - 16), pytest.approx(16 - 8), 32, 16]]
    assert FOUND_KINDS[found.kinds[0].argmax()] == "switch"
    assert found.scores.tolist() == [1.5]


def test_of_neighbouring_cells_the_surest_speaks() -> None:
    answers = _answers()
    answers[0, 1, 1:4] = 1, 2, 1
    assert decode_cells(answers, -2).scores.tolist() == [2]


def test_what_is_too_unsure_is_no_candidate() -> None:
    assert len(decode_cells(_answers(), -2)) == 0


def test_of_two_that_overlap_the_better_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 10, 10], [30, 0, 10, 10]], np.float32)
    found = PossibleWidgets(
        np.array([1, 3, 2], np.float32), boxes, np.zeros((3, 3), np.float32), np.zeros(3, np.float32)
    )
    assert suppress(found, 0.4).tolist() == [1, 2]


def test_candidates_move_and_grow_with_their_picture() -> None:
    found = PossibleWidgets(*(np.ones(shape, np.float32) for shape in ((1,), (1, 4), (1, 3), (1,))))
    assert found.scaled(2).moved(10, 20).boxes.tolist() == [[12, 22, 2, 2]]
