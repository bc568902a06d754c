"""Measuring models and data sets."""

import functools
import json
from pathlib import Path
from typing import Annotated

import typer

from commands.support.completion import complete_models
from commands.support.options import Seed, SplitFile
from commands.support.shared import SOME_UNREADABLE, progress_bars, warn


def evaluate(
    model: Annotated[Path, typer.Argument(help="A run folder.", autocompletion=complete_models)],
    folder: Annotated[Path, typer.Argument(help="A folder of class folders.")],
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="A run folder to compare with on the same pictures.", autocompletion=complete_models),
    ] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Measure on blurred, compressed, resized, shifted and cut crops too.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write all of it, with the pictures, into this HTML file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure a model on labelled crops."""
    from base.settings import load_settings
    from model.evaluation.evaluate import EvaluateSettings
    from model.evaluation.evaluate import evaluate as run
    from model.evaluation.gallery import write_evaluation_report
    from model.networks.trained_model import load_model
    from model.splitting.folds import choose_fold

    settings = load_settings(EvaluateSettings, "evaluate", {})
    measure = functools.partial(run, load_model(model), folder, fold=choose_fold(split, fold), run=model)
    with progress_bars() as bar:
        evaluation = measure(settings=settings, robustness=robustness, other=compare, on_progress=bar)
    warn(evaluation.warnings)
    typer.echo(json.dumps(evaluation.to_dict(), indent=2, ensure_ascii=False) if as_json else evaluation.to_text())
    if report:
        write_evaluation_report(evaluation, report, model=str(model), folder=folder)
    if evaluation.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


def score(
    dataset: Annotated[Path, typer.Argument(help="A folder from `generate`, or other synthetic class folders.")],
    real: Annotated[Path, typer.Option(help="A folder of class folders of real crops, only tested on.")],
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="A run folder to test, not a new one.", autocompletion=complete_models),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data, where a model is trained.")] = None,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write. [default: DATASET-score]", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Say how a data set stands to real crops, and what it lacks."""
    from base.settings import load_settings
    from model.gap.score import ScoreSettings, score_dataset

    settings = load_settings(ScoreSettings, "score", {"epochs": epochs, "seed": seed})
    folder = out or dataset.resolve().with_name(f"{dataset.resolve().name}-score")
    with progress_bars() as bar:
        result = score_dataset(
            dataset, real, out=folder, settings=settings, model=model, overwrite=overwrite, on_progress=bar
        )
    typer.echo(f"{result.to_text()}\nreport and pictures: {folder}")
