"""Showing what a model looks at."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.support.completion import complete_choice, complete_models
from commands.support.shared import SOME_UNREADABLE, progress_bars


def explain(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run folder, `pretrained`, or a file of `export`, which has occlusion alone.",
            autocompletion=complete_models,
        ),
    ],
    sources: Annotated[
        list[str], typer.Argument(help="Pictures, as `classify` takes them; labels are those of class folders.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")] = Path("explained"),
    method: Annotated[
        str | None,
        typer.Option(
            help="auto, {explain_methods}; auto is what fits the network.",
            autocompletion=complete_choice("explain_methods", "auto"),
        ),
    ] = None,
    class_: Annotated[
        str | None,
        typer.Option("--class", help="Explain this class. [default: the predicted one]", show_default=False),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the random maps to compare with.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Draw what of each picture speaks for the answer, and say whether the maps mean anything."""
    from base.settings import load_settings
    from model.explaining.explain import EXPLAINED_PAGE, ExplainSettings, explain_pictures
    from model.running.any_model import load_any_model

    flags: dict[str, Any] = {"method": method, "label": class_, "seed": seed}
    settings = load_settings(ExplainSettings, "explain", flags)
    loaded = load_any_model(model)
    with progress_bars() as bar:
        result = explain_pictures(
            loaded,
            sources,
            out,
            settings=settings,
            overwrite=overwrite,
            listed=sys.stdin.buffer,
            on_progress=bar("explaining"),
        )
    typer.echo(result.to_text())
    typer.echo(f"overlays, table and page: {out / EXPLAINED_PAGE}", err=True)
    if result.unreadable:
        raise typer.Exit(SOME_UNREADABLE)
