"""Putting a better model to work, and going back: the registry of models."""

import json
from pathlib import Path
from typing import Annotated

import typer

from base.counting import counted
from commands.support.choices import CommandWithChoices
from commands.support.completion import complete_models
from commands.support.options import Registry, SplitFile
from commands.support.shared import CommandGroup, progress_bars

NOT_PROMOTED = 4

models_app = typer.Typer(
    name="models",
    add_completion=False,
    cls=CommandGroup,
    no_args_is_help=True,
    help="The registry of promoted models: list, roll back, name.",
)


def promote(
    model: Annotated[Path, typer.Argument(help="The run folder of the new model.", autocompletion=complete_models)],
    on: Annotated[Path, typer.Option(help="A folder of class folders to compare the two on.")],
    against: Annotated[
        Path | None,
        typer.Option(
            help="The model at work. [default: what --alias stands for, or else pretrained]",
            autocompletion=complete_models,
            show_default=False,
        ),
    ] = None,
    split: SplitFile = None,
    fold: Annotated[int | None, typer.Option(help="Only this fold of --split.")] = None,
    margin: Annotated[float | None, typer.Option(help="Points of accuracy that a quicker model may lose.")] = None,
    registry: Registry = None,
    alias: Annotated[str | None, typer.Option(help="The name that the model gets.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Put a model to work where a paired test says better, or no worse and quicker; exit 4 where it does not."""
    from base.settings import load_settings
    from model.promoting.promote import promote_model
    from model.promoting.registry_settings import PromoteSettings
    from model.splitting.folds import choose_fold

    settings = load_settings(PromoteSettings, "promote", {"margin": margin, "registry": registry, "alias": alias})
    with progress_bars() as bar:
        result = promote_model(
            model,
            on,
            against=against,
            fold=choose_fold(split, fold),
            settings=settings,
            dry_run=dry_run,
            on_progress=bar,
        )
    if result.unreadable:
        typer.echo(f"{counted(result.unreadable, 'picture')} could not be read and do not count", err=True)
    typer.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False) if as_json else result.to_text())
    if not result.promoted:
        raise typer.Exit(NOT_PROMOTED)


@models_app.command("list", cls=CommandWithChoices)
def models_list(
    registry: Registry = None,
    history: Annotated[bool, typer.Option("--history", help="List what happened instead, newest last.")] = False,
) -> None:
    """List the versions: names, fingerprint, since when, where from, and whether they are sound."""
    from model.promoting.registry_listing import list_events, list_versions

    for words in (list_events if history else list_versions)(_root(registry)):
        typer.echo("\t".join(words))


@models_app.command("roll-back", cls=CommandWithChoices)
def models_roll_back(
    alias: Annotated[str | None, typer.Argument(help="The name. [default: current]", show_default=False)] = None,
    registry: Registry = None,
) -> None:
    """Let a name stand for the version before."""
    from model.networks.registry_file import CURRENT
    from model.promoting.registry import roll_back

    event = roll_back(_root(registry), alias or CURRENT)
    typer.echo(f"{event.alias} is {event.version}, no longer {event.before}")


@models_app.command("alias", cls=CommandWithChoices)
def models_alias(
    alias: Annotated[str, typer.Argument(help="The name, as `current` or `canary`.")],
    version: Annotated[str, typer.Argument(help="A version, as `v3`, or another name.")],
    registry: Registry = None,
) -> None:
    """Let a name stand for a version, untested."""
    from model.promoting.registry import set_alias

    event = set_alias(_root(registry), alias, version)
    typer.echo(f"{event.alias} is {event.version}" + (f", no longer {event.before}" if event.before else ""))


def _root(given: Path | None) -> Path:
    """Return the registry that was named, or that of boxwright.toml."""
    from base.settings import load_settings
    from model.promoting.registry_settings import PromoteSettings

    return load_settings(PromoteSettings, "promote", {"registry": given}).registry
