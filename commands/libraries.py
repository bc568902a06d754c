"""Component libraries and icon sets: list, add, show, remove."""

from typing import Annotated

import typer

from commands.support.choices import CommandWithChoices
from commands.support.completion import complete_installed_libraries, complete_libraries
from commands.support.options import Templates
from commands.support.shared import CommandGroup

libraries_app = typer.Typer(
    name="libraries",
    add_completion=False,
    cls=CommandGroup,
    no_args_is_help=True,
    help="Install component libraries and icon sets by npm, to draw crops and exams from.",
)


@libraries_app.command("list", cls=CommandWithChoices)
def libraries_list(templates: Templates = None) -> None:
    """List the libraries: name, whether it is installed, packages, licence and families."""
    from generator.libraries.installed import list_libraries

    for status in list_libraries(folder=templates):
        declared = status.library.declared
        packages = ", ".join(f"{name} {version}" for name, version in declared.packages.items())
        words = (status.library.name, status.installed, packages, declared.licence, ", ".join(status.families))
        typer.echo("\t".join(words))


@libraries_app.command("add", cls=CommandWithChoices)
def libraries_add(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Libraries, as `libraries list` names them.", autocompletion=complete_libraries),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Install all component libraries that are not installed.")
    ] = False,
    icons: Annotated[bool, typer.Option("--icons", help="Install all icon sets that are not installed.")] = False,
    templates: Templates = None,
) -> None:
    """Install libraries by npm into the cache."""
    from generator.datasets.adding import add_libraries

    added = add_libraries(
        tuple(names or ()),
        every=every,
        icons=icons,
        folder=templates,
        on_step=lambda step: typer.echo(f"{step} …", err=True),
    )
    for name, packages in added.items():
        typer.echo(f"{name}: {', '.join(f'{package} {version}' for package, version in packages.items())}")


@libraries_app.command("show", cls=CommandWithChoices)
def libraries_show(
    name: Annotated[str, typer.Argument(help="An installed icon set.", autocompletion=complete_installed_libraries)],
    templates: Templates = None,
) -> None:
    """List a set's icons: what each is drawn as, its name, and its other state or why it is left out."""
    from generator.libraries.icon_listing import list_icons

    listing = list_icons(name, folder=templates)
    for row in listing.rows():
        typer.echo(f"{row.use}\t{row.name}\t{row.note}".rstrip())
    typer.echo(str(listing), err=True)


@libraries_app.command("remove", cls=CommandWithChoices)
def libraries_remove(
    names: Annotated[
        list[str],
        typer.Argument(help="Libraries, as `libraries list` names them.", autocompletion=complete_installed_libraries),
    ],
    templates: Templates = None,
) -> None:
    """Delete installed libraries from the cache."""
    from generator.libraries.installed import load_libraries
    from generator.libraries.npm import remove_library

    for library in load_libraries(tuple(names), folder=templates).values():
        typer.echo(f"{library.name}: {'removed' if remove_library(library) else 'was not installed'}")
