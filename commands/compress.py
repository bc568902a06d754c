"""Making a model smaller and quicker."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.support.completion import complete_models
from commands.support.shared import progress_bars, warn


def compress(
    model: Annotated[Path, typer.Argument(help="A run folder, or `pretrained`.", autocompletion=complete_models)],
    out: Annotated[Path, typer.Option(help="The run folder of the pruned model.")],
    synthetic: Annotated[Path | None, typer.Option(help="Class folders of generated crops to fine-tune on.")] = None,
    real: Annotated[Path | None, typer.Option(help="Class folders of real crops to fine-tune on.")] = None,
    test: Annotated[
        Path | None, typer.Option(help="Class folders to measure on. [default: held out]", show_default=False)
    ] = None,
    ratio: Annotated[
        float | None,
        typer.Option(help="Share of each layer's channels to take out."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Of the fine-tuning.")] = None,
    int8: Annotated[bool | None, typer.Option("--int8", help="Write int8.onnx into the run folder too.")] = None,
    most_loss: Annotated[
        float | None,
        typer.Option(help="Points of accuracy that may be lost at worst."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the fine-tuning.")] = None,
    threads: Annotated[int | None, typer.Option(help="For the fine-tuning. [default: one a core]")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the run folder holds first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Make a model smaller and quicker, and see what is gained and lost: size, speed, accuracy."""
    from base.settings import load_settings
    from model.export.compress import CompressSettings, compress_model
    from model.training.plan import TrainingSources

    flags: dict[str, Any] = {"ratio": ratio, "epochs": epochs, "int8": int8, "most_loss": most_loss}
    flags |= {"seed": seed, "threads": threads}
    settings = load_settings(CompressSettings, "compress", flags)
    with progress_bars() as bar:
        result = compress_model(
            model,
            TrainingSources(synthetic, real, None),
            out=out,
            settings=settings,
            test=test,
            overwrite=overwrite,
            on_progress=bar,
        )
    warn(result.warnings)
    typer.echo(json.dumps(result.to_dict(), indent=2) if as_json else result.to_text())
