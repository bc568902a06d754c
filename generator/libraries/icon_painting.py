"""Painting icons: the HTML of a set's drawings."""

import functools
import re
from collections.abc import Callable, Mapping

from markupsafe import Markup

from base.errors import InputError
from generator.libraries.icon_set import Drawing, read_icon_set

_NAMED = re.compile(r"""\bid\s*=\s*["']([^"']+)["']""")

Painter = Callable[[str, float], Markup]
"""Returns an icon, by name, as an <svg> whose longer side is so many CSS pixels."""


def icon_painter(library: str) -> Painter:
    """Return what paints the icons of an installed set.

    Raises:
        InputError: the set is not installed; or, when it is called, the set has no such icon.
    """
    return functools.partial(_paint, library, read_icon_set(library).drawings)


def _paint(library: str, drawings: Mapping[str, Drawing], name: str, size_px: float) -> Markup:
    if name not in drawings:
        raise InputError(f"{library} has no icon '{name}'; `boxwright libraries show {library}` lists those it has")
    drawing = drawings[name]
    left, top, width, height = drawing.box
    scale = size_px / max(width, height)
    body = _with_own_names(name, drawing.body)
    # The body was read from a package that the user installed, and holds nothing that acts.
    return Markup(
        f'<svg width="{width * scale:.4g}" height="{height * scale:.4g}" style="display:block;flex:none" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}">{body}</svg>'
    )


def _with_own_names(icon: str, body: str) -> str:
    """Rename what the drawing refers to, such as gradients: two icons side by side may use the same names."""
    own = {name: f"{icon}-{number}" for number, name in enumerate(sorted(set(_NAMED.findall(body))))}
    for name, new in own.items():
        quoted = re.escape(name)
        body = re.sub(rf"""(\bid\s*=\s*["']){quoted}(["'])""", rf"\g<1>{new}\g<2>", body)
        body = re.sub(rf"""(href\s*=\s*["']#){quoted}(["'])""", rf"\g<1>{new}\g<2>", body)
        body = re.sub(rf"""(url\(["']?#){quoted}(["']?\))""", rf"\g<1>{new}\g<2>", body)
    return body
