"""Comparing icons by pixels: whether two are a widget's states, and whether one that is no widget looks like one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from base.arrays import Darkness, Pixels
from base.progress import OnProgress
from generator.datasets.family_check import WHOLE
from generator.families.family import Family, parse_family
from generator.families.lineage import Library
from generator.libraries.icon_set import IconPair, IconSet
from generator.rendering.difference import SMALLEST_CHANGE, changed_share
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display, Studio
from generator.sampling.cell import Cell, Palette, draw_cell
from generator.sampling.placement import BARE

ICON_PX = 24
ICONS_A_SHEET = 600

SMALLEST_ICON_CHANGE = 0.03
"""The share of pixels by which a widget's states must differ."""

FAINTEST = 0.012
"""The mean darkness, black on white, below which there is nothing to see."""

EMPTIEST = 0.4
"""The mean darkness up to which the middle of a box or a ring counts as empty."""

UNEVEN = 0.12
"""The standard deviation of the middle's darkness from which there is a mark in it."""

MARK = 0.05
"""By how much darker the middle must be with a mark in it."""

RESEMBLANCE, COLOURED_RESEMBLANCE = 0.8, 0.92
"""The correlation with a box, a ring or a disc, or with a widget of the same set, from which an icon looks like one.

Pictures in colours are told from widgets by them.
"""

ALIKE, FILLED, FAINT = "on and off cannot be told apart", "filled or marked when off", "nothing to see"
RESEMBLES, SPARE = "it looks like a widget", "another icon is its widget's other state"
TWIN = "drawn like another widget of the set"


LOOK_ALIKES = {
    "box": '<rect x="3" y="3" width="18" height="18" {}/>',
    "soft box": '<rect x="3" y="3" width="18" height="18" rx="4" {}/>',
    "ring": '<circle cx="12" cy="12" r="9" {}/>',
    "radio": '<circle cx="12" cy="12" r="9" {}/><circle cx="12" cy="12" r="4.5" fill="#000"/>',
    "ticked": '<rect x="3" y="3" width="18" height="18" {}/><path d="M7 12l4 4 6-8" stroke="#888" stroke-width="2"/>',
    "tick": '<path d="M3 12l6 6L21 6" stroke="#000" stroke-width="2.5"/>',
    "switch": '<rect x="1" y="6" width="22" height="12" rx="6" {}/><circle cx="17" cy="12" r="4" fill="#888"/>',
}
"""What no other icon may look like, in outline and filled."""

_TEMPLATE = """+++
kind = "none"
states = ["other"]
label = "inside"
[params]
sign = {choice = ["-"]}
+++
<i data-box style="display:grid;place-items:center;width:24px;height:24px;background:#fff;color:#000">{{ SIGN }}</i>
"""


def compare_icons(
    library: Library, icons: IconSet, studio: Studio, *, on_progress: OnProgress | None = None
) -> IconSet:
    """Draw all icons of a set, and return it with those left out that pixels tell are not what their names say.

    Raises:
        BrowserError: the browser failed.
    """
    names = sorted({*icons.others, *(name for pair in icons.pairs for name in (pair.on, pair.off))})
    drawn = dict(_draw_icons(library, names, studio, on_progress))
    pairs, left_out = _proven(icons.pairs, drawn)
    widgets = [name for pair in pairs for name in (pair.on, pair.off)]
    references = [_fitted(drawn[name]) for name in dict.fromkeys(widgets)] + [
        _fitted(shape) for shape in _draw_shapes(studio)
    ]
    limit = COLOURED_RESEMBLANCE if icons.coloured else RESEMBLANCE
    others = []
    for name in icons.others:
        if drawn[name].mean() < FAINTEST:
            left_out[name] = FAINT
        elif _resemblance(_fitted(drawn[name]), references) > limit:
            left_out[name] = RESEMBLES
        else:
            others.append(name)
    kept = {*others, *widgets}
    return IconSet(
        drawings={name: drawing for name, drawing in icons.drawings.items() if name in kept},
        others=tuple(others),
        pairs=tuple(pairs),
        left_out=dict(sorted((icons.left_out | left_out).items())),
        coloured=icons.coloured,
    )


def _proven(pairs: Sequence[IconPair], drawn: Mapping[str, Darkness]) -> tuple[list[IconPair], dict[str, str]]:
    """Return the first sound pair of each widget that is on, and why the other icons are left out."""
    proven: dict[tuple[str, str], IconPair] = {}
    faults: dict[str, str] = {}
    for pair in pairs:
        fault = _fault(pair, drawn[pair.on], drawn[pair.off])
        if not fault:
            proven.setdefault((pair.kind, pair.on), pair)
        else:
            faults.setdefault(pair.off if fault == FILLED else pair.on, fault)
    kept: list[IconPair] = []
    for pair in proven.values():
        if any(_is_twin(pair, other, drawn) for other in kept):
            faults[pair.on] = TWIN
        else:
            kept.append(pair)
    used = {name for pair in kept for name in (pair.on, pair.off)}
    named = {name for pair in pairs for name in (pair.on, pair.off)}
    return kept, {name: faults.get(name, SPARE) for name in sorted(named - used)}


def _is_twin(pair: IconPair, other: IconPair, drawn: Mapping[str, Darkness]) -> bool:
    """Tell whether two widgets look the same in both states."""
    twins = ((pair.on, other.on), (pair.off, other.off))
    return all(_changed(drawn[one], drawn[two]) < SMALLEST_CHANGE for one, two in twins)


def _fault(pair: IconPair, on: Darkness, off: Darkness) -> str:
    if min(on.mean(), off.mean()) < FAINTEST:
        return FAINT
    if _changed(on, off) < SMALLEST_ICON_CHANGE:
        return ALIKE
    if pair.kind != "switch":
        middle = _middle(off)
        if middle.mean() > EMPTIEST or middle.std() > UNEVEN:
            return FILLED
        if _middle(on).mean() < middle.mean() + MARK:
            return ALIKE
    return ""


def _middle(darkness: Darkness) -> Darkness:
    low, high = ICON_PX // 3, ICON_PX - ICON_PX // 3
    return darkness[low:high, low:high]


def _changed(one: Darkness, two: Darkness) -> float:
    return changed_share(_as_pixels(one), _as_pixels(two), area=ICON_PX**2)


def _as_pixels(darkness: Darkness) -> Pixels:
    grey = np.round(255 * (1 - darkness)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _fitted(darkness: Darkness) -> Darkness:
    """Return the icon at the size of its ink, whatever margin it has, with mean 0 and length 1."""
    rows, columns = (np.flatnonzero(darkness.max(axis=axis) > 0.15) for axis in (1, 0))
    if rows.size and columns.size:
        darkness = darkness[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    image = Image.fromarray((255 * darkness).astype(np.uint8)).resize((ICON_PX, ICON_PX), Image.Resampling.BILINEAR)
    centred = np.asarray(image, dtype=np.float64).ravel()
    centred = centred - centred.mean()
    fitted: Darkness = centred / max(1e-9, float(np.linalg.norm(centred)))
    return fitted


def _resemblance(icon: Darkness, references: Sequence[Darkness]) -> float:
    return max(float(icon @ reference) for reference in references)


def _draw_icons(
    library: Library, names: Sequence[str], studio: Studio, on_progress: OnProgress | None
) -> Iterator[tuple[str, Darkness]]:
    family = replace(
        parse_family(f"{library.name}/comparison", _TEMPLATE.replace("SIGN", f"svg(sign, {ICON_PX})")), library=library
    )
    for start in range(0, len(names), ICONS_A_SHEET):
        some = names[start : start + ICONS_A_SHEET]
        yield from zip(some, _painted(family, some, studio), strict=True)
        if on_progress:
            on_progress(start + len(some), len(names))


def _draw_shapes(studio: Studio) -> Iterator[Darkness]:
    styles = ('fill="none" stroke="#000" stroke-width="2"', 'fill="#000"')
    for shape in LOOK_ALIKES.values():
        for style in styles if "{}" in shape else ("",):
            drawing = f'<svg width="24" height="24" viewBox="0 0 24 24" fill="none">{shape.format(style)}</svg>'
            family = parse_family("comparison", _TEMPLATE.replace("{{ SIGN }}", drawing))
            yield from _painted(family, ("-",), studio)


def _painted(family: Family, signs: Iterable[str], studio: Studio) -> Iterator[Darkness]:
    """Yield what the family draws for each value of its parameter."""
    palette = Palette({family.name: family}, ("sans-serif",), ("latin",))
    first = replace(draw_cell(palette, seed=0, style=0), layout=BARE, views=(WHOLE,))
    cells: list[tuple[Cell]] = [(replace(first, params={"sign": sign}),) for sign in signs]
    [capture] = studio.capture(sheet_html(cells, palette.families, whole=True), count=len(cells), display=Display(1.0))
    for placed in capture.placed:
        left, top = round(placed.widget.x), round(placed.widget.y)
        pixels = capture.pixels[top : top + ICON_PX, left : left + ICON_PX]
        darkness: Darkness = 1 - pixels.mean(axis=2) / 255
        yield darkness
