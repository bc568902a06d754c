"""Data sets: crops and their manifest, made shard by shard and resumable."""

import importlib.util
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, field_validator

from base.counting import counted
from base.errors import InputError, MissingError, unknown_choice
from base.files import atomic_open, claim_folder
from base.progress import OnProgress, mute_progress
from base.settings import Settings
from base.spelling import refuse_spellings
from base.timing import package_log, timed
from base.work import Engine, Processes
from generator.crops.manifest import MANIFEST
from generator.crops.recipe import CHROMIUM_ALONE, Recipe
from generator.datasets.recipe_file import read_recipe
from generator.datasets.shard import REJECTED, ShardJob
from generator.datasets.workers import render_shard_here, render_shards
from generator.families.family import Family, require_families, template_files
from generator.families.screen_layout import ScreenLayout, load_layouts
from generator.families.substates import with_substates
from generator.formats.crop_formats import CROP_FORMATS
from generator.formats.crop_storage import CropFormat
from generator.formats.dataset_json import describe_dataset, settle_description
from generator.libraries.installed import library_family_names, library_names, library_of, load_catalogue
from generator.rendering.painter_names import CHROMIUM, read_shares
from generator.rendering.painters import find_painters
from generator.sampling.cell import Palette
from generator.sampling.sampling_weights import ORDINARY, SamplingWeights, weigh_family
from generator.screens.kit import draws_an_indicator
from generator.screens.rows import ScreenRow

LOG = package_log(__name__)


class GenerateSettings(Settings):
    """What decides the content of a data set; `workers` and `browser` only decide how it is made."""

    n: int = Field(default=2000, gt=0)
    seed: int = 0
    views: int = Field(default=1, gt=0, description="crops cut from each rendered widget, all of one group")
    pairs: bool = Field(default=False, description="each style in two states, in the same slot")
    format: str = Field(default="folder", description=", ".join(CROP_FORMATS))
    families: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    substates: tuple[str, ...] = Field(default=(), description="states within others that become classes of their own")
    libraries: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    without_layouts: tuple[str, ...] = ()
    screen_size: str | None = Field(default=None, description="of every screen, px, as 1920x1080; drawn when None")
    templates: Path | None = None
    painter: str = Field(default=CHROMIUM, description="what paints crops, or several with shares")
    recipe: Path | None = Field(default=None, description="a file that says what to draw more often")
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    browser: str | None = None

    @field_validator("screen_size")
    @classmethod
    def _is_a_size(cls, size: str | None) -> str | None:
        if size is not None and not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", size):
            raise ValueError(f"'{size}' is no size; write width and height as 1920x1080")
        return size

    @property
    def painters(self) -> dict[str, float]:
        """Return the share of the pages that each painter has."""
        return read_shares(self.painter)

    @field_validator("painter")
    @classmethod
    def _is_of_painters(cls, painter: str) -> str:
        read_shares(painter)
        return painter

    @property
    def screen_px(self) -> tuple[int, int] | None:
        """Return the width and height of every screen; None where they are drawn."""
        if self.screen_size is None:
            return None
        width, height = map(int, self.screen_size.split("x"))
        return width, height

    def to_command(self) -> str:
        """Return the command that draws the same again, into DATASET."""
        words = ["boxwright", "generate", "DATASET", "-n", str(self.n), "--seed", str(self.seed)]
        words += ["--views", str(self.views)] if self.views > 1 else []
        words += ["--pairs"] if self.pairs else []
        words += ["--format", self.format] if self.format != "folder" else []
        repeated = {"family": self.families, "without": self.without, "library": self.libraries}
        repeated |= {"substate": self.substates}
        repeated |= {"layout": self.layouts, "without-layout": self.without_layouts}
        for option, values in repeated.items():
            words += [word for value in values for word in (f"--{option}", value)]
        words += ["--screen-size", self.screen_size] if self.screen_size else []
        words += ["--painter", self.painter] if self.painters != CHROMIUM_ALONE else []
        words += ["--templates", str(self.templates)] if self.templates else []
        words += ["--recipe", str(self.recipe)] if self.recipe else []
        return shlex.join(words)


@dataclass(frozen=True)
class DatasetSummary:
    """What a data set holds: pictures, what they show by class and by family, and how many styles were rejected."""

    folder: Path
    pictures: int
    classes: Mapping[str, int]
    families: Mapping[str, int]
    rejected: int
    screens: bool = False

    def __str__(self) -> str:
        shown = sum(self.classes.values())
        what = (
            f"{counted(self.pictures, 'screen')} with {counted(shown, 'widget')}"
            if self.screens
            else counted(shown, "crop")
        )
        total = f"{what} of {counted(len(self.families), 'family', 'families')} in {self.folder}"
        return f"{total}: {', '.join(f'{name} {count}' for name, count in self.classes.items())}"


def generate(
    out: Path,
    settings: GenerateSettings,
    *,
    overwrite: bool = False,
    resume: bool = False,
    command: str = "",
    engine: Engine | None = None,
    on_progress: OnProgress | None = None,
) -> DatasetSummary:
    """Render `settings.n` labelled crops into `out`, with metadata.jsonl and dataset.json.

    The same settings, browser and fonts give the same bytes, whatever the number of workers, and also when
    a run was killed and resumed. `on_progress` is called with crops done and crops in all. `command` is what the
    card tells a reader to type, where that is not `generate`. `engine` does the rendering; None stands for
    `settings.workers` processes of this machine, or this one alone where there is one shard to make.

    Raises:
        OutputExistsError: `out` is not empty and neither `overwrite` nor `resume` is set.
        InputError: an unknown family or format, an unsound recipe file, or `resume` with other settings than those the
            folder was begun with.
        MissingError: a package that the format needs is not installed.
        TemplateError: a family's template is broken; nothing is skipped silently.
        BrowserError: no browser starts, or a page failed twice.
    """
    form = _require_format(settings)
    painters = settings.painters
    families = _chosen(settings)
    layouts = _require_layouts(settings, families) if form.row is ScreenRow else {}
    weights = _read_weights(settings, families)
    with timed(LOG, "finding a browser") as found:
        choices, surroundings = find_painters(painters, settings.browser)
        for name, choice in choices.items():
            found.note(**{name: choice.how, f"{name}_version": choice.version})
        found.note(fonts=len(surroundings.fonts))
    palette = Palette(families, surroundings.fonts, surroundings.scripts, weights)
    counts = (settings.seed, settings.n, settings.views, settings.pairs, form.slots_a_page)
    recipe = Recipe(palette, *counts, layouts, settings.screen_px, painters)
    job = ShardJob(recipe, choices, out.absolute(), settings.format)
    claim_folder(out, overwrite=overwrite, resume=resume)
    settle_description(
        out, describe_dataset(recipe, choices, format_name=settings.format, command=command or settings.to_command())
    )
    _render_missing(job, engine, settings.workers, on_progress or mute_progress)
    with timed(LOG, "writing the manifest and the card") as found:
        summary = _finish(job, out)
        found.note(pictures=summary.pictures, rejected=summary.rejected)
    return summary


def _require_format(settings: GenerateSettings) -> CropFormat:
    name = settings.format
    form = CROP_FORMATS.choose(name)
    if form.row is ScreenRow and (settings.pairs or settings.views > 1):
        raise InputError(f"the format {name} draws whole screens: pairs and views are for crops")
    if form.row is ScreenRow and settings.painters != CHROMIUM_ALONE:
        raise InputError(f"the format {name} draws whole screens, which Chromium alone paints: --painter is for crops")
    if form.row is ScreenRow and settings.recipe:
        raise InputError(f"the format {name} draws whole screens: a recipe is for crops")
    if form.row is not ScreenRow and (settings.layouts or settings.without_layouts or settings.screen_size):
        raise InputError(
            f"the format {name} draws crops: layouts and sizes are for screens, as --format coco draws them"
        )
    if form.row is ScreenRow and settings.substates:
        raise InputError(f"the format {name} draws whole screens: substates are for crops")
    if form.package and importlib.util.find_spec(form.package) is None:
        command = form.package if CROP_FORMATS.provider(name) else f"'boxwright[{name}]'"
        raise MissingError(f"the format {name} needs {form.package}: pip install {command}")
    return form


def _read_weights(settings: GenerateSettings, families: Mapping[str, Family]) -> SamplingWeights:
    """Return what the recipe file asks for of the families that are drawn from; it may name others that there are."""
    if settings.recipe is None:
        return ORDINARY
    weights = read_recipe(settings.recipe).weights()
    known = {*template_files(settings.templates), *library_family_names(settings.templates), *families}
    for name in weights.named_families():
        if name not in known:
            raise InputError(f"{settings.recipe}: {unknown_choice('family', name, known)}")
    try:
        for family in families.values():
            weigh_family(family, weights)
    except InputError as error:
        raise InputError(f"{settings.recipe}: {error}") from error
    return weights.of_families(families)


def _require_layouts(settings: GenerateSettings, families: Mapping[str, Family]) -> Mapping[str, ScreenLayout]:
    if not any(draws_an_indicator(family) for family in families.values()):
        raise InputError(
            f"the format {settings.format} needs a family of widgets, and none was chosen; "
            "one that draws its own words must mark its indicator with data-box"
        )
    layouts = load_layouts(settings.layouts, without=settings.without_layouts, folder=settings.templates)
    if not layouts:
        raise InputError("no layout is left to draw screens after")
    return _able(layouts, settings)


def _able(layouts: Mapping[str, ScreenLayout], settings: GenerateSettings) -> Mapping[str, ScreenLayout]:
    """Return the layouts that take the size that every screen is to have; one that was named must."""
    if (size := settings.screen_px) is None:
        return layouts
    able = {name: layout for name, layout in layouts.items() if layout.declared.takes(size)}
    for name in set(settings.layouts) & (layouts.keys() - able.keys()):
        declared = layouts[name].declared
        (left, right), (low, high) = declared.width_px, declared.height_px
        takes = f"takes {left} to {right} x {low} to {high} px"
        why = "ends where what is on it does" if declared.fits else takes
        raise InputError(f"no screen of {settings.screen_size} px can be composed after layout {name!r}: it {why}")
    if not able:
        raise InputError(f"no layout takes screens of {settings.screen_size} px")
    return able


def _chosen(settings: GenerateSettings) -> dict[str, Family]:
    known = library_names(settings.templates)
    libraries = {name for name in settings.without if name in known}
    named = (*settings.families, *(name for name in settings.without if name not in libraries))
    catalogue = load_catalogue(settings.libraries, names=named, folder=settings.templates)
    # Names in `without` are checked too: a typing error there would leak what was to be held out.
    require_families(named, catalogue)
    names = settings.families or tuple(catalogue)
    held_out = {*settings.without, *(name for name in names if library_of(name) in libraries)}
    chosen = {name: catalogue[name] for name in names if name not in held_out}
    if not chosen:
        raise InputError("no family is left to draw from")
    families = with_substates(chosen, settings.substates)
    states = (state for family in families.values() for state in family.declared.states)
    refuse_spellings(states, what="states", where="the families to draw from")
    return families


def _render_missing(job: ShardJob, engine: Engine | None, workers: int, report: OnProgress) -> None:
    todo = [shard for shard in job.shards() if not job.done(shard)]
    done = job.recipe.n - sum(job.count(shard) for shard in todo)
    report(done, job.recipe.n)
    with timed(LOG, "rendering") as found:
        found.note(crops=job.recipe.n - done, shards=len(todo), finished_before=done)
        if engine is None and len(todo) == 1:
            render_shard_here(job, todo[0])
            report(job.recipe.n, job.recipe.n)
            return
        for shard in render_shards(job, todo, engine=engine or Processes(workers)):
            done += job.count(shard)
            report(done, job.recipe.n)


def _finish(job: ShardJob, out: Path) -> DatasetSummary:
    """Join the shards' rows into the manifest, in order, count what is there and write what goes beside it."""
    classes: Counter[str] = Counter()
    families: Counter[str] = Counter()
    form = CROP_FORMATS[job.format]
    pictures = 0
    with atomic_open(job.out / MANIFEST) as manifest:
        for line in _lines(job.rows_file(shard) for shard in job.shards()):
            for label, family in form.row.model_validate_json(line).shown():
                classes[label] += 1
                families[family] += 1
            manifest.write(line)
            pictures += 1
    rejected = list(_lines(filter(Path.exists, (job.rejected_file(shard) for shard in job.shards()))))
    if rejected:
        with atomic_open(job.out / REJECTED) as file:
            file.writelines(rejected)
    form.finish(out, (form.row.model_validate_json(line) for line in _lines([job.out / MANIFEST])))
    shown, drawn = dict(sorted(classes.items())), dict(sorted(families.items()))
    return DatasetSummary(out, pictures, shown, drawn, len(rejected), screens=form.row is ScreenRow)


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as lines:
            yield from lines
