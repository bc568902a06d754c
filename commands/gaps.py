"""Turning what a model finds hard on real crops into a recipe for the generator."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands.support.completion import complete_models
from commands.support.options import Browser, Seed, Templates
from commands.support.shared import progress_bars, warn


def gaps(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run folder that has not learned the labels, or `pretrained`.", autocompletion=complete_models
        ),
    ],
    real: Annotated[Path, typer.Option(help="Real crops, with labels, as `inspect` reads them, or without.")],
    labels: Annotated[
        str | None, typer.Option(help="A label store whose labels of these crops count. [default: none]")
    ] = None,
    unlabelled: Annotated[bool, typer.Option("--unlabelled", help="The folders in it are no classes.")] = False,
    synthetic: Annotated[
        Path | None,
        typer.Option(help="A folder of `generate` to compare with. [default: one that is drawn and kept in the cache]"),
    ] = None,
    n: Annotated[int | None, typer.Option("-n", help="How many crops are drawn for that.")] = None,
    sure: Annotated[
        float | None,
        typer.Option(
            help="A crop that is read with less confidence is hard. [default: below the model's limit for unsure]"
        ),
    ] = None,
    base: Annotated[float | None, typer.Option(help="Share that the recipe draws as ever.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the recipe for `generate --recipe` into this TOML file."),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Draw the hard crops beside their nearest into this PNG file.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --output.")] = False,
    seed: Seed = None,
    templates: Templates = None,
    browser: Browser = None,
) -> None:
    """Say what a model finds hard on real crops, and what to draw more of."""
    from active.choosing.folder_pictures import list_examples
    from active.gaps.gaps import GapsSettings, RealCrops, find_gaps
    from active.gaps.gaps_result import recipe_of, write_recipe
    from active.gaps.gaps_sheet import write_gaps_sheet
    from base.files import require_new_file
    from base.settings import load_settings
    from model.networks.trained_model import load_model

    flags: dict[str, Any] = {"n": n, "seed": seed, "sure": sure, "base": base}
    settings = load_settings(GapsSettings, "gaps", flags | {"templates": templates, "browser": browser})
    if output:
        require_new_file(output, overwrite=overwrite)
    loaded = load_model(model)
    crops = RealCrops(list_examples(real, unlabelled=unlabelled), _store_labels(labels))
    with progress_bars() as bar:
        found = find_gaps(loaded, crops, run=model, synthetic=synthetic, settings=settings, on_progress=bar)
    warn(found.warnings)
    typer.echo(found.to_text())
    if output:
        write_recipe(recipe_of(found, model=str(model), real=str(real)), output)
        typer.echo(f"recipe in {output}; draw by it with `boxwright generate DATASET --recipe {output}`", err=True)
    if sheet and found.matched:
        write_gaps_sheet(found, sheet)
        typer.echo(f"hard crops and their nearest in {sheet}", err=True)


def _store_labels(store: str | None) -> dict[str, str]:
    from active.store.store import LabelStore

    if store is None:
        return {}
    with LabelStore.open(store, create=False) as opened:
        return {each.item: each.label for each in opened.labels()}
