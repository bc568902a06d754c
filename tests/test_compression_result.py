import json

import pytest

from model.evaluation.compare import PairedCounts
from model.export.compression_result import Compression, Paired, Stage

BEFORE = Stage("before", "run", 4_000_000, 900_000, 1000.0, 1.0, 380, 400)


def after(counts: PairedCounts, *, size: int = 1_000_000, speed: float = 2.0, allowed: float = 2.0) -> Compression:
    paired = Paired.of(counts)
    stage = Stage(
        "pruned",
        "out",
        size,
        200_000,
        1000 * speed,
        speed,
        counts.both + counts.only_this,
        counts.n,
        paired,
        100 * paired.interval[0] >= -allowed,
    )
    return Compression((BEFORE, stage), "of test", allowed, 400, 9, {})


SAME = PairedCounts(both=379, only_this=2, only_other=1, neither=18)
WORSE = PairedCounts(both=350, only_this=2, only_other=30, neither=18)


def test_the_table_has_each_stage_and_the_difference() -> None:
    text = after(SAME).to_text()
    assert "before     4.00     900,000     1,000   95.0% (92.4% to 96.7%)" in text
    assert "pruned     1.00     200,000     2,000   95.2% (92.7% to 96.9%)" in text
    assert "+0.2 points (-1.0 to +1.6), p = 1.000" in text
    assert "pruned: 0.25 of the size, 2.00 times as quick, accuracy at worst 1.0 points lower (2 allowed)" in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (after(WORSE), "TOO MUCH IS LOST: accuracy at worst 10.0 points lower (2 allowed)"),
        (after(SAME, allowed=0.5), "TOO MUCH IS LOST"),
        (after(SAME, size=5_000_000), "NOT SMALLER: 1.25 of the size"),
        (after(SAME, speed=0.9), "NOT QUICKER: 0.90 times as quick"),
    ],
)
def test_what_is_not_gained_is_said_plainly(result: Compression, words: str) -> None:
    assert words in result.to_text()
    assert words.partition(":")[0] not in after(SAME).to_text()


def test_the_json_has_the_figures_of_the_table() -> None:
    stage = json.loads(json.dumps(after(WORSE).to_dict()))["stages"][1]
    assert stage["within_bound"] is False
    assert stage["accuracy"] == 0.88
    assert stage["interval"] == pytest.approx((0.8445, 0.9083), abs=1e-3)
    assert (stage["paired"]["only_before"], stage["paired"]["difference"]) == (30, -0.07)
