"""How quickly a model classifies here."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.completion import complete_choice, complete_models
from commands.support.shared import model_folder, progress_bars


def benchmark(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A run folder, `pretrained` or an exported file; default: the newest in runs/.",
            autocompletion=complete_models,
        ),
    ] = None,
    images: Annotated[
        list[str] | None, typer.Argument(help="Files, folders (searched below) and globs; default: drawn crops.")
    ] = None,
    runtime: Annotated[
        str, typer.Option(help="auto, {runtimes}.", autocompletion=complete_choice("runtimes", "auto"))
    ] = "auto",
    threads: Annotated[int | None, typer.Option(min=1, help="For reading and for the network.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Passes whose median is taken.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how quickly a model classifies here, and where the time goes."""
    import json

    from model.export.benchmark import benchmark_model
    from model.running.any_model import load_any_model

    classifier = load_any_model(model_folder(model))
    with progress_bars() as bar:
        result = benchmark_model(
            classifier, images or (), runtime=runtime, threads=threads, rounds=rounds, on_progress=bar("measuring")
        )
    typer.echo(json.dumps(result.to_dict(), indent=2) if as_json else result.to_text())
