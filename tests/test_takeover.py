from pathlib import Path

import pytest

from active.loop.takeover import Duel, Judgement, deal_folder
from tests.crops import write_crops

TRUTH = {str(number): "a" for number in range(10)}


def wrong(*items: int) -> dict[str, str]:
    return TRUTH | {str(item): "b" for item in items}


def test_a_duel_counts_pairs_on_what_both_predict() -> None:
    assert Duel.of(TRUTH | {"x": "a"}, wrong(0, 1), wrong(1, 2, 3)) == Duel(10, present=8, new=7, gained=1, lost=2)


@pytest.mark.parametrize(
    ("present", "new", "audit", "takes_over"),
    [
        (wrong(0, 1), wrong(2, 3), (), True),
        (wrong(0), wrong(2, 3), (), False),
        (wrong(0, 1, 2), wrong(8, 9), "89", False),
        (wrong(0, 1, 2), wrong(9), "9", True),
    ],
)
def test_a_model_takes_over_where_it_is_not_worse(
    present: dict[str, str], new: dict[str, str], audit: str, takes_over: bool
) -> None:
    judgement = Judgement.of(TRUTH, present, new, audit)
    assert judgement.takes_over is takes_over
    assert ("it takes over" in judgement.to_text()) is takes_over


def test_a_folder_is_dealt_into_folds_that_each_class_is_spread_over(tmp_path: Path) -> None:
    split = deal_folder(write_crops(tmp_path, 3), seed=0)
    assert split.folds == 3
    assert sorted((row.label, row.fold) for row in split.rows) == [
        (label, fold) for label in ("checked", "other", "unchecked") for fold in range(3)
    ]


def test_a_class_with_one_picture_and_very_few_pictures_are_no_obstacle(tmp_path: Path) -> None:
    write_crops(tmp_path, 1, labels=("checked", "other"))
    assert deal_folder(tmp_path, seed=0).folds == 2
