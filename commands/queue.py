"""Choosing what is worth a look, and replaying how well that goes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.counting import counted
from base.errors import InputError
from commands.support.completion import complete_choice, complete_strategy_list
from commands.support.options import (
    DEFAULT_STORE,
    Address,
    EngineOption,
    FinderFolder,
    ModelFolder,
    QueryOption,
    Seed,
    SqlOption,
    Store,
)
from commands.support.shared import cluster, model_folder, progress_bars, report_unreadable, shown, sql_query

if TYPE_CHECKING:
    from active.choosing.queue import Queue
    from active.choosing.screen_pool import ScreenPool
    from base.progress import Bar
    from model.reading.images import Unreadable

CROPS = Path("data/crops")


def queue(
    pool: Annotated[
        list[str] | None, typer.Argument(help="Unlabelled images: files, folders or globs.", show_default=False)
    ] = None,
    model: ModelFolder = None,
    screens: Annotated[
        bool, typer.Option("--screens", help="They are whole screenshots: ask about places on them.")
    ] = False,
    finder: FinderFolder = None,
    crops: Annotated[
        Path | None, typer.Option(help="--screens: the folder for the crops of places. [default: data/crops]")
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="Instead of a pool, a list of `audit --list`: all of it, or the first -n."),
    ] = None,
    sql: SqlOption = None,
    query: QueryOption = None,
    n: Annotated[int | None, typer.Option("-n", help="How many to queue.")] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            help="How to choose: {strategies}.",
            autocompletion=complete_choice("strategies"),
            show_default=False,
        ),
    ] = None,
    seed: Seed = None,
    store: Store = DEFAULT_STORE,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Choose the images that are worth a human's look and queue them for labelling."""
    if from_ is not None:
        others: dict[str, Any] = {"POOL": pool, "--strategy": strategy, "--seed": seed, "--address": address}
        others |= {"--screens": screens, "--finder": finder, "--crops": crops, "--sql": sql, "--query": query}
        _queue_list(from_, store, model, most=n, others=others)
        return
    if not pool and sql is None and query is None:
        raise typer.BadParameter("POOL missing; or name --from, or --sql and --query")
    rows = sql_query(sql, query, {"POOL": pool, "--screens": screens})
    from active.choosing.queue import QueueSettings, fill_queue
    from active.store.store import LabelStore
    from base.settings import load_settings
    from model.networks.trained_model import load_model

    settings = load_settings(QueueSettings, "queue", {"n": n, "strategy": strategy, "seed": seed})
    if not screens and (finder or crops):
        raise InputError("--finder and --crops go with --screens")
    folder = model_folder(model)
    loaded = load_model(folder)
    with LabelStore.open(store) as opened, cluster(engine, address) as machines, progress_bars() as bar:
        places = _cut(pool or [], folder, finder, crops or CROPS, bar) if screens else None
        chosen = fill_queue(
            places.crops if places else rows or pool or (),
            opened,
            model=loaded,
            settings=settings,
            confidences=places.confidences if places else None,
            cluster=machines,
            on_progress=bar("scoring"),
        )
    _tell(chosen, store, places.unreadable if places else ())
    if chosen.unsure:
        typer.echo(f"unsure (below {loaded.unsure_below:g}) of {counted(chosen.unsure, 'image')} of the pool", err=True)


def _queue_list(
    source: Path, store: str, model: Path | None, *, most: int | None, others: Mapping[str, object]
) -> None:
    """Queue what a list names; the options for pools mean nothing beside it."""
    if given := [name for name, value in others.items() if value not in (None, [], False)]:
        raise InputError(f"--from takes a list as it is: leave out {', '.join(given)}")
    if most is not None and most < 1:
        raise InputError(f"-n {most}: at least 1 is needed")
    from active.choosing.listed_queue import queue_listed
    from active.choosing.picture_lists import read_picture_list
    from active.store.store import LabelStore
    from model.networks.trained_model import load_model

    listed = read_picture_list(source)[:most]
    loaded = load_model(model_folder(model))
    with LabelStore.open(store) as opened, progress_bars() as bar:
        chosen = queue_listed(listed, opened, model=loaded, on_progress=bar("scoring"))
    _tell(chosen, store)


def _tell(chosen: "Queue", store: str, unreadable: "Sequence[Unreadable]" = ()) -> None:
    """Print what was queued, and what could not be read."""
    for item in chosen.items:
        typer.echo(f"{shown(item.path)}\t{item.reason}")
    typer.echo(f"{counted(len(chosen.items), 'image')} queued in {store}; label them with `boxwright label`", err=True)
    report_unreadable((*unreadable, *chosen.errors))


def _cut(pool: list[str], model: Path, finder: Path | None, crops: Path, bar: "Bar") -> "ScreenPool":
    from active.choosing.screen_pool import cut_screens
    from model.finding.scanner import load_scanner

    return cut_screens(load_scanner(model, finder=finder), pool, crops, on_progress=bar("cutting"))


def simulate(
    pool: Annotated[Path, typer.Argument(help="A folder of class folders, whose labels answer.")],
    model: ModelFolder = None,
    strategies: Annotated[
        str | None,
        typer.Option(
            help="By commas, of {strategies}; NAME/plain: no audit, no duplicates' rule; NAME/ahead: a batch ahead. "
            "[default: all]",
            autocompletion=complete_strategy_list,
        ),
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="Batches that are asked for.")] = None,
    batch: Annotated[int | None, typer.Option(help="Labels a round.")] = None,
    seeds: Annotated[int | None, typer.Option(help="How many, each with a split of its own.")] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="{replay_modes}: refit the last layer, or fine-tune.",
            autocompletion=complete_choice("replay_modes"),
        ),
    ] = None,
    synthetic: Annotated[
        Path | None, typer.Option(help="true: generated crops to train on as well. [default: none]")
    ] = None,
    copies: Annotated[int | None, typer.Option(help="Each picture of the pool so often, a little changed.")] = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("simulation"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a simulation that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Replay strategies on labelled images: how many labels each needs."""
    from active.replay.simulate import SimulateSettings
    from active.replay.simulate import simulate as run
    from base.settings import load_settings

    flags: dict[str, Any] = {"rounds": rounds, "batch": batch, "seeds": seeds, "mode": mode, "copies": copies}
    flags |= {"seed": seed, "strategies": tuple(strategies.split(",")) if strategies else None}
    flags |= {"fine_tuning": {"synthetic": synthetic} if synthetic else None}
    settings = load_settings(SimulateSettings, "simulate", flags)
    folder = model_folder(model)
    with cluster(engine, address) as machines, progress_bars() as bar:
        result = run(
            pool,
            folder,
            out=out,
            settings=settings,
            overwrite=overwrite,
            resume=resume,
            cluster=machines,
            on_progress=bar,
        )
    typer.echo(f"{result.to_text()}\nreport and pictures: {out}")
