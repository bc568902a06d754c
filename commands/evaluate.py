"""Measuring models and data sets."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from base.errors import InputError
from commands.support.completion import complete_models
from commands.support.options import FinderFolder, Seed, SplitFile
from commands.support.shared import SOME_UNREADABLE, progress_bars, report_maps, warn

if TYPE_CHECKING:
    from model.evaluation.evaluation_result import Evaluation
    from model.screen_evaluation.screen_result import ScreenEvaluation


def evaluate(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A run folder; with --screens, the model in the box by default.", autocompletion=complete_models
        ),
    ] = None,
    folder: Annotated[Path | None, typer.Argument(help="A folder of class folders.")] = None,
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="A run folder to compare with on the same pictures.", autocompletion=complete_models),
    ] = None,
    classes: Annotated[
        Path | None,
        typer.Option(help="A TOML file that says which folders make a class. [default: as when the model was trained]"),
    ] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Measure on blurred, compressed, resized, shifted and cut crops too.")
    ] = False,
    top_k: Annotated[
        int | None,
        typer.Option(help="Count too what is among so many of the most probable classes. [default: none; at least 2]"),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the figures in the run folder, for `runs`.")] = False,
    screens: Annotated[
        Path | None,
        typer.Option(help="Whole screens instead of crops: a folder with annotations.json or screens.jsonl."),
    ] = None,
    finder: FinderFolder = None,
    report: Annotated[
        Path | None, typer.Option(help="Write all of it, with the pictures, into this HTML file.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show in --report what of each picture speaks for the answer.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure a model on labelled crops, or on screens."""
    if screens is not None:
        for_crops: dict[str, object] = {"FOLDER": folder, "--split": split, "--fold": fold, "--compare": compare}
        for_crops |= {"--classes": classes, "--robustness": robustness or None, "--explain": explain or None}
        _refuse_crop_options(for_crops | {"--top-k": top_k, "--keep": keep or None})
        _evaluate_screens(model, finder, screens, report, as_json=as_json)
        return
    if finder is not None:
        raise InputError("--finder is for --screens: no finder looks at crops")
    if model is None or folder is None:
        raise typer.BadParameter(f"{'FOLDER' if model else 'MODEL and FOLDER'} missing; or name --screens")
    from base.settings import load_settings
    from base.tabular.class_map import read_class_map
    from model.evaluation.evaluate import evaluate as run
    from model.evaluation.evaluate_settings import EvaluateSettings
    from model.evaluation.gallery import write_evaluation_report
    from model.networks.trained_model import load_model
    from model.runs.run_records import keep_evaluation, require_run
    from model.splitting.folds import choose_fold

    if explain and report is None:
        raise InputError("--explain draws on the page of --report; name one")
    settings = load_settings(EvaluateSettings, "evaluate", {"top_k": top_k})
    if keep:
        require_run(model)
    mapping = read_class_map(classes) if classes else None
    loaded = load_model(model)
    measure = functools.partial(run, loaded, folder, fold=choose_fold(split, fold), run=model)
    with progress_bars() as bar:
        evaluation = measure(settings=settings, robustness=robustness, other=compare, mapping=mapping, on_progress=bar)
    _print_result(evaluation, as_json=as_json)
    if keep:
        keep_evaluation(model, folder, evaluation, part=f"fold {fold} of {split}" if split else "")
    if report:
        draw_map = report_maps(loaded) if explain else None
        write_evaluation_report(evaluation, report, model=str(model), folder=folder, draw_map=draw_map)
    if evaluation.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


def _evaluate_screens(
    model: Path | None, finder: Path | None, screens: Path, report: Path | None, *, as_json: bool
) -> None:
    from base.settings import load_settings
    from model.evaluation.evaluate_settings import EvaluateSettings
    from model.finding.scanner import load_scanner
    from model.screen_evaluation.evaluate_screens import evaluate_screens
    from model.screen_evaluation.screen_sets import read_screen_set

    seed = load_settings(EvaluateSettings, "evaluate", {}).seed
    known = read_screen_set(screens)
    scanner = load_scanner(model, finder=finder) if model else load_scanner(finder=finder)
    with progress_bars() as bar:
        evaluation = evaluate_screens(scanner.scan, known, seed=seed, on_progress=bar("scanning"))
    _print_result(evaluation, as_json=as_json)
    if report:
        from model.screen_evaluation.screen_gallery import write_screen_report

        write_screen_report(evaluation, report, model=str(model or "the model in the box"), folder=screens)
    if evaluation.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


def _refuse_crop_options(given: Mapping[str, object]) -> None:
    """Refuse what is for crops beside --screens."""
    wrong = [name for name, value in given.items() if value is not None]
    if wrong:
        raise InputError(
            f"{', '.join(wrong)}: for crops, not for --screens, which takes a model, --finder, --report and --json"
        )


def _print_result(evaluation: "Evaluation | ScreenEvaluation", *, as_json: bool) -> None:
    warn(evaluation.warnings)
    typer.echo(json.dumps(evaluation.to_dict(), indent=2, ensure_ascii=False) if as_json else evaluation.to_text())


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
