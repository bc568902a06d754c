"""What commands have in common: errors, exit codes, progress bars, the model's folder."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from base.errors import BoxwrightError, InputError, unknown_choice
from base.progress import mute_bar
from base.timing import package_log
from commands.support.choices import plain_text
from commands.support.light_help import load_help_without_markdown
from commands.support.options import ENGINES
from model.networks.model_folders import newest_run

if TYPE_CHECKING:
    from rich.progress import Progress

    from base.cluster import Cluster
    from base.progress import Bar, OnProgress
    from model.databases.sql_query import SqlQuery
    from model.evaluation.gallery import DrawMap
    from model.running.any_model import AnyModel

LOG = package_log(__name__)

SOME_UNREADABLE = 3
INTERRUPTED = 130
RUNS = Path("runs")


class CommandGroup(TyperGroup):
    """Prints the library's errors as one `Error:` line and exits 1, for every command alike."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  Typer vendors the types
        """Write the help, in which every word in brackets is just that."""
        for command in (self, *self.commands.values()):
            command.help, command.short_help = plain_text(command.help), plain_text(command.short_help)
        load_help_without_markdown()
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  Typer vendors the type
        """Run the command; turn what the library raises into a line and an exit code."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has had enough, as `head` does.
            raise typer.Exit(1) from None
        except (BoxwrightError, OSError) as error:
            LOG.debug("where the error came from", exc_info=error)
            fail(str(error) or type(error).__name__)
        except KeyboardInterrupt:
            typer.echo("interrupted; what was finished is kept", err=True)
            raise typer.Exit(INTERRUPTED) from None


def fail(message: str) -> None:
    """Print the message as an error and exit 1."""
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(1)


def model_folder(given: Path | None) -> Path:
    """Return the model that was named, or the newest run, or else the model in the box, and say which."""
    if given is not None:
        return given
    folder = newest_run(RUNS)
    typer.echo(f"using model {folder}", err=True)
    return folder


def new_run() -> Path:
    """Return a run folder named after this moment."""
    from datetime import datetime

    return RUNS / datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")


def warn(warnings: tuple[str, ...]) -> None:
    """Print warnings on stderr."""
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


def report_unreadable(errors: tuple[Any, ...]) -> None:
    """Print what could not be read and why, and exit 3 if there is any."""
    for error in errors:
        typer.echo(f"{shown(error.path)}: {error.reason}", err=True)
    if errors:
        raise typer.Exit(SOME_UNREADABLE)


def shown(path: Path) -> str:
    """Return the path as text that any terminal takes; bytes that are not UTF-8 are shown as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def sql_query(sql: str | None, query: str | None, given: Mapping[str, object]) -> "SqlQuery | None":
    """Return the query that `--sql` and `--query` mean; None where neither is given.

    Args:
        sql: the URL.
        query: the SELECT.
        given: what goes without them, by its name.
    """
    if sql is None and query is None:
        return None
    if sql is None or query is None:
        raise InputError("--sql URL and --query 'SELECT …' go together; give both")
    if others := [name for name, value in given.items() if value]:
        raise InputError(f"--sql takes what the query gives: leave out {', '.join(others)}")
    from model.databases.sql_query import SqlQuery

    return SqlQuery(sql, query)


@contextlib.contextmanager
def cluster(engine: str, address: str | None) -> "Iterator[Cluster | None]":
    """Give the cluster that `--engine ray` means; None stands for this machine alone."""
    if engine not in ENGINES:
        raise unknown_choice("engine", engine, ENGINES)
    if engine == "local":
        if address is not None:
            raise InputError("--address is that of a cluster, for --engine ray")
        yield None
        return
    from base.cluster import connect_cluster

    with connect_cluster(address) as connected:
        yield connected


@contextlib.contextmanager
def progress_bars() -> "Iterator[Bar]":
    """Give a maker of progress callbacks: one bar a description, on stderr, and only on a terminal."""
    if not (sys.stderr.isatty() or os.environ.get("FORCE_COLOR")):
        yield mute_bar
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> str:
            return f"{task.speed:,.0f}/s" if task.speed else ""

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield lambda description: _bar(progress, description)


def report_maps(model: "AnyModel") -> "DrawMap":
    """Return what draws the heat maps of a report, by the method that fits the model's network."""
    from model.classifying.classifier import Classifier
    from model.explaining.overlay import map_drawer

    return map_drawer(Classifier(model))


def stage_bars(bar: "Bar") -> Callable[[str, Any], None]:
    """Give a progress callback of one training or several, each named: a bar for each stage of each."""
    bars: dict[str, OnProgress] = {}

    def report(what: str, progress: Any) -> None:  # noqa: ANN401  model.training.train.TrainingProgress, which is heavy to import
        name = f"{what}: {progress.stage}" if what else progress.stage
        if name not in bars:
            bars[name] = bar(name)
        bars[name](progress.done, progress.total)

    return report


def _bar(progress: "Progress", description: str) -> "OnProgress":
    task = progress.add_task(description, total=None)
    return lambda done, total: progress.update(task, completed=done, total=total or None)
