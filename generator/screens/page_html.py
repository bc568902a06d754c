"""The HTML of a screen: applications in their frames, and what families draw in the places of items."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from generator.families.theme import Theme, script_of
from generator.rendering.filling import fill_template

SCREEN_STYLE = """
html, body { margin: 0; background: #777; }
.screen { position: relative; overflow: hidden; pointer-events: auto; }
.screen.fits { width: max-content; }
.screen, .screen * { box-sizing: border-box; }
.screen svg { display: block; flex: none; }
.whole { position: absolute; inset: 0; }
.app { position: relative; overflow: hidden; min-width: 0; min-height: 0; flex: 1; line-height: 1.35; }
.item, .item > span { display: inline-flex; flex: none; position: relative; vertical-align: middle }
.item, .item > span { align-items: center; }
.item > span { box-sizing: content-box; }
.item.twin { display: inline-grid; place-items: start; }
.item.twin > span { grid-area: 1 / 1; }
.away { opacity: 0; pointer-events: none; }
.bare .item { opacity: 0; }
.host, .host * { box-sizing: content-box; }
"""
"""The style sheet of every screen, beside what its layouts bring."""

_PLACE = re.compile(r'<span class="item" data-item="(\d+)"></span>')
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

FRAMED = '{% import "screens/_frames.html" as frames with context %}{{ frames["frame_" ~ frame](app, fits) }}'


@dataclass(frozen=True)
class LayoutWidget:
    """What a layout puts where it likes: a widget, `box`, and the words beside it, `label`, by the item's number.

    `inside` says that the widget draws its own words.
    """

    number: int
    text: str
    inside: bool = False

    @property
    def box(self) -> Markup:
        """Return the place of the widget."""
        return Markup(f'<span class="item" data-item="{self.number}"></span>')

    @property
    def label(self) -> Markup:
        """Return the words that belong to it; none where it draws them itself."""
        text = "" if self.inside else escape(self.text)
        return Markup(f'<span data-for="{self.number}">{text}</span>')

    def __html__(self) -> str:
        return self.box


def app_html(body: str, theme: Theme, *, fits: bool) -> Markup:
    """Return an application: its layout's HTML in its theme. Its style sheets hold inside it alone."""
    font = f"{theme.font_weight} {theme.font_size_px}px {theme.font}"
    style = f"background:{theme.ground};color:{theme.ink};font:{font}"
    language = f'lang="{script_of(theme).lang}" dir="{theme.direction}"'
    scoped = _STYLE.sub(lambda match: f"<style>@scope to (.app) {{{match[1]}}}</style>", body)
    scroll = "" if fits else " data-scroll"
    height = "" if fits else ";height:100%"
    return Markup(f'<div class="app" {language} style="{escape(style)}{height}"{scroll}>{scoped}</div>')


def framed_html(frame: str, app: Markup, names: Mapping[str, object], *, fits: bool) -> str:
    """Return an application in its frame, which is drawn with the names that its layout has."""
    return fill_template("screens/_frames", FRAMED, dict(names) | {"frame": frame, "app": app, "fits": fits})


def fill_places(body: str, fill: Callable[[int], str]) -> str:
    """Return the HTML with what `fill` gives for each item's number in its place."""
    return _PLACE.sub(lambda match: fill(int(match[1])), body)
