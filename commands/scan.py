"""Scanning whole screenshots, and cutting out what is found on them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.counting import counted
from commands.support.finding import exit_codes_of_finding, find_on_screen, refuse_beside
from commands.support.options import Address, EngineOption, FinderFolder, ModelFolder
from commands.support.shared import SOME_UNREADABLE, cluster, model_folder, progress_bars, report_unreadable

if TYPE_CHECKING:
    from model.scanning.screen_work import ScreenScanner

ScreenSources = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders (searched below), globs, shard.tar, table.parquet::COLUMN, s3:// and other addresses; "
        "- for a list of them on standard input."
    ),
]
WantedKinds = Annotated[
    list[str] | None,
    typer.Option(help="Widgets of this kind: checkbox, radio or switch; may be repeated. [default: all]"),
]
WantedStates = Annotated[list[str] | None, typer.Option(help="Widgets in this state; may be repeated. [default: all]")]
MinConfidence = Annotated[float | None, typer.Option(help="The least probability of being a widget.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")]


def scan(
    sources: ScreenSources,
    model: ModelFolder = None,
    finder: FinderFolder = None,
    output: Annotated[
        str, typer.Option("-o", "--output", help="A file or an address that ends in {scan_endings}; - prints CSV.")
    ] = "-",
    kind: WantedKinds = None,
    state: WantedStates = None,
    min_confidence: MinConfidence = None,
    draw: Annotated[
        Path | None, typer.Option(help="Write each screen, with its widgets marked, into this folder. [default: none]")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page of screens, least certain first. [default: none]")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Read the words beside each widget.")] = False,
    find: Annotated[
        str | None,
        typer.Option(help="Tell of the widget with this label on one screenshot; exit 0 when checked. [default: none]"),
    ] = None,
    resume: Resume = False,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Find checkboxes, radio buttons and switches on screenshots, and their states, into a table."""
    from base.settings import load_settings
    from model.finding.scanner import load_scanner
    from model.scanning.scan import ScanSettings, scan_to_table
    from service.freed_memory import give_back_large_blocks

    flags: dict[str, Any] = {"kind": kind or None, "state": state or None, "min_confidence": min_confidence}
    settings = load_settings(ScanSettings, "scan", {**flags, "draw": draw, "report": report})
    if find is not None:
        others = {"-o": output != "-", "--draw": draw, "--report": report, "--resume": resume}
        with exit_codes_of_finding():
            refuse_beside("--find", others)
            find_on_screen(load_scanner(model_folder(model), finder=finder), sources, find, settings)
    give_back_large_blocks()  # what screens of ever other sizes take would be kept otherwise
    scanner: ScreenScanner = load_scanner(model_folder(model), finder=finder)
    if text:
        from model.captioning.labelling_scanner import LabellingScanner

        scanner = LabellingScanner(scanner)
    with cluster(engine, address) as machines, progress_bars() as bar:
        result = scan_to_table(
            scanner,
            sources,
            output=None if output == "-" else output,
            settings=settings,
            resume=resume,
            listed=sys.stdin.buffer,
            cluster=machines,
            on_progress=bar("scanning") if sys.stderr.isatty() else None,
        )
    found = f"{counted(result.widgets, 'widget')} on {counted(result.total, 'screen')}"
    if not result.unreadable:
        typer.echo(found, err=True)
        return
    typer.echo(f"{found}, {result.unreadable} of which could not be read; see the error column", err=True)
    raise typer.Exit(SOME_UNREADABLE)


def cut(
    sources: ScreenSources,
    out: Annotated[Path, typer.Argument(help="The folder to write: a PNG a widget, and metadata.jsonl.")],
    model: ModelFolder = None,
    finder: FinderFolder = None,
    kind: WantedKinds = None,
    state: WantedStates = None,
    min_confidence: MinConfidence = None,
    resume: Resume = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Empty the folder first.")] = False,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Cut the widgets out of screenshots, as crops that queue, label and train take."""
    from base.settings import load_settings
    from model.finding.scanner import load_scanner
    from model.scanning.screen_rows import WidgetFilter
    from model.scanning.widget_crops import cut_widgets
    from service.freed_memory import give_back_large_blocks

    flags: dict[str, Any] = {"kind": kind or None, "state": state or None, "min_confidence": min_confidence}
    settings = load_settings(WidgetFilter, "cut", flags)
    give_back_large_blocks()  # what screens of ever other sizes take would be kept otherwise
    scanner = load_scanner(model_folder(model), finder=finder)
    with cluster(engine, address) as machines, progress_bars() as bar:
        result = cut_widgets(
            scanner,
            sources,
            out,
            settings=settings,
            overwrite=overwrite,
            resume=resume,
            listed=sys.stdin.buffer,
            cluster=machines,
            on_progress=bar("cutting") if sys.stderr.isatty() else None,
        )
    typer.echo(f"{counted(result.crops, 'crop')} of {counted(result.screens, 'screen')} in {out}", err=True)
    report_unreadable(result.unreadable)
