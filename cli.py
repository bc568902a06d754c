"""The command line: a thin skin over the library. Heavy imports are inside the commands."""

import os
import sys

import typer

from commands.benchmark import benchmark
from commands.choices import CommandWithChoices
from commands.classify import classify
from commands.compress import compress
from commands.doctor import demo, doctor
from commands.evaluate import evaluate, score
from commands.export import export
from commands.generate import exam, families, generate, rerender
from commands.inspect import inspect
from commands.label import label, labels_app
from commands.libraries import libraries_app
from commands.loop import loop
from commands.queue import queue, simulate
from commands.serve import serve
from commands.shared import CommandGroup
from commands.train import calibrate, split, train

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tell from pixels whether a checkbox, radio button or switch is on: make labels, train, label, classify.",
)
COMMANDS = (
    *(generate, exam, rerender, families),
    *(inspect, split, train, evaluate, calibrate, score),
    *(queue, simulate, label, loop, classify),
    *(export, compress, benchmark, serve),
    *(doctor, demo),
)
"""In the order in which `--help` lists them."""

for command in COMMANDS:
    app.command(cls=CommandWithChoices)(command)
app.add_typer(labels_app, name="labels")
app.add_typer(libraries_app, name="libraries")


def main() -> None:
    """Run the command line; paths that are not UTF-8 pass through stdout as they came."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]  # a TextIO in every real run
    try:
        app()
    finally:
        _flush_stdout()


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
