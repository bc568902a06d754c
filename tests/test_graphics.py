import base64
import io
import re

import pytest
from PIL import Image

from active.labelling.graphics import KITTY_CHUNK, clear, detect_graphics, encode, sixel


@pytest.mark.parametrize(
    ("environ", "graphics"),
    [
        ({"TERM": "xterm-256color"}, "halfblocks"),
        ({}, "halfblocks"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, "halfblocks"),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, "halfblocks"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "foot"}, "sixel"),
    ],
)
def test_the_environment_says_what_can_be_drawn(environ: dict[str, str], graphics: str) -> None:
    assert detect_graphics(environ) == graphics


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def test_kitty_gets_the_picture_in_pieces_and_keeps_the_cursor() -> None:
    image = noise(80, 80)
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", encode(image, "kitty", cells=(10, 5)))
    assert len(pieces) > 1
    assert pieces[0][0] == "a=T,f=100,q=2,C=1,m=1"
    assert [control for control, _ in pieces[1:]] == ["m=1"] * (len(pieces) - 2) + ["m=0"]
    assert all(len(data) <= KITTY_CHUNK for _, data in pieces)
    content = base64.b64decode("".join(data for _, data in pieces))
    assert Image.open(io.BytesIO(content)).tobytes() == image.tobytes()
    assert clear("kitty").startswith("\x1b_Ga=d")


def test_iterm2_gets_the_picture_and_the_cells_it_covers() -> None:
    text = encode(noise(9, 9), "iterm2", cells=(2, 1))
    head, _, data = text.removesuffix("\a").partition(":")
    assert "width=2;height=1;" in head
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (9, 9)
    assert clear("iterm2") == ""


def decode_sixel(text: str) -> Image.Image:
    """Draw sixels as a terminal does; colours are percentages."""
    size = re.match(r'\x1bPq"1;1;(\d+);(\d+)', text)
    assert size is not None
    image = Image.new("RGB", (int(size[1]), int(size[2])), "magenta")
    palette: dict[int, tuple[int, ...]] = {}
    x = y = 0
    colour = (0, 0, 0)
    tokens = r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])"
    for match in re.finditer(tokens, text[size.end() : -2]):
        number, *rgb, chosen, count, repeated, single, move = match.groups()
        if number:
            palette[int(number)] = tuple(round(int(part) * 2.55) for part in rgb)
        elif chosen:
            colour = palette[int(chosen)]  # type: ignore[assignment]  # of three parts
        elif move:
            x, y = 0, y + 6 * (move == "-")
        else:
            bits, width = ord(repeated or single) - 63, int(count or 1)
            for row in (row for row in range(6) if bits >> row & 1):
                image.paste(colour, (x, y + row, x + width, y + row + 1))
            x += width
    return image


def test_sixels_draw_the_picture_again() -> None:
    image = Image.new("RGB", (40, 15), "white")
    image.paste((255, 0, 0), (3, 2, 20, 11))
    image.paste((0, 51, 102), (25, 0, 40, 15))
    drawn = decode_sixel(sixel(image))
    assert drawn.size == image.size
    for place in [(0, 0), (3, 2), (19, 10), (20, 11), (30, 14), (39, 0), (24, 14)]:
        pixel, expected = drawn.getpixel(place), image.getpixel(place)
        assert max(abs(a - b) for a, b in zip(pixel, expected, strict=True)) <= 3  # type: ignore[arg-type]


def test_long_runs_are_short_to_send() -> None:
    assert len(sixel(Image.new("RGB", (2000, 6), "white"))) < 4000
