"""Labelling in the terminal; taking labels out and in."""

from pathlib import Path
from typing import Annotated

import typer

from base.counting import counted
from commands.support.choices import CommandWithChoices
from commands.support.completion import complete_choice
from commands.support.options import DEFAULT_STORE, LabelFormatOption, Store, UnlearnedModel
from commands.support.shared import SOME_UNREADABLE, CommandGroup, progress_bars, shown, warn

labels_app = typer.Typer(
    name="labels",
    add_completion=False,
    cls=CommandGroup,
    no_args_is_help=True,
    help="Take labels out and in; list disputes and what may be wrong.",
)


def label(
    store: Store = DEFAULT_STORE,
    annotator: Annotated[str | None, typer.Option(help="Who labels. [default: your login]", show_default=False)] = None,
    graphics: Annotated[
        str | None, typer.Option(help="{graphics}.", autocompletion=complete_choice("graphics"))
    ] = None,
    suggest: Annotated[bool | None, typer.Option("--suggest", help="Show the model's suggestions unasked.")] = None,
) -> None:
    """Label the queued images in the terminal, a key each."""
    import getpass

    from active.labelling.keys import LabelSettings
    from active.labelling.labeller import run_labeller
    from base.settings import load_settings

    settings = load_settings(LabelSettings, "label", {"graphics": graphics, "suggest": suggest})
    run_labeller(store, annotator=annotator or getpass.getuser(), settings=settings)


@labels_app.command("export", cls=CommandWithChoices)
def labels_export(
    out: Annotated[Path, typer.Argument(help="The folder or file to write.")],
    format_: LabelFormatOption = "folders",
    store: Store = DEFAULT_STORE,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what is there first.")] = False,
) -> None:
    """Write what was labelled into a folder or file, in a format that other tools read."""
    from active.exchange.labels import export_labels
    from active.store.store import LabelStore

    with LabelStore.open(store, create=False) as opened:
        result = export_labels(opened, out, format_name=format_, overwrite=overwrite)
    typer.echo(f"{counted(len({row.record.item for row in result.exported}), 'labelled image')} in {out}")
    for failed in result.failed:
        typer.echo(f"{shown(failed.record.path)}: {failed.error}", err=True)
    if result.failed:
        raise typer.Exit(SOME_UNREADABLE)


@labels_app.command("import", cls=CommandWithChoices)
def labels_import(
    source: Annotated[Path, typer.Argument(help="The folder or file to read.")],
    format_: LabelFormatOption = "folders",
    store: Store = DEFAULT_STORE,
    annotator: Annotated[str | None, typer.Option(help="Who said what names nobody. [default: your login]")] = None,
    control: Annotated[
        str | None,
        typer.Option(help="label-studio: the control whose choices are labels, of several."),
    ] = None,
) -> None:
    """Take in labels that were made elsewhere, or exported."""
    import getpass

    from active.exchange.labels import import_labels
    from active.store.store import LabelStore

    with LabelStore.open(store, annotator=annotator or getpass.getuser()) as opened, progress_bars() as bar:
        result = import_labels(opened, source, format_name=format_, control=control, on_progress=bar("reading"))
        disputed = opened.counts().disputed
    typer.echo(f"{result.new} new, {result.known} known already; {counted(disputed, 'image')} disputed")
    typer.echo(result.classes_text())
    if passed := result.passed_over_text():
        typer.echo(passed, err=True)
    if result.failed:
        raise typer.Exit(SOME_UNREADABLE)


@labels_app.command("disputes", cls=CommandWithChoices)
def labels_disputes(store: Store = DEFAULT_STORE) -> None:
    """List the images on which people disagree, and what each said."""
    from active.store.store import LabelStore

    with LabelStore.open(store, create=False) as opened:
        for dispute in opened.disputes():
            said = "\t".join(f"{who}: {label or 'discard'}" for who, label in dispute.labels)
            typer.echo(f"{shown(dispute.path)}\t{said}")


@labels_app.command("suspects", cls=CommandWithChoices)
def labels_suspects(
    model: UnlearnedModel = None,
    queue: Annotated[bool, typer.Option("--queue", help="Queue them for a second look.")] = False,
    limit: Annotated[int | None, typer.Option("-n", help="The most doubtful so many. [default: all]")] = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """List labels that may be wrong, worst first, and why."""
    from active.store.store import LabelStore
    from active.suspects.label_errors import queue_suspects, review
    from model.networks.model_folders import PRETRAINED
    from model.networks.trained_model import load_model

    folder = model or Path(PRETRAINED)
    with LabelStore.open(store, create=False) as opened:
        found = review(opened, load_model(folder), folder)
        warn(found.warnings)
        for suspect in found.suspects[:limit]:
            typer.echo(f"{shown(suspect.labelled.path)}\t{suspect.reason}")
        if queue and found.suspects:
            count = queue_suspects(opened, found.suspects[:limit], load_model(folder))
            typer.echo(f"{counted(count, 'image')} queued in {store}; look again with `boxwright label`", err=True)
