"""Rendering a crop of a data set again, from what its manifest and description record."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from generator.browser import Choice, Studio, find_browser, with_studio
from generator.cell import Palette
from generator.dataset import DESCRIPTION, Description, source_fingerprints
from generator.errors import InputError, MissingError
from generator.family import require_families
from generator.libraries import load_catalogue
from generator.manifest import Row, read_manifest
from generator.page import Job, render_page
from generator.settings import flatten


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
    described = _read_description(folder / DESCRIPTION)
    families = load_catalogue(names=described.families, folder=templates)
    require_families(tuple(described.families), families)
    now = source_fingerprints({name: families[name] for name in described.families})
    changed = [name for name in described.families if now[name] != described.families[name]]
    if changed:
        raise InputError(f"families have changed since {folder} was drawn: {', '.join(changed)}")
    # The catalogue's order decides what is drawn, so it must be the order of the first run.
    ordered = {name: families[name] for name in described.families}
    choice = find_browser(browser)
    job = Job(folder, described.seed, described.n, Palette(ordered, described.fonts, described.scripts), choice)
    return Rerendered(row, _crop(job, row, choice))


def _crop(job: Job, row: Row, choice: Choice) -> bytes:
    def render(studio: Studio) -> bytes:
        return next(png for again, png in render_page(job, row.page, studio) if again.index == row.index)

    return with_studio(choice, render)


def _read_description(path: Path) -> Description:
    if not path.exists():
        raise MissingError(f"no {DESCRIPTION} in {path.parent}; only data sets of `boxwright generate` have one")
    try:
        return Description.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise InputError(flatten(error, str(path))) from error
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
