import pytest

from model.screen_evaluation.average_precision import AveragePrecision, average_precision
from tests.true_screens import found, outcome, true

HERE, THERE, ELSEWHERE = (0.0, 0.0, 10.0, 10.0), (30.0, 0.0, 16.0, 16.0), (60.0, 60.0, 24.0, 24.0)


def test_a_case_worked_out_by_hand() -> None:
    """Right, false, right of three: precision 1 up to a recall of 1/3, 2/3 up to 2/3, then 0; at 101 recalls."""
    answers = [found(HERE, confidence=0.9), found((80, 0, 9, 9), confidence=0.8), found(THERE, confidence=0.7)]
    score = average_precision([outcome([true(HERE), true(THERE), true(ELSEWHERE)], answers)])
    expected = (34 * 1 + 33 * 2 / 3) / 101  # recalls 0 to 0.33, and 0.34 to 0.66
    assert (score.at_half, score.mean) == (pytest.approx(expected), pytest.approx(expected))


def test_a_box_of_60_percent_overlap_is_right_at_three_of_ten_bounds() -> None:
    score = average_precision([outcome([true((0, 0, 10, 10))], [found((0, 0, 10, 6))])])
    assert (score.at_half, score.mean) == (pytest.approx(1), pytest.approx(0.3))


def test_what_is_ignored_and_screens_that_list_some_widgets_do_not_count() -> None:
    sure = [found(THERE, confidence=0.95), found(HERE, confidence=0.9)]
    assert average_precision([outcome([true(HERE)], sure)]).at_half == pytest.approx(0.5)
    assert average_precision([outcome([true(HERE)], sure, ignore=(THERE,))]).at_half == pytest.approx(1)
    partly = outcome([true(ELSEWHERE)], sure, complete=False)
    assert average_precision([outcome([true(HERE)], [found(HERE)]), partly]).at_half == pytest.approx(1)


def test_kinds_and_sizes_are_judged_apart() -> None:
    one = outcome([true(HERE, kind="radio"), true(THERE)], [found(HERE, kind="radio"), found(ELSEWHERE)])
    assert average_precision([one], kind="radio").at_half == pytest.approx(1)
    assert average_precision([one], kind="checkbox").at_half == 0
    assert average_precision([one], kind="switch") == AveragePrecision(None, None)
    assert average_precision([one], sides_px=(0, 14)).at_half == pytest.approx(1)
    assert average_precision([one], sides_px=(14, 20)).at_half == 0
    assert average_precision([one], sides_px=(32, 1e5)) == AveragePrecision(None, None)


def test_more_than_a_hundred_found_boxes_count(capsys: pytest.CaptureFixture[str]) -> None:
    boxes = [(float(x), float(y), 4.0, 4.0) for x in range(0, 96, 6) for y in range(0, 96, 6)]
    score = average_precision([outcome([true(box) for box in boxes], [found(box) for box in boxes])])
    assert len(boxes) > 200
    assert score == AveragePrecision(pytest.approx(1), pytest.approx(1))
    assert capsys.readouterr().out == ""
