"""Classifying in batch."""

from pathlib import Path
from typing import Annotated

import typer

from commands.options import ModelFolder
from commands.shared import SOME_UNREADABLE, model_folder, progress_bars


def classify(
    paths: Annotated[list[str], typer.Argument(help="Files, folders (searched below) and globs.")],
    model: ModelFolder = None,
    output: Annotated[str, typer.Option("-o", "--output", help="A CSV file; - prints.")] = "-",
) -> None:
    """Classify images in batch, into CSV."""
    from model.classify import classify as run
    from model.exported import load_classifier

    loaded = load_classifier(model_folder(model))
    with progress_bars() as bar:
        result = run(loaded, paths, output=None if output == "-" else Path(output), on_progress=bar("classifying"))
    if result.unreadable:
        typer.echo(f"{result.unreadable} of {result.total} images could not be read; see the error column", err=True)
        raise typer.Exit(SOME_UNREADABLE)
