"""Rendering a crop of a data set again, from what its manifest and description record."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from base.errors import InputError, MissingError
from generator.crops.manifest import ManifestRow, read_manifest
from generator.crops.page import Crop, render_page
from generator.crops.recipe import Recipe
from generator.formats.crop_formats import CROP_FORMATS, read_crops
from generator.formats.dataset_json import read_description, shared_fingerprint, source_fingerprints
from generator.libraries.installed import load_catalogue
from generator.rendering.studio import Studio, find_surroundings, with_studio


@dataclass(frozen=True)
class Rerendered:
    """A crop's PNG bytes as they come out now, and whether they are those that were stored."""

    row: ManifestRow
    png: bytes

    @property
    def same(self) -> bool:
        """Tell whether the bytes are those of the manifest."""
        return hashlib.sha256(self.png).hexdigest() == self.row.sha256


def rerender(folder: Path, file_name: str, *, templates: Path | None = None, browser: str | None = None) -> Rerendered:
    """Render the page of `file_name`, a crop of the data set in `folder`, again and return that crop.

    Raises:
        MissingError: there is no manifest, no description or no such crop on the disk.
        InputError: the data set holds no crops, the crop is not in the manifest, is not what the manifest says, or a
            family is not here or has changed since.
        BrowserError: no browser starts, or it failed.
    """
    described = read_description(folder)
    if CROP_FORMATS.choose(described.format).row is not ManifestRow:
        raise InputError(f"{folder} holds whole screens; only crops can be rendered again one by one")
    row = next((row for row in read_manifest(folder) if row.file_name == file_name), None)
    if row is None:
        raise InputError(f"{folder} has no crop {file_name}; name one as metadata.jsonl does")
    _require_stored(folder, row)
    families = load_catalogue(names=described.families, folder=templates)
    absent = [name for name in described.families if name not in families]
    if absent:
        names = ", ".join(absent)
        raise InputError(f"{folder} was drawn from families that are not here ({names}); add --templates DIR")
    now = source_fingerprints({name: families[name] for name in described.families})
    changed = [name for name in described.families if now[name] != described.families[name]]
    if shared_fingerprint() != described.shared:
        changed.append("what all families share")
    if changed:
        raise InputError(f"families have changed since {folder} was drawn: {', '.join(changed)}")
    recipe = described.recipe(families)
    return Rerendered(row, with_studio(find_surroundings(browser)[0], lambda studio: _crop(recipe, row, studio)))


def _require_stored(folder: Path, row: ManifestRow) -> None:
    stored = next((crop for crop in read_crops(folder) if crop.row.index == row.index), None)
    if stored is None:
        raise MissingError(f"{folder}: {row.file_name} is in the manifest but not among the pictures")
    if hashlib.sha256(stored.png).hexdigest() != row.sha256:
        raise InputError(f"{folder}: {row.file_name} is not the picture that the manifest describes")


def _crop(recipe: Recipe, row: ManifestRow, studio: Studio) -> bytes:
    items = render_page(recipe, row.page, studio)
    return next(item.png for item in items if isinstance(item, Crop) and item.row.index == row.index)
