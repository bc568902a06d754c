"""Class folders from IDX files."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.shared import progress_bars


def import_idx(
    images: Annotated[Path, typer.Argument(help="The IDX file of the pictures, compressed by gzip or not.")],
    labels: Annotated[Path, typer.Argument(help="The IDX file of their labels.")],
    out: Annotated[Path, typer.Argument(help="The folder to write: a folder a class, and metadata.jsonl.")],
    names_file: Annotated[
        Path | None,
        typer.Option(
            "--names", help="A text file with the classes' names, a line a label from 0 on. [default: their numbers]"
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Make class folders of pictures in the format of MNIST and Fashion-MNIST."""
    from active.exchange.idx_import import import_idx as run

    with progress_bars() as bar:
        typer.echo(str(run(images, labels, out, names=names_file, overwrite=overwrite, on_progress=bar("writing"))))
