import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.learning.hints import UNKNOWN
from model.learning.windows import WINDOW_PX, Sample, cut_window
from model.networks.widget_kinds import KINDS

NONE, CHECKBOX = KINDS.index("none"), KINDS.index("checkbox")


def sample(width: int, kind: int, box: tuple[float, float, float, float] = (0, 0, 0, 0)) -> Sample:
    columns = np.broadcast_to(np.arange(width, dtype=np.uint16)[None, :, None] // 4, (48, width, 3))
    return Sample(columns.astype(np.uint8), kind, np.array(box, np.float32))


def cuts(given: Sample, count: int = 200) -> list[Sample]:
    rng = np.random.default_rng(0)
    return [cut_window(given, rng) for _ in range(count)]


@given(left=st.floats(0, 980), width=st.floats(4, 300), seed=st.integers(0, 99))
def test_the_widget_stays_whole_and_where_it_was(left: float, width: float, seed: int) -> None:
    whole = sample(1000, CHECKBOX, (left, 10, min(width, 1000 - left), 20))
    cut = cut_window(whole, np.random.default_rng(seed))
    start = float(whole.box[0] - cut.box[0])
    assert cut.box[0] >= 0
    assert cut.box[0] + cut.box[2] <= cut.pixels.shape[1] + 1e-3
    assert cut.box[1:].tolist() == whole.box[1:].tolist()
    assert np.array_equal(cut.pixels, whole.pixels[:, round(start) : round(start) + cut.pixels.shape[1]])


def test_most_long_pictures_are_cut_and_some_stay() -> None:
    widths = {cut.pixels.shape[1] for cut in cuts(sample(1000, NONE))}
    assert widths == {WINDOW_PX, 1000}


@pytest.mark.parametrize("kind", [UNKNOWN, CHECKBOX])
def test_a_picture_stays_whole_where_its_widget_may_be_anywhere(kind: int) -> None:
    assert {cut.pixels.shape[1] for cut in cuts(sample(1000, kind))} == {1000}


def test_short_pictures_and_long_widgets_stay_whole() -> None:
    assert {cut.pixels.shape[1] for cut in cuts(sample(WINDOW_PX, NONE))} == {WINDOW_PX}
    assert {cut.pixels.shape[1] for cut in cuts(sample(600, CHECKBOX, (100, 0, 400, 40)))} == {600}


def test_no_box_stays_none() -> None:
    assert all(cut.box.tolist() == [0, 0, 0, 0] for cut in cuts(sample(1000, NONE)))
