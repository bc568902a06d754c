"""Classifying in batch."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.counting import counted
from base.errors import InputError
from commands.support.completion import complete_choice
from commands.support.options import DEFAULT_STORE, Address, EngineOption, ModelFolder, QueryOption, SqlOption, Store
from commands.support.shared import SOME_UNREADABLE, cluster, model_folder, progress_bars, report_maps, sql_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.classifying.columns import ClassifiedRow
    from model.running.any_model import AnyModel


def classify(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            show_default=False,
            help="Files, folders (searched below), globs, shard.tar, table.parquet::COLUMN, s3:// and other addresses; "
            "- for a list of them on standard input.",
        ),
    ] = None,
    model: ModelFolder = None,
    output: Annotated[
        str, typer.Option("-o", "--output", help="A file or an address that ends in {row_endings}; - prints CSV.")
    ] = "-",
    sort: Annotated[
        str | None,
        typer.Option(
            help="By {orders}; of confidence, the least certain first. [default: as they come]",
            autocompletion=complete_choice("orders"),
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Rows of this prediction; may be repeated. [default: all]")
    ] = None,
    below: Annotated[float | None, typer.Option(help="Rows of less confidence than this. [default: all]")] = None,
    unsure: Annotated[
        bool, typer.Option("--unsure", help="Rows that the model is unsure of: below the confidence it names for it.")
    ] = False,
    runtime: Annotated[
        str | None,
        typer.Option(
            help="What runs the network: auto, {runtimes}.", autocompletion=complete_choice("runtimes", "auto")
        ),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Queue the chosen rows for labelling, else the unsure ones.")
    ] = False,
    store: Store = DEFAULT_STORE,
    copy_to: Annotated[
        Path | None, typer.Option(help="Copy the pictures into a folder a class here. [default: none]")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page of pictures, least certain first. [default: none]")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show in --report what of each picture speaks for the answer.")
    ] = False,
    sql: SqlOption = None,
    query: QueryOption = None,
    write_to: Annotated[
        str | None, typer.Option(help="--sql: a table of that database for the rows, all or none. [default: none]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Classify images in batch, into a table."""
    from base.settings import load_settings
    from model.classifying.classify import ClassifySettings, classify_to_table
    from model.running.any_model import load_any_model

    flags: dict[str, Any] = {"sort": sort, "only": only or None, "below": below, "copy_to": copy_to, "report": report}
    flags |= {"runtime": runtime, "unsure": unsure or None}
    settings = load_settings(ClassifySettings, "classify", flags)
    if explain and settings.report is None:
        raise InputError("--explain draws on the page of --report; name one")
    if not sources and sql is None and query is None:
        raise typer.BadParameter("SOURCES missing; or name --sql and --query")
    rows = sql_query(sql, query, {"SOURCES": sources})
    loaded = load_any_model(model_folder(model))
    with cluster(engine, address) as machines, progress_bars() as bar:
        result = classify_to_table(
            loaded,
            rows or sources or (),
            output=None if output == "-" else output,
            write_to=write_to,
            settings=settings,
            resume=resume,
            hand_over=(lambda rows: _queue(rows, store, loaded)) if queue else None,
            draw_map=report_maps(loaded) if explain else None,
            listed=sys.stdin.buffer,
            cluster=machines,
            on_progress=bar("classifying") if sys.stderr.isatty() else None,
        )
    if result.unsure:
        limit, total = f"{loaded.unsure_below:g}", counted(result.total, "image")
        typer.echo(f"unsure (below {limit}) of {result.unsure} of {total}", err=True)
    if write_to is not None:
        typer.echo(f"{counted(result.chosen, 'row')} in table {write_to}", err=True)
    if result.unreadable:
        where = "see the error column" if settings.is_all else "they are not among the chosen rows"
        typer.echo(f"{result.unreadable} of {counted(result.total, 'image')} could not be read; {where}", err=True)
        raise typer.Exit(SOME_UNREADABLE)


def _queue(rows: "Iterator[ClassifiedRow]", store: str, model: "AnyModel") -> None:
    from active.choosing.hand_over import queue_rows

    queued = queue_rows(rows, store, model=model)
    typer.echo(f"{counted(queued, 'image')} queued in {store}; label them with `boxwright label`", err=True)
