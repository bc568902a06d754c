"""Sheets: the HTML of a page of cells, and where their crops lie once the browser has laid them out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from generator.families.family import Family
from generator.families.theme import script_of
from generator.libraries.icon_painting import icon_painter
from generator.rendering.filling import fill_template
from generator.sampling.box import Box, union
from generator.sampling.cell import LOOK, Cell
from generator.sampling.placement import Neighbour, Window

SHEET_WIDTH_PX = 1600
DEEPEST_CUT = 0.2
"""The largest share of its content that a crop may lose at a side."""

WIDEST_PX = 760
"""The widest cell, in CSS pixels."""

STYLE = f"""
html, body {{ margin: 0; background: #777; }}
body {{ width: {SHEET_WIDTH_PX}px; position: relative; }}
.frame {{ position: absolute; top: 0; left: 0; overflow: clip; }}
.cell {{ position: absolute; top: 0; left: 0; width: max-content; max-width: {WIDEST_PX}px; }}
.cell {{ box-sizing: border-box; overflow: hidden; }}
.stack {{ display: flex; }}
.neighbour {{ display: flex; overflow: hidden; flex: none; }}
.neighbour > .row {{ flex: none; }}
.row {{ display: flex; align-items: center; min-width: 0; }}
.row.right, .row.none {{ flex-direction: row; }}
.row.left {{ flex-direction: row-reverse; justify-content: flex-end; }}
.row.far {{ flex-direction: row-reverse; justify-content: space-between; }}
.row.below {{ flex-direction: column; }}
.row.above {{ flex-direction: column-reverse; }}
.widget {{ display: inline-flex; flex: none; position: relative; }}
.hint {{ display: block; }}
.cover {{ position: absolute; left: -6px; right: -30px; bottom: 0; background: #333c; color: #fff; overflow: hidden; }}
"""


@dataclass(frozen=True)
class Placed:
    """Where the browser laid a cell out, in CSS pixels of the page."""

    cell: Box
    widget: Box
    label: Box | None


def render_widget(family: Family, *, state: str, cell: Cell) -> str:
    """Return the family's HTML for a state, with the cell's theme as `t` and its parameters by name.

    Families of icon sets get `svg(name, size_px)` too.

    Raises:
        TemplateError: a syntax error or an undefined name, with file and line.
    """
    names: dict[str, object] = {"state": state, "on": family.is_on(state), "t": cell.theme}
    if family.library and family.library.is_icon_set:
        names["svg"] = icon_painter(family.library.name)
    return fill_template(family.name, family.source, names | dict(cell.params))


def sheet_html(slots: Sequence[Sequence[Cell]], families: Mapping[str, Family], *, whole: bool = False) -> str:
    """Return the body of the page that shows the slots, in order; each holds one cell, or some that are compared.

    What no crop of a cell shows is cut away, unless cells are asked for `whole`.
    """
    return "".join(f'<div class="slot">{_slot_html(cells, families, whole=whole)}</div>' for cells in slots)


def libraries_on(html: str) -> set[str]:
    """Return the names of the libraries whose widgets are on the sheet."""
    return set(re.findall(r' data-library="([^"]+)"', html))


def _slot_html(cells: Sequence[Cell], families: Mapping[str, Family], *, whole: bool) -> str:
    return "".join(_cell_html(cell, families[cell.family], whole=whole) for cell in cells)


def _cell_html(cell: Cell, family: Family, *, whole: bool) -> str:
    theme, layout = cell.theme, cell.layout
    reach = _reach(cell)
    stacked = layout.stacking == "column"
    rows = [_row_html(cell, family, Neighbour(cell.state, layout.text), main=True)]
    if layout.before:
        rows.insert(0, _neighbour_html(cell, family, layout.before, room_px=reach.top if stacked else reach.left))
    if layout.after:
        rows.append(_neighbour_html(cell, family, layout.after, room_px=reach.bottom if stacked else reach.right))
    font = f"{theme.font_weight} {theme.font_size_px}px {theme.font}"
    width = f"width:{layout.width_px}px;" if layout.placement == "far" else ""
    style = f"background:{theme.ground};color:{theme.ink};font:{escape(font)};padding:{_padding(cell, reach)};{width}"
    stack = f'<div class="stack" style="flex-direction:{layout.stacking}">{"".join(rows)}</div>'
    seen = " ".join(f"{side:.4g}" for side in (reach.top, reach.right, reach.bottom, reach.left))
    attributes = f'lang="{script_of(theme).lang}" dir="{theme.direction}" style="{style}"'
    attributes += "" if whole else f' data-reach="{seen}"'
    return f'<div class="frame"><div class="cell" {attributes}>{stack}</div></div>'


@dataclass(frozen=True)
class _Reach:
    """How far the cell's crops go beyond its content on each side, in CSS pixels."""

    top: float
    right: float
    bottom: float
    left: float


def _reach(cell: Cell) -> _Reach:
    windows = [view.window for view in cell.views]
    return _Reach(
        *(
            max(0.0, *(getattr(window, side) for window in windows))
            for side in ("top_px", "right_px", "bottom_px", "left_px")
        )
    )


def _padding(cell: Cell, reach: _Reach) -> str:
    """Return CSS for just as much ground as the widest of the crops shows: pixels are what painting costs."""
    scrolled = cell.layout.scrolled_px
    sides = (reach.top + scrolled, reach.right + 1, reach.bottom + 1, reach.left + scrolled)
    return " ".join(f"{side:.4g}px" for side in sides)


def _neighbour_html(cell: Cell, family: Family, neighbour: Neighbour, *, room_px: float) -> str:
    """Return a neighbour's row with as much of its near side as some crop can show."""
    layout = cell.layout
    visible = max(0.0, room_px - layout.spacing_px)
    before = neighbour is layout.before
    column = layout.stacking == "column"
    limit = f"max-{'height' if column else 'width'}:{visible:.4g}px"
    inner = ("bottom" if before else "top") if column else ("right" if before else "left")
    style = f"flex-direction:{layout.stacking};justify-content:{'flex-end' if before else 'flex-start'};{limit}"
    row = _row_html(cell, family, neighbour, main=False)
    return f'<div class="neighbour" style="{style};margin-{inner}:{layout.spacing_px}px">{row}</div>'


def _row_html(cell: Cell, family: Family, content: Neighbour, *, main: bool) -> str:
    layout, theme = cell.layout, cell.theme
    cover = ""
    if main and layout.covered:
        cover = f'<span class="cover" style="height:{layout.covered:.0%}">{escape(layout.text)}</span>'
    host = host_html(cell, family, content.state)
    widget = f'<span class="widget">{host}{cover}</span>'
    label = "" if layout.placement == "none" else _label_html(cell, content.text)
    main_class = " main" if main else ""
    sideways = layout.placement in ("right", "left", "far")
    align = "align-items:flex-start;" if layout.top and layout.wrap_px and sideways else ""
    style = f"gap:{theme.gap_px}px;{align}{_frame_style(cell)}"
    return f'<div class="row {layout.placement}{main_class}" style="{style}">{widget}{label}</div>'


def host_html(cell: Cell, family: Family, state: str) -> str:
    """Return the HTML of the widget itself: a host whose shadow root holds what the family draws."""
    inner = _in_library(family, cell, render_widget(family, state=state, cell=cell))
    zoom = f' style="zoom:{cell.layout.zoom}"' if cell.layout.zoom != 1 else ""
    shadow = f'<template shadowrootmode="open">{inner}</template>'
    return f'<span class="host"{zoom}{_reading(family, state)}>{shadow}</span>'


def _in_library(family: Family, cell: Cell, inner: str) -> str:
    """Return the widget inside what stands for its library's <html> and <body>, since a shadow root has neither."""
    if not family.dressed_by:
        return inner
    attributes = family.dressed_by.looks[str(cell.params[LOOK])].attributes
    names = f"bw-root {attributes.get('class', '')}".strip()
    others = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if name != "class")
    return f'<bw-html class="{escape(names)}" dir="ltr"{others}><bw-body>{inner}</bw-body></bw-html>'


def _reading(family: Family, state: str) -> str:
    """Return the attributes by which the page names it, and knows whose style sheets to use and what state to find."""
    name = f' data-family="{escape(family.name)}"'
    if not family.dressed_by:
        return name
    on = "on" if family.is_on(state) else "off"
    expected = "none" if family.declared.kind == "none" else on
    return f'{name} data-library="{family.dressed_by.name}" data-expected="{expected}"'


def _label_html(cell: Cell, text: str) -> str:
    layout, theme = cell.layout, cell.theme
    hint = (
        f'<span class="hint" style="color:{theme.muted};font-size:.85em">{escape(layout.hint)}</span>'
        if layout.hint
        else ""
    )
    struck = "text-decoration:line-through;" if layout.struck else ""
    wrap = f' style="max-width:{layout.wrap_px}px"' if layout.wrap_px else ""
    return f'<span class="label"{wrap}><span style="{struck}">{escape(text)}</span>{hint}</span>'


def _frame_style(cell: Cell) -> str:
    theme = cell.theme
    return {
        "": "",
        "card": f"background:{theme.surface};border:1px solid {theme.faint};"
        f"border-radius:{theme.radius_px}px;padding:10px 14px;",
        "divider": f"border-bottom:1px solid {theme.faint};padding:6px 0;",
        "field": f"background:{theme.faint};padding:4px 8px;",
    }[cell.layout.frame] + ("flex:1;" if cell.layout.placement == "far" else "")


def crop_box(window: Window, placed: Placed) -> Box:
    """Return the crop's box in CSS pixels of the page: the content and its margins, kept inside the cell."""
    content = placed.widget
    if placed.label:
        content = union([placed.widget, _kept_label(window, placed.widget, placed.label)])
    # A thin line must not be cut away whole.
    left, right = (max(side, -DEEPEST_CUT * content.width) for side in (window.left_px, window.right_px))
    top, bottom = (max(side, -DEEPEST_CUT * content.height) for side in (window.top_px, window.bottom_px))
    wanted = Box(content.x - left, content.y - top, content.width + left + right, content.height + top + bottom)
    return wanted.clipped(placed.cell)


def _kept_label(window: Window, widget: Box, label: Box) -> Box:
    """Return the part of the label next to the widget that the window keeps."""
    share = window.label_share
    width = label.width * share
    if label.x >= widget.right:
        return Box(label.x, label.y, width, label.height)
    if label.right <= widget.x:
        return Box(label.right - width, label.y, width, label.height)
    return label
