import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.style import Style

from active.labelling.halfblocks import QUADRANTS, render, render_quadrants, visible_box

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)


def picture(rows: list[list[tuple[int, int, int]]]) -> Image.Image:
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([pixel for row in rows for pixel in row])
    return image


def cells(image: Image.Image, width: int, height: int) -> list[list[tuple[object, object]]]:
    """Return the (upper, lower) colour of each cell, line by line; None where a half is left blank."""
    text = render(image, width, height)
    lines = []
    for line in text.split():
        styles = [Style()] * len(line)
        for span in line.spans:
            assert isinstance(span.style, Style)
            styles[span.start : span.end] = [span.style] * (span.end - span.start)
        lines.append([tuple(_rgb(colour) for colour in (style.color, style.bgcolor)) for style in styles])
    return lines  # type: ignore[return-value]  # a generator of two makes a pair


def _rgb(colour: object) -> object:
    return getattr(colour, "triplet", None) and tuple(colour.triplet)  # type: ignore[attr-defined]


def test_a_cell_shows_the_upper_pixel_over_the_lower() -> None:
    image = picture([[RED, GREEN], [BLUE, GREY]])
    assert cells(image, 2, 1) == [[(RED, BLUE), (GREEN, GREY)]]
    assert render(image, 2, 1).plain == "▀▀"


def test_the_lower_half_of_an_odd_last_row_is_blank() -> None:
    assert cells(picture([[RED], [GREEN], [BLUE]]), 1, 2) == [[(RED, GREEN)], [(BLUE, None)]]


def test_a_small_picture_grows_by_a_whole_factor() -> None:
    lines = cells(picture([[RED, GREEN]]), 7, 10)
    assert lines == [[(RED, RED)] * 3 + [(GREEN, GREEN)] * 3, [(RED, None)] * 3 + [(GREEN, None)] * 3]


def test_a_large_picture_shrinks_by_averaging() -> None:
    image = picture([[(0, 0, 0), (100, 200, 50)], [(100, 200, 50), (0, 0, 0)]])
    assert cells(image, 1, 1) == [[((50, 100, 25), None)]]


@pytest.mark.parametrize(
    ("size", "area", "drawn"),
    [
        ((1800, 90), (80, 24), (80, 2)),  # wide: the width decides
        ((90, 1800), (80, 24), (2, 24)),  # tall: the height decides
        ((1800, 2), (80, 24), (80, 1)),  # never less than one pixel
        ((30, 20), (80, 24), (60, 20)),
        ((5, 5), (0, 0), (1, 1)),  # a pane squeezed to nothing still draws
    ],
)
def test_the_aspect_is_kept(size: tuple[int, int], area: tuple[int, int], drawn: tuple[int, int]) -> None:
    lines = render(Image.new("RGB", size, "red"), *area).plain.split("\n")
    assert (max(map(len, lines)), len(lines)) == drawn


def test_at_zoom_one_all_of_the_picture_is_visible() -> None:
    assert visible_box((1000, 80), (76, 32), zoom=1, centre=(0.9, 0.1)) == (0, 0, 1000, 80)


def test_zoom_uses_the_height_of_the_pane_before_it_cuts_there() -> None:
    assert visible_box((1000, 80), (80, 32), zoom=4, centre=(0.5, 0.5)) == (375, 0, 625, 80)
    assert visible_box((1000, 80), (80, 32), zoom=8, centre=(0.5, 0.5)) == (438, 15, 563, 65)


@given(
    size_px=st.tuples(st.integers(1, 2000), st.integers(1, 2000)),
    pane_px=st.tuples(st.integers(0, 300), st.integers(0, 200)),
    zoom=st.sampled_from([1, 2, 4, 8]),
    centre=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_visible_box_is_never_empty_and_never_leaves_the_picture(
    size_px: tuple[int, int], pane_px: tuple[int, int], zoom: int, centre: tuple[float, float]
) -> None:
    left, upper, right, lower = visible_box(size_px, pane_px, zoom=zoom, centre=centre)
    assert 0 <= left < right <= size_px[0]
    assert 0 <= upper < lower <= size_px[1]


def test_any_mode_is_drawn() -> None:
    assert cells(Image.new("L", (1, 2), 128), 1, 1) == [[(GREY, GREY)]]


def test_equal_neighbours_share_one_span() -> None:
    assert len(render(Image.new("RGB", (40, 2), "red"), 40, 1).spans) == 1


@pytest.mark.parametrize(
    ("rows", "character"),
    [
        ([[RED, BLUE], [BLUE, BLUE]], "▟"),
        ([[RED, RED], [BLUE, RED]], "▖"),
        ([[RED, BLUE], [RED, BLUE]], "▌"),
        ([[RED, BLUE], [BLUE, RED]], "▚"),
        ([[RED, RED], [RED, RED]], "█"),
    ],
)
def test_a_cell_of_quadrants_shows_the_split_of_its_pixels(
    rows: list[list[tuple[int, int, int]]], character: str
) -> None:
    # Two by two pixels fill one line of one cell at half blocks' scale only if the picture is twice as wide.
    wide = picture(rows).resize((2, 4), Image.Resampling.NEAREST)
    drawn = render_quadrants(wide, 1, 1).plain
    complement = QUADRANTS[15 - QUADRANTS.index(character)]
    assert drawn in (character, complement)


def test_quadrants_cover_what_half_blocks_cover() -> None:
    image = Image.new("RGB", (30, 20), "red")
    assert render_quadrants(image, 80, 24).plain.split("\n") == ["█" * 60] * 20
