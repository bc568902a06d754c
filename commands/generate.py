"""Rendering data sets, exams and single crops; the list of families."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from base.counting import counted
from base.errors import InputError
from commands.support.completion import (
    complete_choice,
    complete_families,
    complete_installed_libraries,
    complete_layouts,
)
from commands.support.options import Address, Browser, EngineOption, Libraries, Seed, Substates, Templates
from commands.support.shared import cluster, fail, progress_bars

if TYPE_CHECKING:
    from base.progress import OnProgress
    from generator.datasets.dataset import DatasetSummary
    from generator.datasets.exam import ExamSettings


def generate(
    out: Annotated[Path, typer.Argument(help="The folder to write: a folder a class, and metadata.jsonl.")],
    n: Annotated[int | None, typer.Option("-n", help="How many crops.")] = None,
    seed: Seed = None,
    workers: Annotated[int | None, typer.Option(help="Browsers at work at a time. [default: one a core]")] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw from this family only; may be repeated. [default: all]", autocompletion=complete_families
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Hold this family out; may be repeated. [default: none]", autocompletion=complete_families),
    ] = None,
    substate: Substates = None,
    views: Annotated[int | None, typer.Option(help="Crops to cut from each widget; they share a group.")] = None,
    pairs: Annotated[
        bool | None, typer.Option("--pairs", help="Draw each style in two states, in the same slot.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="{crop_formats}.", autocompletion=complete_choice("crop_formats"))
    ] = None,
    layout: Annotated[
        list[str] | None,
        typer.Option(
            help="coco: compose screens after this layout only; may be repeated. [default: all]",
            autocompletion=complete_layouts,
        ),
    ] = None,
    without_layout: Annotated[
        list[str] | None,
        typer.Option(
            help="coco: hold this layout out; may be repeated. [default: none]", autocompletion=complete_layouts
        ),
    ] = None,
    screen_size: Annotated[
        str | None,
        typer.Option(help="coco: what every screen measures, px, as 1920x1080. [default: drawn, as screens are]"),
    ] = None,
    library: Libraries = None,
    templates: Templates = None,
    painter: Annotated[
        str | None,
        typer.Option(
            help="What paints crops: {painters}; or several, with shares of the pages, as chromium=0.8,firefox=0.2.",
            autocompletion=complete_choice("painters"),
        ),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="A file of `boxwright gaps`, which says what to draw more. [default: none]")
    ] = None,
    browser: Browser = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
    engine: EngineOption = "local",
    address: Address = None,
) -> None:
    """Render a labelled data set of synthetic crops."""
    from base.settings import load_settings
    from generator.datasets.dataset import GenerateSettings
    from generator.datasets.dataset import generate as run

    flags: dict[str, object] = {"n": n, "seed": seed, "workers": workers, "browser": browser, "templates": templates}
    flags |= {"families": family or None, "without": without or None, "libraries": library or None}
    flags |= {"views": views, "pairs": pairs, "format": format_, "painter": painter, "substates": substate or None}
    flags |= {"recipe": recipe}
    flags |= {"layouts": layout or None, "without_layouts": without_layout or None, "screen_size": screen_size}
    settings = load_settings(GenerateSettings, "generate", flags)
    with cluster(engine, address) as machines, progress_bars() as bar:
        summary = run(out, settings, overwrite=overwrite, resume=resume, engine=machines, on_progress=bar("rendering"))
    _tell(summary)


def exam(
    out: Annotated[Path, typer.Argument(help="The folder to write: a folder a class, and metadata.jsonl.")],
    library: Annotated[
        list[str] | None,
        typer.Option(
            help="An installed component library; may be repeated. [default: all]",
            autocompletion=complete_installed_libraries,
        ),
    ] = None,
    toolkit: Annotated[
        list[str] | None,
        typer.Option(
            help="Crops and windows of this toolkit of the machine instead, or `all`: {toolkits}; may be repeated. "
            "[default: none]",
            autocompletion=complete_choice("toolkits"),
        ),
    ] = None,
    n: Annotated[int | None, typer.Option("-n", help="How many crops.")] = None,
    substate: Substates = None,
    seed: Seed = None,
    workers: Annotated[int | None, typer.Option(help="Browsers at work at a time. [default: one a core]")] = None,
    templates: Templates = None,
    browser: Browser = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what the folder holds first.")] = False,
) -> None:
    """Render a labelled test set of component libraries only, those named or all that are installed, or of toolkits."""
    from base.settings import load_settings
    from generator.datasets.exam import ExamSettings, write_exam

    flags: dict[str, object] = {"n": n, "seed": seed, "workers": workers, "browser": browser, "templates": templates}
    flags |= {"substates": substate or None}
    settings = load_settings(ExamSettings, "exam", flags | {"libraries": library or None, "toolkits": toolkit or None})
    with progress_bars() as bar:
        if settings.toolkits:
            for_libraries = {"--workers": workers, "--resume": resume or None, "--substate": substate or None}
            _exam_by_toolkits(out, settings, for_libraries, overwrite=overwrite, on_progress=bar("drawing"))
            return
        summary = write_exam(out, settings, overwrite=overwrite, resume=resume, on_progress=bar("rendering"))
    _tell(summary)


def _exam_by_toolkits(
    out: Path, settings: "ExamSettings", refused: Mapping[str, object], *, overwrite: bool, on_progress: "OnProgress"
) -> None:
    from generator.toolkits.toolkit_exam import write_toolkit_exam

    if given := [option for option, value in refused.items() if value is not None]:
        raise InputError(f"{', '.join(given)}: for component libraries, not for --toolkit")
    summary = write_toolkit_exam(out, settings, overwrite=overwrite, on_progress=on_progress)
    typer.echo(str(summary))
    if summary.rejected:
        where = summary.folder / "rejected.jsonl"
        typer.echo(f"{counted(summary.rejected, 'item is', 'items are')} left out; {where} says why", err=True)


def _tell(summary: "DatasetSummary") -> None:
    typer.echo(str(summary))
    if summary.rejected:
        where = summary.folder / "rejected.jsonl"
        typer.echo(
            f"{counted(summary.rejected, 'widget looks', 'widgets look')} alike in two states and left out; see "
            f"{where}",
            err=True,
        )


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
    from base.files import write_bytes
    from generator.datasets.rerender import rerender as run

    result = run(dataset, file_name, templates=templates, browser=browser)
    if output:
        write_bytes(output, result.png)
    if not result.same:
        fail(f"{file_name} comes out differently now: another browser, or other fonts, than it was drawn with")
    typer.echo(f"{file_name}: the same bytes")


def families(
    family: Annotated[
        list[str] | None, typer.Option(help="This family only; may be repeated.", autocompletion=complete_families)
    ] = None,
    library: Libraries = None,
    templates: Templates = None,
    preview: Annotated[Path | None, typer.Option(help="Draw a row of crops of each into this PNG file.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="See that states look different and parameters do something.")
    ] = False,
    browser: Browser = None,
) -> None:
    """List the families; preview or check them."""
    from generator.libraries.installed import choose_families

    chosen = choose_families(tuple(family or ()), libraries=tuple(library or ()), folder=templates)
    if preview:
        from generator.datasets.preview import write_preview

        with progress_bars() as bar:
            write_preview(chosen, preview, browser=browser, on_progress=bar("drawing"))
    if check:
        from generator.datasets.family_check import check_families

        with progress_bars() as bar:
            reports = check_families(chosen, browser=browser, on_progress=bar("checking"))
        for report in reports:
            typer.echo(str(report))
        if not all(report.good for report in reports):
            raise typer.Exit(1)
    if not preview and not check:
        for name, one in chosen.items():
            declared = one.declared
            typer.echo(f"{name}\t{declared.kind}\t{', '.join(declared.states)}\t{', '.join(declared.params)}")
