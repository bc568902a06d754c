"""Writing a model as one file for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.completion import complete_choice, complete_models
from commands.support.shared import progress_bars


def export(
    model: Annotated[Path, typer.Argument(help="A run folder, or `pretrained`.", autocompletion=complete_models)],
    format_: Annotated[
        str, typer.Option("--format", help="{exporters}.", autocompletion=complete_choice("exporters"))
    ] = "onnx",
    real: Annotated[
        Path | None, typer.Option(help="Real crops to calibrate and compare on, best in class folders.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file. [default: MODEL-FORMAT.onnx]", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Write a model as one file for other programs, and see that it gives the same."""
    from model.export.export import default_path, export_model, summarize_export
    from model.networks.trained_model import load_model

    path = output or default_path(model, format_)
    with progress_bars() as bar:
        result = export_model(
            load_model(model), path, format_name=format_, real=real, overwrite=overwrite, on_progress=bar("reading")
        )
    typer.echo(summarize_export(result))
