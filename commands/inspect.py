"""What a labelled folder holds, as the other commands read it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.support.shared import progress_bars


def inspect(
    folder: Annotated[
        Path, typer.Argument(help="Class folders, with splits, metadata or neither; or a set from `generate`.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print all names, as JSON.")] = False,
) -> None:
    """Say what a labelled folder holds: classes, splits, groups, and what is passed over and why."""
    from model.labelled_folders.folder_inspection import inspect_folder

    with progress_bars() as bar:
        report = inspect_folder(folder, on_progress=bar("reading"))
    typer.echo(json.dumps(report.to_dict(), indent=2, ensure_ascii=True) if as_json else report.to_text())
