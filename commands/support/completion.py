"""What the shell completes an option's value to. Somebody waits for it at a key: nothing heavy is loaded."""

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from base.errors import BoxwrightError
from commands.support.choices import choices


def complete_choice(name: str, *others: str) -> Callable[[], list[str]]:
    """Return a completer that offers what can be chosen, by a name of `choices.CHOICES`, and `others`."""

    def offer() -> list[str]:
        return [*choices(name), *others]

    return offer


def complete_strategy_list(incomplete: str) -> list[str]:
    """Return what `--strategies` may go on with after its last comma, without names that it has already."""
    before, comma, _ = incomplete.rpartition(",")
    given = before.split(",")
    return [f"{before}{comma}{name}" for name in choices("strategies") if name not in given]


def complete_changes(incomplete: str) -> list[str]:
    """Return what `--augment` may go on with after its last comma: a change that it has not yet, up to its number."""
    before, comma, _ = incomplete.rpartition(",")
    given = [each.partition("=")[0] for each in before.split(",")]
    return [f"{before}{comma}{name}=" for name in choices("changes") if name not in given]


def complete_models() -> list[str]:
    """Return the runs below runs/, the names of the registry, and that of the model in the box."""
    from commands.support.shared import RUNS
    from model.networks.model_folders import PRETRAINED, find_runs
    from model.networks.registry_file import registered_names

    try:
        registered = [*registered_names()]
    except BoxwrightError:  # which the run will say
        registered = []
    return [*sorted(map(str, find_runs(RUNS))), *registered, PRETRAINED]


def complete_families(context: typer.Context) -> list[str]:
    """Return the names of families, those of libraries and of `--templates` among them."""
    from generator.families.family import template_files
    from generator.libraries.installed import library_family_names

    return _if_sound(lambda folder: [*template_files(folder), *library_family_names(folder)], context)


def complete_layouts(context: typer.Context) -> list[str]:
    """Return the names of layouts, those of `--templates` among them."""
    from generator.families.screen_layout import layout_files

    return _if_sound(layout_files, context)


def complete_libraries(context: typer.Context) -> list[str]:
    """Return the names of all libraries, those of `--templates` among them."""
    from generator.libraries.installed import library_names

    return _if_sound(library_names, context)


def complete_installed_libraries(context: typer.Context) -> list[str]:
    """Return the names of the libraries that are in the cache."""
    from generator.libraries.bundle import bundle_path

    return [name for name in complete_libraries(context) if bundle_path(name).exists()]


def _if_sound(names: Callable[[Path | None], Iterable[str]], context: typer.Context) -> list[str]:
    """Return names that may come from the folder of `--templates`; none where that is wrong, which the run will say."""
    try:
        return list(names(context.params.get("templates")))
    except BoxwrightError:
        return []
