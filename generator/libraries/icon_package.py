"""Icons of an installed package: an Iconify collection, or files of SVG."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from base.errors import InputError
from generator.families.lineage import IconSource
from generator.libraries.icon_names import sort_names
from generator.libraries.icon_set import Drawing, IconPair, IconSet

LARGEST_BYTES = 30_000
"""Larger drawings, such as coats of arms, are left out."""

NO_DRAWING = "it is empty, too large, or more than a drawing"

_SVG = re.compile(r"<svg\b([^>]*)>(.*)</svg>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*')""")
_PRESENTATION = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill-rule", "clip-rule")
_ACTIVE = re.compile(
    r"<(?:script|foreignObject|iframe|image|style|a)\b|\son\w+\s*=|https?:(?!//www\.w3\.org)", re.IGNORECASE
)
_SHAPE = re.compile(r"<(?!(?:g|defs)\b)\w")
_DROPPED = re.compile(r"<(title|desc|metadata)\b.*?</\1>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_COLOUR = re.compile(r"""(?:fill|stroke|stop-color)\s*[:=]\s*["']?\s*(#\w+|rgba?\([^)]*\)|url\([^)]*\)|[a-zA-Z]+)""")
_NO_COLOUR = {"none", "currentcolor", "inherit", "transparent", "context"}
_BLACK = re.compile(r"""((?:fill|stroke)\s*[:=]\s*["']?\s*)(?:#000000|#000|#111|black)\b""")


def read_icons(source: IconSource, modules: Path) -> IconSet:
    """Return the icons of the packages in `modules`, dealt by their names and not yet compared by pixels.

    Raises:
        InputError: the package does not hold what the declaration says.
    """
    found = _collection(modules, source.collection) if source.collection else _files(modules, source.files)
    drawings = {name: drawing for name, drawing in sorted(found.items()) if drawing}
    if not drawings:
        raise InputError(
            f"{source.collection or source.files}: the package has no icon there; mend icons in library.toml"
        )
    coloured = sum(_is_coloured(drawing.body) for drawing in drawings.values()) * 2 > len(drawings)
    dealt = sort_names(drawings, coloured=coloured, ambiguous=source.ambiguous)
    pairs = [IconPair(kind=one.kind, on=one.on, off=off, mixed=one.mixed) for one in dealt.pairs for off in one.off]
    unreadable = {name: NO_DRAWING for name, drawing in found.items() if not drawing}
    return IconSet(
        drawings=drawings,
        others=dealt.others,
        pairs=tuple(pairs),
        left_out=dict(sorted((dealt.left_out | unreadable).items())),
        coloured=coloured,
    )


def _collection(modules: Path, file: str) -> dict[str, Drawing | None]:
    """Return what an Iconify collection holds: drawings that are current, without the second names of others."""
    try:
        whole = json.loads((modules / file).read_text(encoding="utf-8"))
        icons: Mapping[str, Mapping[str, Any]] = whole["icons"]
        return {
            name: _drawing(str(icon["body"]), _collection_box(icon, whole))
            for name, icon in icons.items()
            if not icon.get("hidden")
        }
    except FileNotFoundError as error:
        raise InputError(f"{file}: the package has no such file; mend icons in library.toml") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a collection of Iconify: {error!r}") from error


def _collection_box(icon: Mapping[str, Any], whole: Mapping[str, Any]) -> tuple[float, float, float, float]:
    def value(name: str, default: int) -> float:
        return float(icon.get(name, whole.get(name, default)))

    return value("left", 0), value("top", 0), value("width", 16), value("height", 16)


def _files(modules: Path, pattern: str) -> dict[str, Drawing | None]:
    return {re.sub(r"\s+", "-", path.stem): _from_file(path) for path in sorted(modules.glob(pattern))}


def _from_file(path: Path) -> Drawing | None:
    if path.stat().st_size > LARGEST_BYTES:
        return None
    match = _SVG.search(path.read_text(encoding="utf-8", errors="replace"))
    if not match:
        return None
    given = {name: value[1:-1] for name, value in _ATTRIBUTE.findall(match[1])}
    box = _file_box(given)
    if box is None:
        return None
    # A shape without a colour of its own is black; here it takes the colour of the text around it.
    kept = {"fill": "currentColor"} | {name: given[name] for name in _PRESENTATION if name in given}
    attributes = " ".join(f'{name}="{value}"' for name, value in kept.items())
    return _drawing(f"<g {attributes}>{match[2].strip()}</g>", box)


def _file_box(given: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    try:
        if "viewBox" in given:
            left, top, width, height = map(float, given["viewBox"].replace(",", " ").split())
        else:
            left, top, (width, height) = 0, 0, (float(given[side].removesuffix("px")) for side in ("width", "height"))
    except (ValueError, KeyError):
        return None
    return (left, top, width, height) if width > 0 and height > 0 else None


def _drawing(body: str, box: tuple[float, float, float, float]) -> Drawing | None:
    """Return the drawing without what is not seen; none where it is empty, too large or would do something."""
    body = _DROPPED.sub("", body)
    if len(body) > LARGEST_BYTES or _ACTIVE.search(body) or not _SHAPE.search(body):
        return None
    return Drawing(box=box, body=_BLACK.sub(r"\1currentColor", body))


def _is_coloured(body: str) -> bool:
    return any(colour.lower() not in _NO_COLOUR for colour in _COLOUR.findall(body))
