"""The list of layouts that screens are composed after, their preview and their check."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.completion import complete_layouts
from commands.support.options import Browser, Libraries, Templates
from commands.support.shared import progress_bars


def layouts(
    layout: Annotated[
        list[str] | None, typer.Option(help="This layout only; may be repeated.", autocompletion=complete_layouts)
    ] = None,
    library: Libraries = None,
    templates: Templates = None,
    preview: Annotated[
        Path | None, typer.Option(help="Draw some screens of each, boxes outlined, into this PNG file.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="See that boxes hold what is seen of their widgets, and nothing else does.")
    ] = False,
    browser: Browser = None,
) -> None:
    """List the layouts of screens; preview or check them."""
    from generator.families.screen_layout import load_layouts

    every = load_layouts(folder=templates)
    chosen = load_layouts(tuple(layout or ()), folder=templates)
    if not preview and not check:
        for name, one in chosen.items():
            typer.echo(f"{name}\t{one.declared.about}\t{', '.join(one.declared.params)}")
        return
    from generator.libraries.installed import choose_families

    families = choose_families(libraries=tuple(library or ()), folder=templates)
    names = tuple(chosen)
    if preview:
        from generator.datasets.layout_preview import write_layout_preview

        with progress_bars() as bar:
            write_layout_preview(every, families, preview, names=names, browser=browser, on_progress=bar("drawing"))
    if check:
        from generator.datasets.layout_check import check_layouts

        with progress_bars() as bar:
            reports = check_layouts(every, families, names=names, browser=browser, on_progress=bar("checking"))
        for report in reports:
            typer.echo(str(report))
        if not all(report.good for report in reports):
            raise typer.Exit(1)
