"""Rendering a picture of a data set again, from what its manifest and description record."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from base.errors import InputError, MissingError
from generator.crops.manifest import ManifestRow, read_rows
from generator.crops.page import Rejected
from generator.crops.recipe import Recipe
from generator.families.screen_layout import ScreenLayout, layout_files, load_layouts
from generator.families.substates import with_substates
from generator.formats.crop_formats import CROP_FORMATS, read_crops
from generator.formats.dataset_json import (
    Description,
    layout_fingerprints,
    read_description,
    shared_fingerprint,
    source_fingerprints,
)
from generator.libraries.installed import load_catalogue
from generator.rendering.painters import SheetPainter, find_painter, with_painter
from generator.screens.rows import ScreenRow


@dataclass(frozen=True)
class Rerendered:
    """A picture's PNG bytes as they come out now, and whether they are those that were stored."""

    row: ManifestRow | ScreenRow
    png: bytes

    @property
    def same(self) -> bool:
        """Tell whether the bytes are those of the manifest."""
        return hashlib.sha256(self.png).hexdigest() == self.row.sha256


def rerender(folder: Path, file_name: str, *, templates: Path | None = None, browser: str | None = None) -> Rerendered:
    """Render `file_name`, a crop or a screen of the data set in `folder`, again: a crop with the page that it was on.

    Raises:
        MissingError: there is no manifest, no description or no such picture on the disk.
        InputError: the picture is not in the manifest or not what the manifest says, or a family or a layout is not
            here or has changed since.
        BrowserError: no browser starts, or it failed.
    """
    described = read_description(folder)
    form = CROP_FORMATS.choose(described.format)
    what = "screen" if form.row is ScreenRow else "crop"
    row = next((row for row in read_rows(folder, form.row) if row.file_name == file_name), None)
    if row is None:
        raise InputError(f"{folder} has no {what} {file_name}; name one as metadata.jsonl does")
    _require_stored(folder, row)
    recipe = _recipe(folder, described, templates)
    if what == "screen" and not recipe.layouts:
        raise InputError(f"{folder} was drawn before screens had layouts; generate it again")
    name = recipe.painter(_page(row))
    choice = find_painter(name, browser)
    return Rerendered(row, with_painter(name, choice, lambda painter: _picture(recipe, described, row, painter)))


def _page(row: ManifestRow | ScreenRow) -> int:
    return row.page if isinstance(row, ManifestRow) else row.index


def _require_stored(folder: Path, row: ManifestRow | ScreenRow) -> None:
    stored = next((crop for crop in read_crops(folder) if crop.row.index == row.index), None)
    if stored is None:
        raise MissingError(f"{folder}: {row.file_name} is in the manifest but not among the pictures")
    if hashlib.sha256(stored.png).hexdigest() != row.sha256:
        raise InputError(f"{folder}: {row.file_name} is not the picture that the manifest describes")


def _recipe(folder: Path, described: Description, templates: Path | None) -> Recipe:
    """Return what the data set was drawn from, if that is here and has not changed."""
    families = load_catalogue(names=described.families, folder=templates)
    known = layout_files(templates)
    absent = [name for name in described.families if name not in families]
    absent += [name for name in described.layouts if name not in known]
    if absent:
        what = "families" if not described.layouts else "families or layouts"
        raise InputError(f"{folder} was drawn from {what} that are not here ({', '.join(absent)}); add --templates DIR")
    layouts = load_layouts(tuple(described.layouts), folder=templates) if described.layouts else {}
    families = with_substates({name: families[name] for name in described.families}, described.substates)
    changed = _changed(described, source_fingerprints(families), layouts)
    if changed:
        what = "families" if not described.layouts else "families or layouts"
        raise InputError(f"{what} have changed since {folder} was drawn: {', '.join(changed)}")
    return described.recipe(families, layouts)


def _changed(described: Description, families: dict[str, str], layouts: Mapping[str, ScreenLayout]) -> list[str]:
    now = layout_fingerprints(layouts)
    changed = [name for name in described.families if families[name] != described.families[name]]
    changed += [name for name in described.layouts if now[name] != described.layouts[name]]
    shared = shared_fingerprint(screens=bool(described.layouts)) == described.shared
    return changed if shared else [*changed, f"what all {'screens' if described.layouts else 'families'} share"]


def _picture(recipe: Recipe, described: Description, row: ManifestRow | ScreenRow, painter: SheetPainter) -> bytes:
    items = CROP_FORMATS[described.format].render(recipe, _page(row), painter)
    png: bytes = next(item.png for item in items if not isinstance(item, Rejected) and item.row.index == row.index)
    return png
