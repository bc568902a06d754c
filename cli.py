"""The command line: a thin skin over the library. Heavy imports are inside the commands."""

import gc
import os
import sys
from typing import Annotated

import typer

from base.timing import are_stages_shown, show_stages, show_warnings
from commands.audit import audit
from commands.benchmark import benchmark
from commands.classify import classify
from commands.compress import compress
from commands.doctor import demo, doctor
from commands.evaluate import evaluate, score
from commands.explain import explain
from commands.export import export
from commands.gaps import gaps
from commands.generate import exam, families, generate, rerender
from commands.import_idx import import_idx
from commands.inspect import inspect
from commands.label import label, labels_app
from commands.layouts import layouts
from commands.libraries import libraries_app
from commands.loop import loop
from commands.mcp import mcp
from commands.promote import models_app, promote
from commands.queue import queue, simulate
from commands.runs import runs
from commands.scan import cut, scan
from commands.serve import serve
from commands.support.choices import CommandWithChoices
from commands.support.shared import CommandGroup
from commands.train import calibrate, split, train
from commands.tune import tune
from commands.watch import watch

GARBAGE_AFTER = 20_000
"""Objects after which Python looks for garbage: at its 700, it does little else while modules are loaded."""

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tell from pixels whether a checkbox, radio button or switch is on: make labels, train, label, classify.",
)
COMMANDS = (
    *(generate, exam, rerender, families, layouts),
    *(import_idx, inspect, audit, split, train, tune, runs),
    *(evaluate, explain, calibrate, score, gaps),
    *(queue, simulate, label, loop, classify, scan, cut),
    *(export, compress, benchmark, promote, serve, watch, mcp),
    *(doctor, demo),
)
"""In the order in which `--help` lists them."""

for command in COMMANDS:
    app.command(cls=CommandWithChoices)(command)
app.add_typer(labels_app, name="labels")
app.add_typer(libraries_app, name="libraries")
app.add_typer(models_app, name="models")


def _print_version(context: typer.Context, *, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:  # which the shell's completion is
        from commands.support.unexpected import boxwright_version

        typer.echo(f"boxwright {boxwright_version()}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Log on stderr what each stage does and how long it takes; show tracebacks.")
    ] = False,
) -> None:
    """Act on the options that come before a command."""
    if debug:
        show_stages()
    else:
        show_warnings()


def main() -> None:
    """Run the command line; paths that are not UTF-8 pass through stdout as they came."""
    gc.set_threshold(GARBAGE_AFTER)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]  # a TextIO in every real run
    try:
        app()
    except Exception as error:  # expected ones are printed where commands are run; this is the last resort
        _fail_unexpectedly(error)
    finally:
        _flush_stdout()


def _fail_unexpectedly(error: Exception) -> None:
    """Print what nobody foresaw as one line, and exit 1."""
    import traceback

    from commands.support.unexpected import describe_unexpected

    if are_stages_shown():
        typer.echo("".join(traceback.format_exception(error)), err=True)
    typer.echo(describe_unexpected(error, sys.argv[1:]), err=True)
    sys.exit(1)


def _flush_stdout() -> None:
    """Write out what is left; a full disk or a closed pipe must show as an error here, not as noise at exit."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
