"""Pictures in a terminal, pixel by pixel: what kitty, iTerm2 and sixel terminals take, and which one this is."""

import base64
import io
from collections.abc import Mapping
from itertools import groupby

import numpy as np
from PIL import Image

from base.arrays import Pixels

PIXELS = ("kitty", "iterm2", "sixel")
"""Those that show every pixel; the others are text."""

KITTY_CHUNK = 4096
"""The most base64 that a terminal takes in one piece."""


def detect_graphics(environ: Mapping[str, str]) -> str:
    """Return what the terminal says of itself that it can draw, `halfblocks` where it says nothing.

    Only the environment is read: a question to the terminal would swallow keys that are typed ahead.
    """
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if "TMUX" in environ or term.startswith(("tmux", "screen")):
        return "halfblocks"  # whatever is around it, a multiplexer keeps pictures to itself
    if "KITTY_WINDOW_ID" in environ or term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm") or environ.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    if term.startswith(("foot", "mlterm", "contour")) or program in ("mintty", "contour"):
        return "sixel"
    return "halfblocks"


def encode(image: Image.Image, graphics: str, *, cells: tuple[int, int]) -> str:
    """Return what draws `image` at the cursor and leaves the text alone; `cells` is the (width, height) it covers."""
    if graphics == "kitty":
        return _kitty(image)
    return _iterm2(image, cells) if graphics == "iterm2" else sixel(image)


def clear(graphics: str) -> str:
    """Return what takes all pictures off the screen, where writing text over them does not."""
    return "\x1b_Ga=d,d=A,q=2\x1b\\" if graphics == "kitty" else ""


def _kitty(image: Image.Image) -> str:
    """Follow https://sw.kovidgoyal.net/kitty/graphics-protocol/: transmit and show, no reply, the cursor stays."""
    data = _png(image)
    chunks = [data[start : start + KITTY_CHUNK] for start in range(0, len(data), KITTY_CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks):
        control = "a=T,f=100,q=2,C=1," if number == 0 else ""
        parts.append(f"\x1b_G{control}m={int(number + 1 < len(chunks))};{chunk}\x1b\\")
    return "".join(parts)


def _iterm2(image: Image.Image, cells: tuple[int, int]) -> str:
    """Follow https://iterm2.com/documentation-images.html."""
    return (
        f"\x1b]1337;File=inline=1;width={cells[0]};height={cells[1]};preserveAspectRatio=1;doNotMoveCursor=1"
        f":{_png(image)}\a"
    )


def _png(image: Image.Image) -> str:
    content = io.BytesIO()
    image.save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def sixel(image: Image.Image) -> str:
    """Return `image` as DEC sixels, in bands of six rows and at most 255 colours."""
    reduced = image.convert("RGB").quantize(255, dither=Image.Dither.NONE)
    rows = np.asarray(reduced)
    palette = np.array(reduced.getpalette(), dtype=int).reshape(-1, 3) * 100 // 255
    colours = "".join(f"#{number};2;{r};{g};{b}" for number, (r, g, b) in enumerate(palette.tolist()))
    bands = "-".join(_band(rows[top : top + 6]) for top in range(0, len(rows), 6))
    return f'\x1bPq"1;1;{image.width};{image.height}{colours}{bands}\x1b\\'


def _band(rows: Pixels) -> str:
    """Return the sixels of palette numbers (up to 6, width)."""
    weights = 1 << np.arange(len(rows))
    layers = []
    for colour in np.unique(rows):
        bits = ((rows == colour) * weights[:, None]).sum(axis=0)
        runs = ((chr(63 + value), len(list(run))) for value, run in groupby(bits.tolist()))
        layers.append(f"#{colour}" + "".join(f"!{count}{sign}" if count > 3 else sign * count for sign, count in runs))
    return "$".join(layers)
