"""Watching a model at work: what it classified lately, against the pool that it learned from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from active.watching.foreign_cluster import find_foreign_cluster
from active.watching.observation import (
    OBSERVATION_FILE,
    ObservedPictures,
    load_observation,
    observe_pictures,
)
from active.watching.shift_tests import run_shift_tests
from active.watching.watch_result import Limit, Watched
from base.counting import counted
from base.errors import InputError, MissingError
from base.progress import Bar, mute_bar
from base.settings import Settings
from base.tabular.tables import fold_column, read_table
from model.export.benchmark import benchmark_model
from model.networks.model_folders import run_folder
from model.networks.trained_model import Model
from model.reading.images import find_images

FEWEST = 30
"""Pictures of either sample; of fewer no test says anything."""

MOST_CLOCKED = 300
"""Pictures that speed is measured on."""


class WatchSettings(Settings):
    """How to watch; `[watch]` of boxwright.toml."""

    alpha: float = Field(default=0.01, gt=0, lt=1, description="level of all tests together")
    permutations: int = Field(default=999, ge=99, description="dealings of the rows at random")
    most: int = Field(default=1000, ge=FEWEST, description="pictures of late, drawn where there are more")
    most_reference: int = Field(default=2000, ge=FEWEST, description="pictures of the reference, likewise")
    least_per_s: float | None = Field(default=None, gt=0, description="pictures a second")
    most_ms: float | None = Field(default=None, gt=0, description="milliseconds, of 99 in 100 pictures")
    seed: int = 0


def watch_pictures(
    model: Model,
    sources: Sequence[str | Path],
    reference: ObservedPictures,
    *,
    settings: WatchSettings | None = None,
    on_progress: Bar | None = None,
) -> Watched:
    """Compare pictures that were classified lately with a reference.

    Args:
        model: the one at work.
        sources: files, folders (searched below), globs, or tables of `boxwright classify`, whose pictures are there.
        reference: what the model makes of pictures as they should be, of `read_reference`.
        settings: see `WatchSettings`.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError: a source does not exist.
        InputError: there are too few pictures, or none can be read.
    """
    chosen = settings or WatchSettings()
    bar = on_progress or mute_bar
    paths = list(list_lately(sources))
    lately = observe_pictures(model, paths, on_progress=bar)
    limits = _measure_limits(model, lately.paths, chosen, bar)
    return compare_observations(lately, reference, settings=chosen, limits=limits)


def compare_observations(
    lately: ObservedPictures,
    reference: ObservedPictures,
    *,
    settings: WatchSettings | None = None,
    limits: tuple[Limit, ...] = (),
) -> Watched:
    """Compare what a model makes of two sets of pictures; `limits` are figures that come into the result as they are.

    Raises:
        InputError: one has too few pictures, or they are by two models.
    """
    chosen = settings or WatchSettings()
    for name, observation in (("of late", lately), ("of the reference", reference)):
        if len(observation) < FEWEST:
            raise InputError(f"{counted(len(observation), 'different picture')} {name}; {FEWEST} are needed")
    if lately.fingerprint != reference.fingerprint:
        raise InputError(f"the reference is by model {reference.fingerprint}, not by {lately.fingerprint}")
    rng = np.random.default_rng(chosen.seed)
    ours = lately.sample(chosen.most, rng=rng)
    theirs = reference.sample(chosen.most_reference, rng=rng)
    return Watched(
        lately=ours,
        reference=theirs,
        total=(len(lately), len(reference)),
        tests=run_shift_tests(ours, theirs, permutations=chosen.permutations, rng=rng),
        limits=limits,
        cluster=find_foreign_cluster(ours, theirs, rng=rng),
        alpha=chosen.alpha,
        unreadable=lately.unreadable,
    )


def read_reference(model: Model, given: Path | None, *, run: Path, on_progress: Bar | None = None) -> ObservedPictures:
    """Return the reference that is meant.

    Args:
        model: the one at work.
        given: a folder of pictures, a table or a file of `save_observation`; None is the one in the run folder.
        run: where the model was loaded from.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError: there is none.
        InputError, ModelError: it is not what it should be.
    """
    path = given or run_folder(run) / OBSERVATION_FILE
    if not path.exists():
        hint = "name a folder of pictures with --reference" if given is None else "a folder or a file is needed"
        raise MissingError(f"no reference {path}; {hint}")
    if path.is_file() and path.suffix == ".npz":
        return load_observation(path, model)
    return observe_pictures(model, list(list_lately([path])), on_progress=on_progress)


def list_lately(sources: Sequence[str | Path]) -> Iterator[Path]:
    """Yield the pictures of files, folders and globs, and those that tables have in a column `path`.

    Raises:
        MissingError: a source does not exist, or a picture that a table names.
        InputError: a table has no such column, or names nothing.
    """
    tables = [Path(source) for source in sources if Path(source).suffix.lower() == ".csv"]
    for table in tables:
        yield from _listed(table)
    if others := [source for source in sources if Path(source) not in tables]:
        yield from find_images(others)


def _listed(table: Path) -> Iterator[Path]:
    if not table.is_file():
        raise MissingError(f"no table {table}")
    read = read_table(table, column="path")
    if "path" not in map(fold_column, read.columns):
        raise InputError(f"{table}: no column path in its first line; found {', '.join(read.columns) or 'nothing'}")
    rows = [{fold_column(name): cell for name, cell in cells.items()} for _, cells in read.rows]
    named = [Path(row["path"]) for row in rows if row.get("path") and not row.get("error")]
    if not named:
        raise InputError(f"{table} names no picture that was classified")
    for path in named:
        found = next((each for each in (path, table.parent / path) if each.is_file()), None)
        if found is None:
            raise MissingError(f"{table}: no picture {path}; a watch looks at the pictures again")
        yield found


def _measure_limits(model: Model, paths: Sequence[Path], settings: WatchSettings, bar: Bar) -> tuple[Limit, ...]:
    """Return what is measured of speed, where a limit is stated."""
    if settings.least_per_s is None and settings.most_ms is None:
        return ()
    found = benchmark_model(model, paths[:MOST_CLOCKED], rounds=1, on_progress=bar("timing"))
    limits = []
    if settings.least_per_s is not None:
        limits.append(Limit("pictures a second", found.images_per_s, settings.least_per_s, is_least=True))
    if settings.most_ms is not None:
        limits.append(Limit("ms a picture, 99th percentile", found.latency_ms["p99"], settings.most_ms, is_least=False))
    return tuple(limits)
