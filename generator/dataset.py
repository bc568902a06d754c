"""Data sets: class folders and a manifest, made page by page and resumable."""

import hashlib
import importlib.metadata
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from generator.browser import find_browser, survey
from generator.card import write_card
from generator.cell import Palette
from generator.errors import InputError
from generator.family import Family, load_families, require_families
from generator.files import atomic_open, claim_folder, write_json
from generator.manifest import MANIFEST, Row, read_manifest
from generator.page import Job, part
from generator.settings import Settings
from generator.workers import render_pages

DESCRIPTION = "dataset.json"


class GenerateSettings(Settings):
    """What decides the content of a data set; `workers` and `browser` only decide how it is made."""

    n: int = Field(default=2000, gt=0)
    seed: int = 0
    families: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    templates: Path | None = None
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    browser: str | None = None


class Description(Settings):
    """What dataset.json records: all that the bytes depend on, and that a resumed run must agree with."""

    n: int = Field(gt=0)
    seed: int
    families: dict[str, str]
    browser: str
    fonts: tuple[str, ...]
    scripts: tuple[str, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class Summary:
    """What a data set holds: crops by class and by family."""

    folder: Path
    classes: Mapping[str, int]
    families: Mapping[str, int]


Progress = Callable[[int, int], None]


def generate(
    out: Path,
    settings: GenerateSettings,
    *,
    overwrite: bool = False,
    resume: bool = False,
    on_progress: Progress | None = None,
) -> Summary:
    """Render `settings.n` labelled crops into `out`: a folder a class, metadata.jsonl and dataset.json.

    The same settings, browser and fonts give the same bytes, whatever the number of workers, and also when
    a run was killed and resumed. `on_progress` is called with crops done and crops in all.

    Raises:
        OutputExistsError: `out` is not empty and neither `overwrite` nor `resume` is set.
        InputError: an unknown family, or `resume` with other settings than those the folder was begun with.
        TemplateError: a family's template is broken; nothing is skipped silently.
        BrowserError: no browser starts, or a page failed twice.
    """
    families = _chosen(settings)
    choice = find_browser(settings.browser)
    surroundings = survey(choice)
    job = Job(out, settings.seed, settings.n, Palette(families, surroundings.fonts, surroundings.scripts), choice)
    claim_folder(out, overwrite=overwrite, resume=resume)
    _settle_description(out, _describe_run(job))
    done = sum(len(job.indices(page)) for page in job.pages() if part(out, page).exists())
    todo = [page for page in job.pages() if not part(out, page).exists()]
    report = on_progress or (lambda done, total: None)
    report(done, settings.n)
    for page in render_pages(job, todo, workers=settings.workers):
        done += len(job.indices(page))
        report(done, settings.n)
    return _finish(job)


def _chosen(settings: GenerateSettings) -> dict[str, Family]:
    catalogue = load_families(folder=settings.templates)
    # Names in `without` are checked too: a typing error there would leak what was to be held out.
    require_families((*settings.families, *settings.without), catalogue)
    names = settings.families or tuple(catalogue)
    families = {name: catalogue[name] for name in names if name not in settings.without}
    if not families:
        raise InputError("no family is left to draw from")
    return families


def source_fingerprints(families: Mapping[str, Family]) -> dict[str, str]:
    """Return a short hash of each family's template and declaration, by name."""
    return {name: hashlib.sha256(repr(family).encode()).hexdigest()[:16] for name, family in families.items()}


def _describe_run(job: Job) -> Description:
    return Description(
        n=job.n,
        seed=job.seed,
        families=source_fingerprints(job.palette.families),
        browser=job.choice.version,
        fonts=job.palette.fonts,
        scripts=job.palette.scripts,
        versions={name: importlib.metadata.version(name) for name in ("faker", "jinja2", "pillow")},
    )


def _settle_description(out: Path, description: Description) -> None:
    path, values = out / DESCRIPTION, description.model_dump(mode="json")
    if path.exists():
        begun = json.loads(path.read_text(encoding="utf-8"))
        changed = sorted(key for key in values if begun.get(key) != values[key])
        if changed:
            raise InputError(
                f"{out} was begun with other settings ({', '.join(changed)}); "
                "resume with the same ones, or start again with --overwrite"
            )
    else:
        write_json(path, values)


def _finish(job: Job) -> Summary:
    """Join the pages' rows into the manifest, in order, count what is there and write the card."""
    classes: Counter[str] = Counter()
    families: Counter[str] = Counter()
    with atomic_open(job.out / MANIFEST) as manifest:
        for line in _lines(part(job.out, page) for page in job.pages()):
            row = Row.model_validate_json(line)
            classes[row.label] += 1
            families[row.family] += 1
            manifest.write(line)
    write_card(job.out, read_manifest(job.out), _describe_run(job).model_dump(mode="json"))
    return Summary(job.out, dict(sorted(classes.items())), dict(sorted(families.items())))


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as lines:
            yield from lines
