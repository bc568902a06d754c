"""Themes: a palette, a typography and a density that belong together, drawn once for a cell."""

import colorsys
import functools
import random
import re
from dataclasses import dataclass, replace

from generator.families.words import SCRIPTS, Script

# Accents that shipped design systems use, as hex; a third of the draws leaves them for a free hue.
ACCENTS = (
    "#1976d2", "#2196f3", "#90caf9", "#0d6efd", "#0075ff", "#007aff", "#3b82f6", "#2563eb", "#4f46e5", "#6366f1",
    "#673ab7", "#9c27b0", "#7c3aed", "#a855f7", "#ce93d8", "#e91e63", "#ec4899", "#d81b60", "#f44336", "#dc3545",
    "#ef4444", "#ff5722", "#ff9800", "#f0ad4e", "#fd7e14", "#f59e0b", "#ffc107", "#eab308", "#cddc39", "#84cc16",
    "#4caf50", "#34c759", "#28a745", "#5cb85c", "#22c55e", "#198754", "#16a34a", "#009688", "#14b8a6", "#26a69a",
    "#17a2b8", "#5bc0de", "#06b6d4", "#00bcd4", "#607d8b", "#6c757d", "#475569", "#212121", "#111827", "#000000",
)  # fmt: skip

LIGHT_GROUNDS = ("#ffffff",) * 17 + (
    "#fafafa",
    "#f5f5f5",
    "#f8f9fa",
    "#f3f4f6",
    "#fffbea",
    "#eef2ff",
    "#e8eaf0",
    "#f0f0f0",
    "#e0e0e0",
    "#d4d0c8",
    "#c0c0c0",
)
DARK_GROUNDS = ("#0a1929", "#121212", "#1e1e1e", "#0f172a", "#111827", "#202124", "#282c34", "#000000", "#1a1a2e",
                "#2d2d2d", "#3a3a3a", "#4a4a4a")  # fmt: skip
# Families that systems ship or that people install; a cell draws from those that the browser really has.
# None needs quotes in CSS, which Jinja would escape inside a <style>.
FONT_CANDIDATES = (
    "Roboto", "Inter", "Open Sans", "Lato", "Noto Sans", "Noto Serif", "Ubuntu", "Cantarell", "Segoe UI", "Arial",
    "Helvetica", "Helvetica Neue",
    "Verdana", "Tahoma", "Trebuchet MS", "Georgia", "Times New Roman", "Courier New", "Menlo",
    "Comic Sans MS", "Avenir", "Futura", "Gill Sans", "Palatino", "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono",
    "Liberation Sans", "Liberation Serif", "Liberation Mono", "Liberation Sans Narrow", "Fira Sans", "Source Sans Pro",
    "IBM Plex Sans", "Comfortaa", "Quicksand", "Cabin", "Hack",
)  # fmt: skip

UNCOMMON_FONTS = {
    "serif", "monospace", "Noto Serif", "Georgia", "Times New Roman", "Courier New", "Menlo", "Comic Sans MS",
    "Palatino",
    "DejaVu Serif", "DejaVu Sans Mono", "Liberation Serif", "Liberation Mono", "Comfortaa", "Quicksand", "Hack",
}  # fmt: skip
COLOUR = re.compile("#[0-9a-fA-F]{6}")
MONOCHROME = 0.1
"""How often a theme has no accent colour."""

PLAIN_FONT = 0.75
"""How often a cell is set in a font that is not one of the uncommon ones."""

THEME_MODES = {"light": 0.56, "dark": 0.26, "tinted": 0.08, "vivid": 0.08, "contrast": 0.02}

CONTRASTS = (
    ("#000000", "#ffffff", "#ffff00"),
    ("#000000", "#ffffff", "#1aebff"),
    ("#000000", "#00ff00", "#ffff00"),
    ("#000000", "#ffff00", "#00ff00"),
    ("#202020", "#ffffff", "#75e9fc"),
    ("#2d3236", "#ffffff", "#a5cde8"),
    ("#fffaef", "#3d3d3d", "#37006e"),
    ("#ffffff", "#000000", "#37006e"),
    ("#ffffff", "#000000", "#000080"),
)
"""Ground, ink and accent of systems' themes of high contrast; lines are drawn in the ink."""

MIRRORED = 0.5
"""How often switches are mirrored where the script runs from right to left."""

FONT_SIZES_PX = {11: 2, 12: 2.5, 13: 3, 14: 7, 15: 3, 16: 7, 18: 3, 20: 1.5, 24: 0.6}
"""How large the words are, and how often."""


@dataclass(frozen=True)
class Theme:
    """The look of one cell. Colours are `#rrggbb`; `px` fields are CSS pixels; `dark` tells the ink's side.

    `mirrored` tells that switches are on at the left, as on some right-to-left pages and not on others.
    """

    mode: str
    dark: bool
    ground: str
    surface: str
    ink: str
    muted: str
    line: str
    faint: str
    accent: str
    on_accent: str
    font: str
    font_size_px: int
    font_weight: int
    radius_px: int
    gap_px: int
    script: str
    direction: str
    mirrored: bool = False


def draw_theme(
    rng: random.Random, *, fonts: tuple[str, ...], scripts: tuple[str, ...], ground: str | None = None
) -> Theme:
    """Draw a theme that uses only the fonts and scripts that can be shown, on `ground` where that is given."""
    mode = rng.choices(list(THEME_MODES), weights=list(THEME_MODES.values()))[0]
    drawn = _draw_ground(rng, mode)
    ground = drawn if ground is None else ground
    dark = luminance(ground) < 0.42
    accent = _draw_accent(rng, ground)
    strength = rng.uniform(0.5, 0.82) if rng.random() < 0.25 else rng.uniform(0.82, 1.0)
    script = SCRIPTS[_draw_script(rng, scripts)]
    end = "#ffffff" if dark else "#000000"
    theme = Theme(
        mode=mode,
        dark=dark,
        ground=ground,
        surface=mix(ground, end if dark else "#ffffff", rng.choice((0.0, 0.05, 0.12))),
        ink=mix(ground, end, strength),
        muted=mix(ground, end, rng.uniform(0.32, 0.62)),
        line=mix(ground, end, rng.uniform(0.14, 0.7)),
        faint=mix(ground, end, rng.uniform(0.04, 0.16)),
        accent=accent,
        on_accent=_readable_on(accent, ground if rng.random() < 0.3 else "#ffffff"),
        font=_draw_font(rng, fonts),
        font_size_px=rng.choices(list(FONT_SIZES_PX), weights=list(FONT_SIZES_PX.values()))[0],
        font_weight=rng.choices((300, 400, 500, 600, 700), weights=(1, 8, 2, 1, 1))[0],
        radius_px=rng.choices((0, 2, 3, 4, 6, 8, 12), weights=(2, 3, 2, 4, 2, 2, 1))[0],
        gap_px=rng.choice((2, 4, 6, 8, 8, 10, 12, 16)),
        script=script.name,
        direction="rtl" if script.right_to_left else "ltr",
    )
    if mode == "contrast" and ground == drawn:
        theme = _in_high_contrast(theme, rng)
    return replace(theme, mirrored=script.right_to_left and rng.random() < MIRRORED)


def _in_high_contrast(theme: Theme, rng: random.Random) -> Theme:
    ground, ink, accent = rng.choice([colours for colours in CONTRASTS if colours[0] == theme.ground])
    return replace(
        theme,
        surface=ground,
        ink=ink,
        muted=mix(ground, ink, rng.choice((0.6, 1.0))),
        line=ink,
        faint=mix(ground, ink, 0.12),
        accent=accent,
        on_accent=_readable_on(accent, ground),
    )


def _draw_font(rng: random.Random, fonts: tuple[str, ...]) -> str:
    """Draw a font, mostly one of the plain ones that interfaces are set in."""
    plain = [font for font in fonts if font.split(",")[0] not in UNCOMMON_FONTS]
    return rng.choice(plain) if plain and rng.random() < PLAIN_FONT else rng.choice(fonts)


def _draw_script(rng: random.Random, scripts: tuple[str, ...]) -> str:
    others = [name for name in scripts if name != "latin"]
    return rng.choice(others) if others and rng.random() < 0.22 else "latin"


def _draw_ground(rng: random.Random, mode: str) -> str:
    if mode == "light":
        return rng.choice(LIGHT_GROUNDS)
    if mode == "dark":
        return rng.choice(DARK_GROUNDS)
    if mode == "contrast":
        return rng.choice(CONTRASTS)[0]
    if mode == "tinted":
        return hsl(rng.random(), rng.uniform(0.2, 0.9), rng.uniform(0.86, 0.96))
    return hsl(rng.random(), rng.uniform(0.25, 0.85), rng.uniform(0.22, 0.7))


def _draw_accent(rng: random.Random, ground: str) -> str:
    """Draw an accent that stands out from the ground; eight tries, then the ground's opposite.

    Some designs have no colour at all: their accent is white on a dark ground, and nearly black on a light one.
    """
    opposite = "#ffffff" if luminance(ground) < 0.5 else "#1a1a1a"
    if rng.random() < MONOCHROME:
        return opposite
    for _ in range(8):
        free = rng.random() < 0.33
        accent = hsl(rng.random(), rng.uniform(0.45, 1.0), rng.uniform(0.3, 0.72)) if free else rng.choice(ACCENTS)
        if distance(accent, ground) > 0.33:
            return accent
    return opposite


def _readable_on(colour: str, preferred: str) -> str:
    if abs(luminance(colour) - luminance(preferred)) > 0.3:
        return preferred
    return "#111111" if luminance(colour) > 0.5 else "#ffffff"


def hsl(hue: float, saturation: float, lightness: float) -> str:
    """Return `#rrggbb` for fractions of 1."""
    return _hex(colorsys.hls_to_rgb(hue, lightness, saturation))


@functools.lru_cache(4096)
def mix(first: str, second: str, share: float) -> str:
    """Return the colour that is `share` of the way from `first` to `second`."""
    pairs = zip(channels(first), channels(second), strict=True)
    return _hex(tuple(one + (two - one) * share for one, two in pairs))


def luminance(colour: str) -> float:
    """Return the perceived lightness of `#rrggbb`, 0 to 1 (Rec. 709 weights on the encoded channels)."""
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def distance(first: str, second: str) -> float:
    """Return how far apart two colours are: the largest difference of a channel, 0 to 1."""
    return max(abs(one - two) for one, two in zip(channels(first), channels(second), strict=True))


@functools.lru_cache(4096)
def channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of `#rrggbb` as fractions of 1.

    Raises:
        ValueError: it is written otherwise.
    """
    if not COLOUR.fullmatch(colour):
        raise ValueError(f"'{colour}' is no colour that can be reckoned with; write it as #rrggbb")
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(rgb: tuple[float, ...]) -> str:
    red, green, blue = (round(min(1.0, max(0.0, channel)) * 255) for channel in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"


def script_of(theme: Theme) -> Script:
    """Return the theme's writing system."""
    return SCRIPTS[theme.script]
