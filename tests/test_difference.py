import numpy as np

from generator.rendering.difference import changed_share, visible_change


def grey(level: int) -> np.ndarray:
    return np.full((100, 100, 3), level, np.uint8)


def test_only_what_a_person_could_see_change_counts() -> None:
    line = grey(255)
    line[:1] = 0
    assert not visible_change(grey(255), grey(240)).any()
    assert visible_change(grey(255), line).sum() == 100


def test_the_share_is_of_the_area_asked_for_and_one_at_most() -> None:
    line = grey(255)
    line[:1] = 0
    assert changed_share(grey(255), line, area=1000) == 0.1
    assert changed_share(grey(255), line, area=10) == 1


def test_pictures_of_other_sizes_differ_wholly() -> None:
    assert changed_share(grey(0), grey(0)[1:], area=100) == 1
