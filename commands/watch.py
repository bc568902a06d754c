"""Watching what a model classifies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from base.counting import counted
from base.errors import InputError
from commands.support.options import ModelFolder, Seed
from commands.support.shared import SOME_UNREADABLE, model_folder, progress_bars

if TYPE_CHECKING:
    from active.watching.watch_result import Watched

ALARM = 4


def watch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="What was classified lately: files, folders (searched below), globs, or a table that `classify` wrote."
        ),
    ] = None,
    model: ModelFolder = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            help="What pictures should be like: a folder, a table, or a file of --save-reference. "
            "[default: reference.npz in the run folder]",
            show_default=False,
        ),
    ] = None,
    save_reference: Annotated[
        Path | None, typer.Option(help="Keep the reference in this .npz file; its pictures are not needed any more.")
    ] = None,
    alpha: Annotated[float | None, typer.Option(help="False alarms that are allowed, as a share of runs.")] = None,
    least_per_s: Annotated[
        float | None, typer.Option(help="Alarm below so many pictures a second. [default: none]")
    ] = None,
    most_ms: Annotated[
        float | None,
        typer.Option(help="Alarm where 1 in 100 pictures takes so many milliseconds. [default: none]"),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A JSON file of everything found.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="A page of what was found, with the most foreign pictures.")
    ] = None,
    seed: Seed = None,
) -> None:
    """Compare what was classified lately with what the model learned from; exit 4 on an alarm."""
    from active.watching.observation import save_observation
    from active.watching.watch import WatchSettings, read_reference, watch_pictures
    from base.settings import load_settings
    from model.networks.trained_model import load_model

    if not sources and save_reference is None:
        raise typer.BadParameter("name pictures that were classified lately, or --save-reference")
    _refuse_outputs(output, report, save_reference)
    flags = {"alpha": alpha, "least_per_s": least_per_s, "most_ms": most_ms, "seed": seed}
    settings = load_settings(WatchSettings, "watch", flags)
    run = model_folder(model)
    loaded = load_model(run)
    with progress_bars() as bar:
        known = read_reference(loaded, reference, run=run, on_progress=bar)
        if save_reference is not None:
            save_observation(known, save_reference)
            typer.echo(f"{counted(len(known), 'picture')} in {save_reference}", err=True)
        if not sources:
            return
        found = watch_pictures(loaded, sources, known, settings=settings, on_progress=bar)
    typer.echo(found.to_text())
    _write(found, output, report)
    if found.alarms:
        raise typer.Exit(ALARM)
    if found.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


def _refuse_outputs(output: Path | None, report: Path | None, reference: Path | None) -> None:
    for path in filter(None, (output, report, reference)):
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file to write")
    if reference is not None and reference.suffix != ".npz":
        raise InputError(f"{reference}: a reference is a file that ends in .npz")


def _write(found: "Watched", output: Path | None, report: Path | None) -> None:
    from active.watching.watch_report import write_watch_report
    from base.files import write_json

    if output:
        write_json(output, found.to_dict())
    if report:
        write_watch_report(found, report)
