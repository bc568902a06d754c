"""The command line: a thin skin over the library. Heavy imports are inside the commands."""

import contextlib
import functools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from generator.errors import BoxwrightError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from model.crossval import CrossValidation
    from model.train import TrainResult

SOME_UNREADABLE = 3
INTERRUPTED = 130


class _Group(TyperGroup):
    """Prints the library's errors as one `Error:` line and exits 1, for every command alike."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  Typer vendors the type
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has had enough, as `head` does.
            raise typer.Exit(1) from None
        except (BoxwrightError, OSError) as error:
            _fail(str(error) or type(error).__name__)
        except KeyboardInterrupt:
            typer.echo("interrupted; what was finished is kept", err=True)
            raise typer.Exit(INTERRUPTED) from None


def _fail(message: str) -> None:
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(1)


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tell from pixels whether a checkbox, radio button or switch is on: make labels, train, label, classify.",
)
labels_app = typer.Typer(cls=_Group, no_args_is_help=True, help="Take labels out and in; list disputes.")
app.add_typer(labels_app, name="labels")
libraries_app = typer.Typer(
    cls=_Group, no_args_is_help=True, help="Install component libraries by npm, to draw crops and exams from."
)
app.add_typer(libraries_app, name="libraries")

Store = Annotated[
    str, typer.Option("--store", help="The label store: a SQLite file, or a URL postgresql://USER@HOST/DATABASE.")
]
LabelFormat = Annotated[
    str, typer.Option("--format", help="folders, csv, jsonl, imagefolder or label-studio.", show_default=True)
]
Seed = Annotated[int | None, typer.Option(help="Same seed, same result. 0 is a seed.")]
Libraries = Annotated[
    list[str] | None, typer.Option("--library", help="An installed component library; may be repeated.")
]
Templates = Annotated[Path | None, typer.Option(help="A folder of your own templates.")]
Browser = Annotated[str | None, typer.Option(help="Path of the browser to use, instead of the first that starts.")]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", "-m", help="A run folder, or `pretrained`; default: the newest in runs/.")
]
SplitFile = Annotated[Path | None, typer.Option("--split", help="A file of `boxwright split`.")]
DEFAULT_STORE = "data/labels.db"
RUNS = Path("runs")


@app.command()
def generate(
    out: Annotated[Path, typer.Argument(help="The folder to write: a folder a class, and metadata.jsonl.")],
    n: Annotated[int | None, typer.Option("-n", help="How many crops. [default: 2000]", show_default=False)] = None,
    seed: Seed = None,
    workers: Annotated[int | None, typer.Option(help="Browsers at work at a time. [default: one a core]")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Draw from this family only; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Hold this family out; may be repeated.")] = None,
    views: Annotated[int | None, typer.Option(help="Crops to cut from each widget; they share a group.")] = None,
    pairs: Annotated[
        bool | None, typer.Option("--pairs", help="Draw each style in two states, in the same slot.")
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", help="folder, webdataset, parquet or coco.")] = None,
    library: Libraries = None,
    templates: Templates = None,
    browser: Browser = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Render a labelled data set of synthetic crops."""
    from generator.dataset import GenerateSettings
    from generator.dataset import generate as run
    from generator.settings import load_settings

    flags: dict[str, object] = {"n": n, "seed": seed, "workers": workers, "browser": browser, "templates": templates}
    flags |= {"families": family or None, "without": without or None, "libraries": library or None}
    flags |= {"views": views, "pairs": pairs, "format": format_}
    settings = load_settings(GenerateSettings, "generate", flags)
    with _progress() as bar:
        summary = run(out, settings, overwrite=overwrite, resume=resume, on_progress=bar("rendering"))
    typer.echo(str(summary))
    if summary.rejected:
        typer.echo(
            f"{summary.rejected} pairs looked alike in both states and were left out; see rejected.jsonl", err=True
        )


@app.command()
def exam(
    out: Annotated[Path, typer.Argument(help="The folder to write: a folder a class, and metadata.jsonl.")],
    library: Libraries = None,
    n: Annotated[int | None, typer.Option("-n", help="How many crops. [default: 1500]", show_default=False)] = None,
    seed: Seed = None,
    workers: Annotated[int | None, typer.Option(help="Browsers at work at a time. [default: one a core]")] = None,
    templates: Templates = None,
    browser: Browser = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Render a labelled test set of component libraries only: those named, or all that are installed."""
    from generator.exam import ExamSettings, write_exam
    from generator.settings import load_settings

    flags: dict[str, object] = {"n": n, "seed": seed, "workers": workers, "browser": browser, "templates": templates}
    settings = load_settings(ExamSettings, "exam", flags | {"libraries": library or None})
    with _progress() as bar:
        summary = write_exam(out, settings, overwrite=overwrite, resume=resume, on_progress=bar("rendering"))
    typer.echo(str(summary))


@libraries_app.command("list")
def libraries_list(templates: Templates = None) -> None:
    """List the libraries: name, whether it is installed, packages, licence and families."""
    from generator.libraries import list_libraries

    for status in list_libraries(folder=templates):
        declared = status.library.declared
        packages = ", ".join(f"{name} {version}" for name, version in declared.packages.items())
        words = (status.library.name, status.installed, packages, declared.licence, ", ".join(status.families))
        typer.echo("\t".join(words))


@libraries_app.command("add")
def libraries_add(
    names: Annotated[list[str] | None, typer.Argument(help="Libraries, as `libraries list` names them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Install all that are not installed.")] = False,
    templates: Templates = None,
) -> None:
    """Install libraries by npm into the cache."""
    from generator.packages import add_libraries

    added = add_libraries(
        tuple(names or ()), every=every, folder=templates, on_step=lambda step: typer.echo(f"{step} …", err=True)
    )
    for name, packages in added.items():
        typer.echo(f"{name}: {', '.join(f'{package} {version}' for package, version in packages.items())}")


@libraries_app.command("remove")
def libraries_remove(
    names: Annotated[list[str], typer.Argument(help="Libraries, as `libraries list` names them.")],
    templates: Templates = None,
) -> None:
    """Delete installed libraries from the cache."""
    from generator.libraries import load_libraries
    from generator.packages import remove_library

    for library in load_libraries(tuple(names), folder=templates).values():
        typer.echo(f"{library.name}: {'removed' if remove_library(library) else 'was not installed'}")


@app.command()
def rerender(
    dataset: Annotated[Path, typer.Argument(help="A folder from `generate`.")],
    file_name: Annotated[str, typer.Argument(help="A crop's file_name, as in metadata.jsonl.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the crop into this PNG file.")] = None,
    templates: Annotated[
        Path | None, typer.Option(help="The folder of your own templates that it was drawn with.")
    ] = None,
    browser: Browser = None,
) -> None:
    """Render one crop of a data set again and compare it with the stored one."""
    from generator.files import write_bytes
    from generator.rerender import rerender as run

    result = run(dataset, file_name, templates=templates, browser=browser)
    if output:
        write_bytes(output, result.png)
    if not result.same:
        _fail(f"{file_name} comes out differently now: another browser, or other fonts, than it was drawn with")
    typer.echo(f"{file_name}: the same bytes")


@app.command()
def families(
    family: Annotated[list[str] | None, typer.Option(help="This family only; may be repeated.")] = None,
    library: Libraries = None,
    templates: Templates = None,
    preview: Annotated[Path | None, typer.Option(help="Draw a row of crops of each into this PNG file.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="See that states look different and parameters do something.")
    ] = False,
    browser: Browser = None,
) -> None:
    """List the families; preview or check them."""
    from generator.libraries import choose_families

    chosen = choose_families(tuple(family or ()), libraries=tuple(library or ()), folder=templates)
    if preview:
        from generator.preview import write_preview

        with _progress() as bar:
            write_preview(chosen, preview, browser=browser, on_progress=bar("drawing"))
    if check:
        from generator.check import check_families

        with _progress() as bar:
            reports = check_families(chosen, browser=browser, on_progress=bar("checking"))
        for report in reports:
            typer.echo(str(report))
        if not all(report.good for report in reports):
            raise typer.Exit(1)
    if not preview and not check:
        for name, one in chosen.items():
            declared = one.declared
            typer.echo(f"{name}\t{declared.kind}\t{', '.join(declared.states)}\t{', '.join(declared.params)}")


@app.command()
def split(
    folder: Annotated[Path, typer.Argument(help="A folder of class folders.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")] = Path("split.csv"),
    folds: Annotated[int, typer.Option(help="How many parts.")] = 5,
    by: Annotated[
        str | None,
        typer.Option(help="What is never torn apart: visual, family, group or crop. [default: what the folder has]"),
    ] = None,
    seed: Seed = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Deal labelled crops into folds, alike ones into the same."""
    from model.overlap import find_across
    from model.splits import split_folder, write_split

    dealt = split_folder(folder, folds=folds, by=by, seed=seed or 0)
    write_split(dealt, out, overwrite=overwrite)
    typer.echo(dealt.to_text())
    shared = find_across([folder / row.file_name for row in dealt.rows], [row.fold for row in dealt.rows])
    typer.echo(f"in another fold too: {len(shared.copies)} as exact copies, {len(shared.near)} near-identical")


@app.command()
def train(
    synthetic: Annotated[Path | None, typer.Option(help="A folder of class folders from `generate`.")] = None,
    real: Annotated[Path | None, typer.Option(help="A folder of class folders of real crops.")] = None,
    val: Annotated[Path | None, typer.Option(help="Class folders to validate on; default: a part of --real.")] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="A folder of real crops without labels; may be given several times.")
    ] = None,
    real_share: Annotated[float | None, typer.Option(help="Share of real crops in an epoch of both kinds.")] = None,
    backbone: Annotated[str | None, typer.Option(help="The network. [default: small]", show_default=False)] = None,
    weights: Annotated[
        str | None, typer.Option(help="imagenet: published weights to start from. [default: none]", show_default=False)
    ] = None,
    freeze_epochs: Annotated[int | None, typer.Option(help="First epochs that train the head alone.")] = None,
    init: Annotated[Path | None, typer.Option(help="A run folder whose weights to start from.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after so many epochs without a better one.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Crops a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest one of the schedule.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="adamw, adam, nadam, rmsprop or sgd.")] = None,
    schedule: Annotated[str | None, typer.Option(help="cosine, one_cycle, multi_step, plateau or constant.")] = None,
    loss: Annotated[str | None, typer.Option(help="cross_entropy, focal or generalized_cross_entropy.")] = None,
    seed: Seed = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads. [default: one a core]", show_default=False)] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, float32 or bfloat16.")] = None,
    tensorboard: Annotated[bool | None, typer.Option("--tensorboard", help="Write for TensorBoard too.")] = None,
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Leave out this fold; without it, each of --split in turn.")] = None,
    folds: Annotated[int | None, typer.Option(help="Deal --real into so many, and leave out each in turn.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder. [default: runs/DATE-TIME]", show_default=False)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was stopped in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the run folder holds first.")] = False,
) -> None:
    """Train a network on synthetic crops, real crops or both; with folds, also predict each real crop unseen."""
    flags: dict[str, Any] = {"real_share": real_share, "backbone": backbone, "weights": weights, "init": init}
    flags |= {"freeze_epochs": freeze_epochs, "epochs": epochs, "patience": patience, "batch_size": batch_size}
    flags |= {"learning_rate": learning_rate, "optimizer": optimizer, "schedule": schedule, "loss": loss}
    flags |= {"seed": seed, "threads": threads, "device": device, "precision": precision, "tensorboard": tensorboard}
    sources: dict[str, Any] = {"synthetic": synthetic, "real": real, "val": val, "unlabelled": tuple(unlabelled or ())}
    folding = {"split": split, "fold": fold, "folds": folds}
    if not resume:
        result = _train(flags, sources, folding, out or _new_run(), overwrite=overwrite)
    elif out is None or overwrite:
        raise InputError("--resume goes on with the folder that --out names, and without --overwrite")
    else:
        from model.crossval import resume as go_on

        with _progress() as bar:
            result = go_on(out, given=sources | folding | flags, on_progress=_stage_bars(bar))
    typer.echo(result.summary)


def _train(
    flags: dict[str, Any], sources: dict[str, Any], parts: dict[str, Any], out: Path, *, overwrite: bool
) -> "CrossValidation | TrainResult":
    from generator.settings import load_settings
    from model.crossval import choose_folding, cross_validate
    from model.splits import choose_fold
    from model.train import TrainSettings, train

    common = {**sources, "out": out, "settings": load_settings(TrainSettings, "train", flags), "overwrite": overwrite}
    folding = choose_folding(**parts)
    fold = None if folding else choose_fold(parts["split"], parts["fold"])
    with _progress() as bar:
        report = _stage_bars(bar)
        if folding:
            return cross_validate(**common, folding=folding, final=True, on_progress=report)
        return train(**common, fold=fold, on_progress=functools.partial(report, ""))


def _new_run() -> Path:
    from datetime import datetime

    return RUNS / datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="A run folder.")],
    folder: Annotated[Path, typer.Argument(help="A folder of class folders.")],
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    compare: Annotated[Path | None, typer.Option(help="A run folder to compare with on the same pictures.")] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Measure on blurred, compressed, resized, shifted and cut crops too.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write all of it, with the pictures, into this HTML file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure a model on labelled crops."""
    from generator.settings import load_settings
    from model.checkpoint import load_model
    from model.evaluate import EvaluateSettings
    from model.evaluate import evaluate as run
    from model.gallery import write_report
    from model.splits import choose_fold

    settings = load_settings(EvaluateSettings, "evaluate", {})
    measure = functools.partial(run, load_model(model), folder, fold=choose_fold(split, fold), run=model)
    with _progress() as bar:
        evaluation = measure(settings=settings, robustness=robustness, other=compare, on_progress=bar)
    _warn(evaluation.warnings)
    typer.echo(json.dumps(evaluation.to_dict(), indent=2, ensure_ascii=False) if as_json else evaluation.to_text())
    if report:
        write_report(evaluation, report, model=str(model), folder=folder)
    if evaluation.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


@app.command()
def calibrate(
    model: Annotated[Path, typer.Argument(help="A run folder.")],
    folder: Annotated[Path, typer.Argument(help="Class folders of real crops that were not trained on, 50 or more.")],
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Fit a model's temperature on labelled crops, so that its confidences can be believed."""
    from model.calibration import calibrate as run
    from model.splits import choose_fold

    with _progress() as bar:
        result = run(model, folder, fold=choose_fold(split, fold), on_progress=bar("classifying"))
    _warn(result.warnings)
    typer.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False) if as_json else result.to_text())


@app.command()
def score(
    dataset: Annotated[Path, typer.Argument(help="A folder from `generate`, or other synthetic class folders.")],
    real: Annotated[Path, typer.Option(help="A folder of class folders of real crops, only tested on.")],
    model: Annotated[Path | None, typer.Option("--model", "-m", help="A run folder to test, not a new one.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data, where a model is trained.")] = None,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write. [default: DATASET-score]", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Say how a data set stands to real crops, and what it lacks."""
    from generator.settings import load_settings
    from model.score import ScoreSettings, score_dataset

    settings = load_settings(ScoreSettings, "score", {"epochs": epochs, "seed": seed})
    folder = out or dataset.resolve().with_name(f"{dataset.resolve().name}-score")
    with _progress() as bar:
        result = score_dataset(
            dataset, real, out=folder, settings=settings, model=model, overwrite=overwrite, on_progress=bar
        )
    typer.echo(f"{result.to_text()}\nreport and pictures: {folder}")


@app.command()
def queue(
    pool: Annotated[list[str], typer.Argument(help="Unlabelled images: files, folders or globs.")],
    model: ModelFolder = None,
    n: Annotated[int | None, typer.Option("-n", help="How many to queue. [default: 50]", show_default=False)] = None,
    strategy: Annotated[str | None, typer.Option(help="How to choose. [default: margin]", show_default=False)] = None,
    seed: Seed = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Choose the images that are worth a human's look and queue them for labelling."""
    from active.queue import QueueSettings, fill_queue
    from active.store import LabelStore
    from generator.settings import load_settings
    from model.checkpoint import load_model

    settings = load_settings(QueueSettings, "queue", {"n": n, "strategy": strategy, "seed": seed})
    loaded = load_model(_model_folder(model))
    with LabelStore.open(store) as opened, _progress() as bar:
        chosen = fill_queue(pool, opened, model=loaded, settings=settings, on_progress=bar("scoring"))
    for item in chosen.items:
        typer.echo(f"{_shown(item.path)}\t{item.reason}")
    typer.echo(f"{len(chosen.items)} images queued in {store}; label them with `boxwright label`", err=True)
    _report_unreadable(chosen.errors)


@app.command()
def simulate(
    pool: Annotated[Path, typer.Argument(help="A folder of class folders, whose labels answer.")],
    model: ModelFolder = None,
    strategies: Annotated[
        str | None, typer.Option(help="By commas; NAME/plain: without audit and duplicates' rule. [default: all]")
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="Batches that are asked for. [default: 15]")] = None,
    batch: Annotated[int | None, typer.Option(help="Labels a round. [default: 10]")] = None,
    seeds: Annotated[int | None, typer.Option(help="How many, each with a split of its own. [default: 20]")] = None,
    mode: Annotated[
        str | None, typer.Option(help="fast: refit the last layer; true: fine-tune. [default: fast]")
    ] = None,
    synthetic: Annotated[Path | None, typer.Option(help="true: generated crops to train on as well.")] = None,
    copies: Annotated[int | None, typer.Option(help="Each picture of the pool so often, a little changed.")] = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("simulation"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a simulation that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Replay strategies on labelled images: how many labels each needs."""
    from active.simulate import SimulateSettings
    from active.simulate import simulate as run
    from generator.settings import load_settings

    flags: dict[str, Any] = {"rounds": rounds, "batch": batch, "seeds": seeds, "mode": mode, "copies": copies}
    flags |= {"seed": seed, "strategies": tuple(strategies.split(",")) if strategies else None}
    flags |= {"fine_tuning": {"synthetic": synthetic} if synthetic else None}
    settings = load_settings(SimulateSettings, "simulate", flags)
    folder = _model_folder(model)
    with _progress() as bar:
        result = run(pool, folder, out=out, settings=settings, overwrite=overwrite, resume=resume, on_progress=bar)
    typer.echo(f"{result.to_text()}\nreport and pictures: {out}")


@app.command()
def label(
    store: Store = DEFAULT_STORE,
    annotator: Annotated[str | None, typer.Option(help="Who labels. [default: your login]", show_default=False)] = None,
    graphics: Annotated[
        str | None, typer.Option(help="auto, halfblocks, quadrants, kitty, iterm2, sixel or none.")
    ] = None,
    suggest: Annotated[bool | None, typer.Option("--suggest", help="Show the model's suggestions unasked.")] = None,
) -> None:
    """Label the queued images in the terminal, a key each."""
    import getpass

    from active.keys import LabelSettings
    from active.labeller import run_labeller
    from generator.settings import load_settings

    settings = load_settings(LabelSettings, "label", {"graphics": graphics, "suggest": suggest})
    run_labeller(store, annotator=annotator or getpass.getuser(), settings=settings)


@labels_app.command("export")
def labels_export(
    out: Annotated[Path, typer.Argument(help="The folder or file to write.")],
    format_: LabelFormat = "folders",
    store: Store = DEFAULT_STORE,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what is there first.")] = False,
) -> None:
    """Write what was labelled: class folders, CSV, JSONL, Hugging Face's imagefolder or Label Studio's JSON."""
    from active.labels import export_labels
    from active.store import LabelStore

    with LabelStore.open(store, create=False) as opened:
        result = export_labels(opened, out, format_name=format_, overwrite=overwrite)
    typer.echo(f"{len(result.exported)} labelled images in {out}")
    for failed in result.failed:
        typer.echo(f"{_shown(failed.record.path)}: {failed.error}", err=True)
    if result.failed:
        raise typer.Exit(SOME_UNREADABLE)


@labels_app.command("import")
def labels_import(
    source: Annotated[Path, typer.Argument(help="The folder or file to read.")],
    format_: LabelFormat = "folders",
    store: Store = DEFAULT_STORE,
    annotator: Annotated[str | None, typer.Option(help="Who said what names nobody. [default: your login]")] = None,
) -> None:
    """Take in labels from class folders, CSV, JSONL, Hugging Face's imagefolder or Label Studio's JSON."""
    import getpass

    from active.labels import import_labels
    from active.store import LabelStore

    with LabelStore.open(store, annotator=annotator or getpass.getuser()) as opened, _progress() as bar:
        result = import_labels(opened, source, format_name=format_, on_progress=bar("reading"))
        disputed = opened.counts().disputed
    typer.echo(f"{result.new} new, {result.known} known already; {disputed} images disputed")
    for row in result.failed:
        typer.echo(f"{_shown(Path(row.file or row.path or '?'))}: no such picture", err=True)
    if result.failed:
        raise typer.Exit(SOME_UNREADABLE)


@labels_app.command("disputes")
def labels_disputes(store: Store = DEFAULT_STORE) -> None:
    """List the images on which people disagree, and what each said."""
    from active.store import LabelStore

    with LabelStore.open(store, create=False) as opened:
        for dispute in opened.disputes():
            said = "\t".join(f"{who}: {label or 'discard'}" for who, label in dispute.labels.items())
            typer.echo(f"{_shown(dispute.path)}\t{said}")


@app.command()
def classify(
    paths: Annotated[list[str], typer.Argument(help="Files, folders (searched below) and globs.")],
    model: ModelFolder = None,
    output: Annotated[str, typer.Option("-o", "--output", help="A CSV file; - prints.")] = "-",
) -> None:
    """Classify images in batch, into CSV."""
    from model.checkpoint import load_model
    from model.classify import classify as run

    loaded = load_model(_model_folder(model))
    with _progress() as bar:
        result = run(loaded, paths, output=None if output == "-" else Path(output), on_progress=bar("classifying"))
    if result.unreadable:
        typer.echo(f"{result.unreadable} of {result.total} images could not be read; see the error column", err=True)
        raise typer.Exit(SOME_UNREADABLE)


@app.command()
def doctor(
    browser: Browser = None,
    install_browser: Annotated[
        bool, typer.Option("--install-browser", help="Install a browser where none is found.")
    ] = False,
) -> None:
    """Say what is installed, what is wrong and how to mend it."""
    from model.doctor import examine

    if install_browser:
        from generator.install import install_browser as install

        install(on_step=lambda step: typer.echo(f"{step} …", err=True))
    broken = False
    for finding in examine(browser=browser):
        mark = "✗" if finding.fatal else "!" if finding.mend else "✓"
        typer.echo(f"{mark} {finding.name:19} {finding.value}")
        if finding.mend:
            typer.echo(f"  {'':19} → {finding.mend}")
        broken |= finding.fatal
    if broken:
        raise typer.Exit(1)


@app.command()
def demo(
    pool: Annotated[Path | None, typer.Argument(help="Your images; default: crops of families held out.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for data, models, labels and the report.")] = Path("demo"),
    seed: Seed = None,
) -> None:
    """Go round the whole loop once and write an HTML report."""
    from active.demo import DemoSettings, run_demo
    from active.demo_report import summarize, write_demo_report
    from generator.settings import load_settings

    settings = load_settings(DemoSettings, "demo", {"seed": seed})
    with _progress() as bar:
        outcome = run_demo(pool, out, settings=settings, on_progress=bar)
        write_demo_report(outcome)
    typer.echo(summarize(outcome))


def _model_folder(given: Path | None) -> Path:
    if given is not None:
        return given
    from model.checkpoint import newest_run

    folder = newest_run(RUNS)
    typer.echo(f"using model {folder}", err=True)
    return folder


def _warn(warnings: "tuple[str, ...]") -> None:
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


def _report_unreadable(errors: "tuple[Any, ...]") -> None:
    for error in errors:
        typer.echo(f"{_shown(error.path)}: {error.reason}", err=True)
    if errors:
        raise typer.Exit(SOME_UNREADABLE)


def _shown(path: Path) -> str:
    """Return the path as text that any terminal takes; bytes that are not UTF-8 are shown as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _progress() -> "Iterator[Callable[[str], Callable[[int, int], None]]]":
    """Give a maker of progress callbacks: one bar a description, on stderr, and only on a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield lambda description: _bar(progress, description)


def _stage_bars(bar: "Callable[[str], Callable[[int, int], None]]") -> "Callable[[str, Any], None]":
    """Give a progress callback of one training or several, each named: a bar for each stage of each."""
    bars: dict[str, Callable[[int, int], None]] = {}

    def report(what: str, progress: Any) -> None:  # noqa: ANN401  model.train.Progress, which is heavy to import
        name = f"{what}: {progress.stage}" if what else progress.stage
        if name not in bars:
            bars[name] = bar(name)
        bars[name](progress.done, progress.total)

    return report


def _bar(progress: "Progress", description: str) -> "Callable[[int, int], None]":
    task = progress.add_task(description, total=None)
    return lambda done, total: progress.update(task, completed=done, total=total)


def main() -> None:
    """Run the command line; paths that are not UTF-8 pass through stdout as they came."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]  # a TextIO in every real run
    try:
        app()
    finally:
        _flush_stdout()


def _flush_stdout() -> None:
    """Write out what is left; a full disk or a closed pipe must show as an error here, not as noise at exit."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
