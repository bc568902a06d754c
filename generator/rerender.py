"""Rendering a crop of a data set again, from what its manifest and description record."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from generator.browser import find_browser
from generator.description import read_description, shared_fingerprint, source_fingerprints
from generator.errors import InputError
from generator.family import require_families
from generator.libraries import load_catalogue
from generator.manifest import Row, read_manifest
from generator.page import Crop, render_page
from generator.recipe import Recipe
from generator.studio import Studio, with_studio


@dataclass(frozen=True)
class Rerendered:
    """A crop's PNG bytes as they come out now, and whether they are those that were stored."""

    row: Row
    png: bytes

    @property
    def same(self) -> bool:
        """Tell whether the bytes are those of the manifest."""
        return hashlib.sha256(self.png).hexdigest() == self.row.sha256


def rerender(folder: Path, file_name: str, *, templates: Path | None = None, browser: str | None = None) -> Rerendered:
    """Render the page of `file_name`, a crop of the data set in `folder`, again and return that crop.

    Raises:
        MissingError: there is no manifest or no description.
        InputError: the crop is not in the manifest, or a family has changed since.
        BrowserError: no browser starts, or it failed.
    """
    row = next((row for row in read_manifest(folder) if row.file_name == file_name), None)
    if row is None:
        raise InputError(f"{folder} has no crop {file_name}; name one as metadata.jsonl does")
    described = read_description(folder)
    families = load_catalogue(names=described.families, folder=templates)
    require_families(tuple(described.families), families)
    now = source_fingerprints({name: families[name] for name in described.families})
    changed = [name for name in described.families if now[name] != described.families[name]]
    if shared_fingerprint() != described.shared:
        changed.append("what all families share")
    if changed:
        raise InputError(f"families have changed since {folder} was drawn: {', '.join(changed)}")
    recipe = described.recipe(families)
    return Rerendered(row, with_studio(find_browser(browser), lambda studio: _crop(recipe, row, studio)))


def _crop(recipe: Recipe, row: Row, studio: Studio) -> bytes:
    items = render_page(recipe, row.page, studio)
    return next(item.png for item in items if isinstance(item, Crop) and item.row.index == row.index)
