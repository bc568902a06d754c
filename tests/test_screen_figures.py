import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.screen_evaluation.evaluate_screens import measure_outcomes
from model.screen_evaluation.screen_figures import draw_screens, screen_figures
from model.screen_evaluation.screen_result import ScreenEvaluation
from model.screen_evaluation.screen_tallies import TallyRow
from tests.true_screens import found, outcome, true

HERE, THERE, ELSEWHERE = (0.0, 0.0, 10.0, 10.0), (30.0, 0.0, 16.0, 16.0), (60.0, 60.0, 24.0, 24.0)


def figures(result: ScreenEvaluation) -> dict[str, float | None]:
    return {name: figure.value for name, figure in result.whole.figures.items()}


def test_two_found_of_three_and_one_false_one() -> None:
    answers = [found(HERE), found(THERE, "unchecked"), found((80.0, 0.0, 9.0, 9.0))]
    result = measure_outcomes([outcome([true(HERE), true(THERE), true(ELSEWHERE)], answers)], "lineage")
    assert figures(result) == pytest.approx(
        {
            "precision": 2 / 3,
            "recall": 2 / 3,
            "f1": 2 / 3,
            "centre_precision": 2 / 3,
            "centre_recall": 2 / 3,
            "centre_f1": 2 / 3,
            "kind_accuracy": 1,
            "state_accuracy": 1 / 2,
            "end_to_end_recall": 1 / 3,
            "end_to_end_f1": 1 / 3,
            "false_per_screen": 1,
        }
    )
    assert (result.whole.widgets, result.answers) == (3, 3)


def test_where_not_all_is_listed_nothing_is_false_and_what_is_there_counts() -> None:
    complete = outcome([true(HERE)], [found(HERE)])
    partly = outcome([true(HERE), true(THERE)], [found(HERE), found(ELSEWHERE)], complete=False)
    result = measure_outcomes([complete, partly], "lineage")
    assert figures(result)["precision"] == 1
    assert figures(result)["recall"] == pytest.approx(2 / 3)
    assert figures(result)["false_per_screen"] == 0
    assert result.warnings == ("1 screen lists some of the widgets: nothing is false there",)
    alone = figures(measure_outcomes([partly], "lineage"))
    assert (alone["precision"], alone["f1"], alone["false_per_screen"], alone["recall"]) == (None, None, None, 0.5)


def test_what_is_ignored_counts_neither_way() -> None:
    result = measure_outcomes([outcome([true(HERE)], [found(HERE), found(THERE)], ignore=(THERE,))], "lineage")
    assert (figures(result)["precision"], figures(result)["recall"], figures(result)["false_per_screen"]) == (1, 1, 0)
    missed = measure_outcomes([outcome([true(HERE)], [found(HERE)], ignore=(THERE,))], "lineage")
    assert figures(missed)["recall"] == 1


def test_a_widget_without_a_known_state_counts_as_found_and_not_in_what_is_told() -> None:
    result = measure_outcomes([outcome([true(HERE), true(THERE, "")], [found(HERE), found(THERE)])], "layout")
    assert figures(result)["recall"] == 1
    assert (figures(result)["state_accuracy"], figures(result)["end_to_end_f1"]) == (1, 1)


def test_who_tells_no_states_or_kinds_is_not_measured_by_them() -> None:
    result = measure_outcomes([outcome([true(HERE)], [found(HERE, "", ""), found(THERE, "", "")])], "layout")
    assert figures(result)["precision"] == 0.5
    assert [figures(result)[name] for name in ("state_accuracy", "end_to_end_f1", "kind_accuracy")] == [None] * 3
    [kind] = result.slices["kind"]
    assert (kind.figures["recall"].value, kind.figures["precision"].value) == (1, None)


def test_who_finds_nothing_has_no_precision_and_an_f1_of_zero() -> None:
    result = figures(measure_outcomes([outcome([true(HERE)], [])], "layout"))
    assert (result["recall"], result["precision"], result["f1"], result["end_to_end_f1"]) == (0, None, 0, 0)
    assert figures(measure_outcomes([outcome([], [])], "layout"))["f1"] is None


def test_widgets_are_sorted_by_kind_size_origin_and_library() -> None:
    first = outcome([true(HERE, kind="radio", library="win98")], [found(HERE, kind="switch")], origin="a")
    second = outcome([true(THERE), true(ELSEWHERE)], [found(THERE), found((0.0, 80.0, 40.0, 40.0))], origin="b")
    slices = measure_outcomes([first, second], "lineage").slices
    assert [(one.name, one.widgets) for one in slices["kind"]] == [("checkbox", 2), ("radio", 1)]
    assert [(one.name, one.widgets) for one in slices["size"]] == [
        ("under 14 px", 1),
        ("14 to 20 px", 1),
        ("20 to 32 px", 1),
    ]
    assert [(one.name, one.figures["recall"].value) for one in slices["lineage"]] == [("b", 0.5), ("a", 1)]
    assert [one.figures["false_per_screen"].value for one in slices["lineage"]] == [1, 0]
    [library] = slices["library"]
    assert (library.name, library.figures["recall"].value, library.figures["precision"].value) == ("win98", 1, None)
    [checkbox, radio] = slices["kind"]
    assert (radio.figures["kind_accuracy"].value, radio.figures["precision"].value) == (0, 1)
    assert checkbox.figures["false_per_screen"].value == 0.5


def test_an_interval_is_of_screens_holds_the_figure_and_is_the_same_for_the_same_seed() -> None:
    good, bad = outcome([true(HERE)], [found(HERE)]), outcome([true(HERE)], [])
    [first, again, other] = [measure_outcomes([good, good, bad, good], "a", seed=seed) for seed in (0, 0, 1)]
    interval = first.whole.figures["recall"].interval
    assert interval is not None
    assert interval[0] < 0.75 < interval[1] == 1
    assert again.whole.figures["recall"] == first.whole.figures["recall"]
    assert other.whole.figures["recall"].value == 0.75
    assert measure_outcomes([good], "a").whole.figures["recall"].interval is None


def test_a_sample_has_as_many_screens_as_there_are() -> None:
    samples = draw_screens(7, seed=0, draws=50)
    assert samples.shape == (50, 7)
    assert set(samples.sum(1)) == {7}
    assert len({tuple(row) for row in samples}) > 10


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_f1_lies_between_precision_and_recall(right: int, false: int, missed: int) -> None:
    zeros = dict.fromkeys(TallyRow._fields, np.array(0))
    there = {"widgets": right + missed, "hits": right, "answers": right + false, "right_answers": right, "complete": 1}
    values = screen_figures(TallyRow(**zeros | {name: np.array(value) for name, value in there.items()}))
    known = [float(values[name]) for name in ("precision", "f1", "recall")]
    if right:
        assert min(known[0], known[2]) - 1e-9 <= known[1] <= max(known[0], known[2]) + 1e-9
    else:
        assert np.isnan(known[1]) if right + false + missed == 0 else known[1] == 0
