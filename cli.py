"""The command line: a thin skin over the library. Heavy imports are inside the commands."""

import gc
import os
import sys
from typing import Annotated, Any

import typer

from base.timing import are_stages_shown, show_stages, show_warnings
from commands.support.lazy_commands import LazyCommands
from commands.support.shared import CommandGroup

GARBAGE_AFTER = 20_000
"""Objects after which Python looks for garbage: at its 700, it does little else while modules are loaded."""

COMMANDS = {
    "generate": "commands.generate:generate",
    "exam": "commands.generate:exam",
    "rerender": "commands.generate:rerender",
    "families": "commands.generate:families",
    "layouts": "commands.layouts:layouts",
    "import-idx": "commands.import_idx:import_idx",
    "inspect": "commands.inspect:inspect",
    "audit": "commands.audit:audit",
    "split": "commands.train:split",
    "train": "commands.train:train",
    "tune": "commands.tune:tune",
    "runs": "commands.runs:runs",
    "evaluate": "commands.evaluate:evaluate",
    "explain": "commands.explain:explain",
    "calibrate": "commands.train:calibrate",
    "score": "commands.evaluate:score",
    "gaps": "commands.gaps:gaps",
    "queue": "commands.queue:queue",
    "simulate": "commands.queue:simulate",
    "label": "commands.label:label",
    "loop": "commands.loop:loop",
    "classify": "commands.classify:classify",
    "scan": "commands.scan:scan",
    "cut": "commands.scan:cut",
    "export": "commands.export:export",
    "compress": "commands.compress:compress",
    "benchmark": "commands.benchmark:benchmark",
    "promote": "commands.promote:promote",
    "serve": "commands.serve:serve",
    "watch": "commands.watch:watch",
    "mcp": "commands.mcp:mcp",
    "doctor": "commands.doctor:doctor",
    "demo": "commands.doctor:demo",
    "labels": "commands.label:labels_app",
    "libraries": "commands.libraries:libraries_app",
    "models": "commands.promote:models_app",
}
"""Word to the function or the group that it stands for, MODULE:NAME, in the order in which `--help` lists them."""


class AllCommands(CommandGroup):
    """The group of `COMMANDS`, of which a run imports the one that it is."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  as Typer makes its groups
        super().__init__(**given)
        self.commands = LazyCommands(COMMANDS)  # type: ignore[assignment]  # nothing is added to it


app = typer.Typer(
    cls=AllCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tell from pixels whether a checkbox, radio button or switch is on: make labels, train, label, classify.",
)


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
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some reads what every package declares
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]  # a TextIO in every real run
    try:
        app()
    except Exception as error:  # expected ones are printed where commands are run; this is the last resort
        _fail_unexpectedly(error)
    finally:
        gc.freeze()  # Python's last looks for garbage, at exit, would go through all that was loaded
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
