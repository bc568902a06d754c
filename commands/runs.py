"""Comparing runs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from base.errors import InputError
from commands.support.completion import complete_choice


def runs(
    folder: Annotated[Path, typer.Argument(help="A folder with run folders in it, at any depth.")] = Path("runs"),
    sort: Annotated[
        str | None,
        typer.Option(
            help="The column to sort by, best first: {run_figures}, or a setting. [default: by name]",
            autocompletion=complete_choice("run_figures"),
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    filter_: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", help="Only runs as backbone=small, or val_accuracy>=0.9; may be repeated. [default: all]"
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Figures and settings, with commas. [default: the figures, and the settings that differ]"),
    ] = None,
    diff: Annotated[
        tuple[Path, Path] | None, typer.Option(help="Instead: what these two runs differ in. [default: none]")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the table with curves into this HTML file too.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the table into this .csv or .json file, not to stdout.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare runs: a table of what they came to, what two differ in, and their curves."""
    from model.runs.run_difference import compare_runs
    from model.runs.run_records import find_run, read_runs
    from model.runs.run_table import tabulate_runs

    if diff is not None:
        _refuse_table_options(sort, filter_, columns, page, output)
        found = compare_runs(*(find_run(folder, each) for each in diff))
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) if as_json else found.to_text())
        return
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    table = tabulate_runs(read_runs(folder), columns=wanted, conditions=filter_ or (), sort=sort, reverse=reverse)
    for run in table.runs:
        if run.damage:
            typer.echo(f"{run.name} cannot be read: {run.damage}", err=True)
    if page:
        from model.runs.curves_page import write_runs_page

        write_runs_page(table, page, folder=folder)
    if output:
        table.write(output)
    else:
        typer.echo(json.dumps(table.to_dicts(), indent=2, ensure_ascii=False) if as_json else table.to_text())


def _refuse_table_options(*given: object) -> None:
    if any(given):
        raise InputError("--diff stands alone: --sort, --filter, --columns, --page and -o are for the table")
