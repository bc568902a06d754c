"""What the company of a candidate says of it."""

import numpy as np
import pytest

from model.finding.cells import NO_CANDIDATES, PossibleWidgets
from model.finding.evidence import EVIDENCE, CropEvidence, confidences, confidences_alone, gather_evidence
from model.finding.finder_files import Belief

ALONE = Belief(score=1.0, crop=1.0)
TOGETHER = ALONE.model_copy(update={"company": {"score": 1.0, "in_line": 2.0, "bias": -1.0}})


def candidates(*boxes: tuple[float, float, float, float], score: float = 0.0) -> PossibleWidgets:
    """Return candidates of one score."""
    count = len(boxes)
    arrays = (np.full(count, score), np.array(boxes), np.zeros((count, 3)), np.zeros(count))
    return PossibleWidgets(*(each.astype(np.float32) for each in arrays))


def crops(count: int) -> CropEvidence:
    """Return the same of each candidate: as likely a widget as not, its state unknown."""
    return CropEvidence(np.zeros(count), np.full(count, 0.5))


def test_what_stands_in_line_with_its_like_is_likelier_a_widget() -> None:
    column = candidates((10, 10, 16, 16), (10, 40, 16, 16), (10, 70, 16, 16), (90, 200, 40, 40))
    found = confidences(TOGETHER, column, crops(4))
    assert found[3] == pytest.approx(1 / (1 + np.exp(1)))
    assert np.all(found[:3] > found[3])


@pytest.mark.parametrize(
    "other",
    [(60, 100, 16, 16), (10, 40, 22, 22), (10, 40, 26, 10)],
    ids=["out of line", "of another size", "of another form"],
)
def test_company_is_of_the_same_size_and_form_and_in_line(other: tuple[float, float, float, float]) -> None:
    rows = gather_evidence(ALONE, candidates((10, 10, 16, 16), other), crops(2))
    assert rows[0, EVIDENCE.index("in_line")] == 0
    assert rows[0, EVIDENCE.index("others")] == pytest.approx(np.log1p(0.5))


@pytest.mark.parametrize(
    "other",
    [(10, 90, 16, 16), (200, 10, 16, 16), (11, 90, 15, 16)],
    ids=["a column", "a row", "right edges"],
)
def test_rows_and_columns_are_lines(other: tuple[float, float, float, float]) -> None:
    rows = gather_evidence(ALONE, candidates((10, 10, 16, 16), other), crops(2))
    assert rows[0, EVIDENCE.index("alike")] == rows[0, EVIDENCE.index("in_line")] == pytest.approx(np.log1p(0.5))


def test_a_belief_without_company_sees_each_alone() -> None:
    pair = candidates((10, 10, 16, 16), (10, 40, 16, 16), score=1.5)
    assert np.array_equal(confidences(ALONE, pair, crops(2)), confidences_alone(ALONE, pair, crops(2)))
    assert confidences(ALONE, pair, crops(2))[0] == pytest.approx(1 / (1 + np.exp(-1.5)))


def test_there_may_be_no_candidate() -> None:
    assert confidences(TOGETHER, NO_CANDIDATES, crops(0)).shape == (0,)
