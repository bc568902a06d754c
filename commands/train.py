"""Splitting, training and calibrating."""

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.errors import InputError
from commands.support.completion import complete_changes, complete_choice, complete_models
from commands.support.options import ClassMapFile, Seed, SplitFile
from commands.support.shared import new_run, progress_bars, stage_bars, warn

if TYPE_CHECKING:
    from base.tabular.class_map import ClassMap
    from model.finder_learning.finder_tuning import TunedFinder
    from model.training.crossval import CrossValidation
    from model.training.train import TrainResult

FINDER_FLAGS = ("init", "init_share", "batch_size", "learning_rate", "seed", "threads")
"""Flags of `train` that --finder takes as well."""


def split(
    folder: Annotated[Path, typer.Argument(help="A folder of class folders.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")] = Path("split.csv"),
    folds: Annotated[int, typer.Option(help="How many parts.")] = 5,
    by: Annotated[
        str | None,
        typer.Option(
            help="What is never torn apart: {groupings}. [default: what the folder has]",
            autocompletion=complete_choice("groupings"),
        ),
    ] = None,
    classes: ClassMapFile = None,
    seed: Seed = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Deal labelled crops into folds, alike ones into the same."""
    from model.splitting.folds import split_folder, write_split
    from model.splitting.overlap import find_across

    dealt = split_folder(folder, folds=folds, by=by, seed=seed or 0, mapping=_read_map(classes))
    write_split(dealt, out, overwrite=overwrite)
    typer.echo(dealt.to_text())
    shared = find_across(dealt.signatures, [row.fold for row in dealt.rows])
    typer.echo(f"in another fold too: {len(shared.copies)} as exact copies, {len(shared.near)} near-identical")


def train(
    synthetic: Annotated[Path | None, typer.Option(help="A folder of class folders from `generate`.")] = None,
    real: Annotated[Path | None, typer.Option(help="A folder of class folders of real crops.")] = None,
    finder: Annotated[
        list[Path] | None,
        typer.Option(
            help="Teach a finder instead, on this folder of screenshots with annotations.json or screens.jsonl; "
            "may be repeated."
        ),
    ] = None,
    val: Annotated[
        Path | None,
        typer.Option(
            help="Class folders to validate on; default: a part of --real. With --finder, screenshots held out, on "
            "which is fitted how sure it is; default: that is left as it was."
        ),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="A folder of real crops without labels; may be given several times.")
    ] = None,
    classes: ClassMapFile = None,
    real_share: Annotated[float | None, typer.Option(help="Share of real crops in an epoch of both kinds.")] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            help="The network: {backbones}, or timm:NAME.",
            autocompletion=complete_choice("backbones"),
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="{weights}: random ones to start from, or published ones.",
            autocompletion=complete_choice("weights"),
            show_default=False,
        ),
    ] = None,
    freeze_epochs: Annotated[int | None, typer.Option(help="First epochs that train the head alone.")] = None,
    init: Annotated[
        Path | None,
        typer.Option(
            help="A run folder whose weights to start from. [default: none; with --finder, the one in the box]",
            autocompletion=complete_models,
        ),
    ] = None,
    init_share: Annotated[float | None, typer.Option(help="Share of them in the weights that are kept.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    steps: Annotated[int | None, typer.Option(help="With --finder: batches. [default: 400]")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after so many epochs without a better one. [default: never]")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Crops a step; with --finder, parts of screenshots, 16 of them.")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="The highest one of the schedule. "
            "[default: 0.003 from random weights, else 0.001; with --finder, 0.0005]"
        ),
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="{optimizers}.", autocompletion=complete_choice("optimizers"))
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help="{schedules}.", autocompletion=complete_choice("schedules"))
    ] = None,
    loss: Annotated[str | None, typer.Option(help="{losses}.", autocompletion=complete_choice("losses"))] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help="How pictures are changed at random: NAME=PROBABILITY,… of {changes}, or none. [default: screen=1]",
            autocompletion=complete_changes,
        ),
    ] = None,
    two_stage: Annotated[
        bool | None, typer.Option("--two-stage", help="Decide whether it is a widget at all, and then its state.")
    ] = None,
    background: Annotated[str | None, typer.Option(help="With --two-stage: the class of what is no widget.")] = None,
    seed: Seed = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads. [default: one a core]", show_default=False)] = None,
    device: Annotated[str | None, typer.Option(help="{devices}.", autocompletion=complete_choice("devices"))] = None,
    precision: Annotated[
        str | None, typer.Option(help="{precisions}.", autocompletion=complete_choice("precisions"))
    ] = None,
    tensorboard: Annotated[bool | None, typer.Option("--tensorboard", help="Write for TensorBoard too.")] = None,
    track: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell {trackers} of each epoch too; may be repeated. [default: none]",
            autocompletion=complete_choice("trackers"),
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="A TOML file with a table [train] of settings, as of `tune`; flags win. [default: boxwright.toml]",
            show_default=False,
        ),
    ] = None,
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Leave out this fold; without it, each of --split in turn.")] = None,
    folds: Annotated[int | None, typer.Option(help="Deal --real into so many, and leave out each in turn.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder. [default: runs/DATE-TIME]", show_default=False)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was stopped in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the run folder holds first.")] = False,
) -> None:
    """Train a network on synthetic crops, real crops or both, or a finder of widgets on screenshots.

    With folds, each real crop is also predicted by a network that never saw it.
    """
    flags: dict[str, Any] = {"real_share": real_share, "backbone": backbone, "weights": weights, "init": init}
    flags |= {"init_share": init_share}
    flags |= {"freeze_epochs": freeze_epochs, "epochs": epochs, "patience": patience, "batch_size": batch_size}
    flags |= {"learning_rate": learning_rate, "optimizer": optimizer, "schedule": schedule, "loss": loss}
    flags |= {"two_stage": two_stage, "background": background, "augment": _read_changes(augment)}
    flags |= {"seed": seed, "threads": threads, "device": device, "precision": precision, "tensorboard": tensorboard}
    flags |= {"track": tuple(track) if track else None}
    sources: dict[str, Any] = {"synthetic": synthetic, "real": real, "val": val, "classes": classes}
    sources |= {"unlabelled": tuple(unlabelled or ())}
    folding = {"split": split, "fold": fold, "folds": folds}
    result: TunedFinder | TrainResult | CrossValidation
    if finder:
        _refuse_beside_finder(flags | sources | folding | {"resume": resume or None})
        result = _tune(finder, val, flags | {"steps": steps}, out or new_run(), config=config, overwrite=overwrite)
    elif steps is not None:
        raise InputError("--steps is for --finder; without it, --epochs says how long to train")
    elif not resume:
        result = _train(flags, sources, folding, out or new_run(), config=config, overwrite=overwrite)
    elif out is None or overwrite:
        raise InputError("--resume goes on with the folder that --out names, and without --overwrite")
    elif config is not None:
        raise InputError("--resume goes on with the run's own settings; leave --config out")
    else:
        from model.training.crossval import resume_cross_validation

        sources["classes"] = _read_map(classes)
        with progress_bars() as bar:
            result = resume_cross_validation(out, given=sources | folding | flags, on_progress=stage_bars(bar))
    typer.echo(result.summary)


def _read_changes(text: str | None) -> dict[str, float] | None:
    from model.learning.named_changes import parse_changes

    return None if text is None else parse_changes(text)


def _read_map(file: Path | None) -> "ClassMap | None":
    from base.tabular.class_map import read_class_map

    return read_class_map(file) if file else None


def _refuse_beside_finder(given: dict[str, Any]) -> None:
    """Refuse what is for crops beside --finder."""
    crops = {name: value for name, value in given.items() if name not in (*FINDER_FLAGS, "val")}
    wrong = [f"--{name.replace('_', '-')}" for name, value in crops.items() if value not in (None, ())]
    if wrong:
        takes = ", ".join(f"--{name.replace('_', '-')}" for name in (*FINDER_FLAGS, "steps"))
        raise InputError(f"{', '.join(wrong)}: not for --finder, which takes {takes}, --val, --out and --overwrite")


def _tune(
    sets: list[Path], val: Path | None, flags: dict[str, Any], out: Path, *, config: Path | None, overwrite: bool
) -> "TunedFinder":
    from base.settings import load_settings, require_section
    from model.finder_learning.finder_training import FinderSettings
    from model.finder_learning.finder_tuning import tune_finder

    own = {name: flags[name] for name in (*FINDER_FLAGS, "steps")}
    require_section(config, "finder")
    settings = load_settings(FinderSettings, "finder", own, file=config)
    with progress_bars() as bar:
        return tune_finder(sets, val=val, out=out, settings=settings, overwrite=overwrite, on_progress=bar)


def _train(
    flags: dict[str, Any],
    sources: dict[str, Any],
    parts: dict[str, Any],
    out: Path,
    *,
    config: Path | None,
    overwrite: bool,
) -> "CrossValidation | TrainResult":
    from base.settings import load_settings, require_section
    from model.splitting.folds import choose_fold
    from model.training.crossval import choose_folding, cross_validate
    from model.training.train import TrainSettings, train

    require_section(config, "train")
    settings = load_settings(TrainSettings, "train", flags, file=config)
    mapping = _read_map(sources.pop("classes"))
    common = {**sources, "mapping": mapping, "out": out, "settings": settings, "overwrite": overwrite}
    folding = choose_folding(**parts)
    fold = None if folding else choose_fold(parts["split"], parts["fold"])
    with progress_bars() as bar:
        report = stage_bars(bar)
        if folding:
            return cross_validate(**common, folding=folding, final=True, on_progress=report)
        return train(**common, fold=fold, on_progress=functools.partial(report, ""))


def calibrate(
    model: Annotated[Path, typer.Argument(help="A run folder.", autocompletion=complete_models)],
    folder: Annotated[Path, typer.Argument(help="Class folders of real crops that were not trained on, 50 or more.")],
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Fit a model's temperature on labelled crops, so that its confidences can be believed."""
    from model.evaluation.calibration import calibrate as run
    from model.splitting.folds import choose_fold

    with progress_bars() as bar:
        result = run(model, folder, fold=choose_fold(split, fold), on_progress=bar("classifying"))
    warn(result.warnings)
    typer.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False) if as_json else result.to_text())
