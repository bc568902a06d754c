from hypothesis import given
from hypothesis import strategies as st

from generator.sampling.box import Box, union

places, sizes = (st.integers(low, 50_000).map(lambda hundredths: hundredths / 100) for low in (-50_000, 0))
boxes = st.builds(Box, places, places, sizes, sizes)


@given(boxes, boxes)
def test_a_clipped_box_lies_in_both(one: Box, two: Box) -> None:
    inner = one.clipped(two)
    assert inner.width <= one.width + 1e-9
    assert inner.width <= two.width + 1e-9
    assert inner.width >= 0
    assert inner.height >= 0


@given(boxes)
def test_rounding_keeps_the_box_inside_whole_pixels(box: Box) -> None:
    whole = box.rounded()
    assert whole.x <= box.x
    assert whole.right >= box.right
    assert whole.width < box.width + 2
    assert whole == whole.rounded()


def test_union_holds_all() -> None:
    assert union([Box(0, 0, 2, 2), Box(5, 1, 1, 4)]) == Box(0, 0, 6, 5)


def test_moving_and_scaling() -> None:
    assert Box(1, 2, 3, 4).moved(10, 20).scaled(2, 0.5) == Box(22, 11, 6, 2)
