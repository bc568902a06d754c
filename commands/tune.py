"""Trying settings of training."""

from pathlib import Path
from typing import Annotated, Any

import typer

from base.errors import InputError
from commands.support.completion import complete_choice, complete_models
from commands.support.options import Address, EngineOption, Seed, SplitFile
from commands.support.shared import cluster

STUDIES = Path("studies")


def tune(
    synthetic: Annotated[Path | None, typer.Option(help="A folder of class folders from `generate`.")] = None,
    real: Annotated[Path | None, typer.Option(help="A folder of class folders of real crops.")] = None,
    val: Annotated[
        Path | None, typer.Option(help="Class folders to compare trials on; default: a part held out, as by `train`.")
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="A folder of real crops without labels; may be given several times.")
    ] = None,
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Leave out this fold of --split.")] = None,
    space: Annotated[
        Path | None,
        typer.Option(help="A TOML file of what to try. [default: what --print-space prints]", show_default=False),
    ] = None,
    print_space: Annotated[
        bool, typer.Option("--print-space", help="Print what is tried by default, to edit.")
    ] = False,
    trials: Annotated[int | None, typer.Option(help="How many settings the study tries in all.")] = None,
    measure: Annotated[
        str | None,
        typer.Option(help="What trials are compared by: {measures}.", autocompletion=complete_choice("measures")),
    ] = None,
    pruner: Annotated[
        str | None,
        typer.Option(help="When a trial is given up: {pruners}.", autocompletion=complete_choice("pruners")),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Of every trial. [default: what the space says; at least 1]", show_default=False)
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(help="A run folder whose weights trials start from.", autocompletion=complete_models),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Trials at a time, each in a process.")] = None,
    engine: EngineOption = "local",
    address: Address = None,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the study. [default: studies/DATE-TIME]", show_default=False)
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study in --out, also beside others who do.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Try settings of `train`, and write those that do best on the validation pictures; no test split is looked at."""
    if print_space:
        typer.echo(_default_space(), nl=False)
        return
    flags: dict[str, Any] = {"trials": trials, "measure": measure, "pruner": pruner, "workers": workers, "seed": seed}
    sources: dict[str, Any] = {"synthetic": synthetic, "real": real, "val": val, "unlabelled": tuple(unlabelled or ())}
    sources |= {"split": split, "fold": fold}
    over = {"epochs": epochs, "init": None if init is None else str(init)}
    if not resume:
        _begin(sources, flags, over, space, _out(out), spread=(engine, address), overwrite=overwrite)
    elif out is None or overwrite:
        raise InputError("--resume goes on with the folder that --out names, and without --overwrite")
    elif space is not None or epochs is not None or init is not None:
        raise InputError("--resume goes on with the study's own space, epochs and init; leave them out")
    else:
        _go_on(out, sources, flags, spread=(engine, address))


def _default_space() -> str:
    from model.tuning.tune_settings import DEFAULT_SPACE

    return DEFAULT_SPACE.read_text(encoding="utf-8")


def _out(given: Path | None) -> Path:
    from datetime import datetime

    return given or STUDIES / datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")


def _begin(
    sources: dict[str, Any],
    flags: dict[str, Any],
    over: dict[str, Any],
    space: Path | None,
    out: Path,
    *,
    spread: tuple[str, str | None],
    overwrite: bool,
) -> None:
    from base.settings import load_settings
    from model.learning.training_settings import TrainSettings
    from model.splitting.folds import choose_fold
    from model.training.plan import TrainingSources
    from model.tuning.tune import tune as run
    from model.tuning.tune_settings import TuneSettings

    settings = load_settings(TuneSettings, "tune", flags)
    common = load_settings(TrainSettings, "train", {})
    won = {name: value for name, value in over.items() if value is not None}
    fold = choose_fold(sources.pop("split"), sources.pop("fold"))
    with cluster(*spread) as engine:
        result = run(
            TrainingSources(**sources, fold=fold),
            out=out,
            settings=settings,
            shared=common,
            space=space,
            over=won,
            engine=engine,
            overwrite=overwrite,
            on_trial=_show(settings.measure),
        )
    typer.echo(result.to_text())


def _go_on(out: Path, sources: dict[str, Any], flags: dict[str, Any], *, spread: tuple[str, str | None]) -> None:
    from base.settings import load_settings
    from model.tuning.study_folder import read_record
    from model.tuning.tune import resume_tuning
    from model.tuning.tune_settings import TuneSettings

    settings = load_settings(TuneSettings, "tune", flags)
    given = sources | {name: flags[name] for name in ("measure", "pruner", "seed")}
    with cluster(*spread) as engine:
        result = resume_tuning(
            out, settings=settings, given=given, engine=engine, on_trial=_show(read_record(out).measure)
        )
    typer.echo(result.to_text())


def _show(measure: str) -> Any:  # noqa: ANN401  model.tuning.tune.OnTrial, which is heavy to import
    from model.tuning.tune_settings import MEASURES

    return lambda row: typer.echo(row.to_text(MEASURES[measure]), err=True)
