"""Looking for faults in a folder of pictures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from base.counting import counted
from base.errors import InputError
from commands.support.completion import complete_choice
from commands.support.options import Seed, UnlearnedModel
from commands.support.shared import SOME_UNREADABLE, progress_bars, warn


def audit(
    folder: Annotated[Path, typer.Argument(help="Pictures with labels, as `inspect` reads them, or without.")],
    model: UnlearnedModel = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this check, of {checks}; may be repeated. [default: all]",
            autocompletion=complete_choice("checks"),
            show_default=False,
        ),
    ] = None,
    unlabelled: Annotated[bool, typer.Option("--unlabelled", help="The folders in it are no classes.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A JSON file of everything found.")] = None,
    report: Annotated[Path | None, typer.Option(help="A page of everything found, with the pictures.")] = None,
    list_: Annotated[
        Path | None, typer.Option("--list", help="A CSV file of what to look at again, for `queue --from`.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option(help="A CSV file of the pictures without faults, for `train --real`.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --apply.")] = False,
    seed: Seed = None,
) -> None:
    """Look for faults in a data set: unreadable, double, blurred, wrongly labelled and odd pictures."""
    from active.faults.audit import AuditSettings, audit_folder
    from active.faults.audit_files import write_cleaned, write_doubtful
    from active.faults.audit_report import write_audit_report
    from base.files import write_json
    from base.settings import load_settings
    from model.labelled_folders.label_lists import refuse_list_name
    from model.networks.model_folders import PRETRAINED
    from model.networks.trained_model import load_model

    flags: dict[str, Any] = {"check": tuple(check) if check else None, "seed": seed}
    settings = load_settings(AuditSettings, "audit", flags)
    for path in filter(None, (output, report, list_, apply)):
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file to write")
    if apply:
        refuse_list_name(apply, overwrite=overwrite)
    run = model or Path(PRETRAINED)
    loaded = load_model(run)
    with progress_bars() as bar:
        found = audit_folder(folder, loaded, run=run, unlabelled=unlabelled, settings=settings, on_progress=bar)
    warn(found.warnings)
    typer.echo(found.to_text())
    if output:
        write_json(output, found.to_dict())
    if report:
        write_audit_report(found, report)
    if list_:
        count = write_doubtful(found, list_)
        typer.echo(
            f"{counted(count, 'picture')} in {list_}; look again with `boxwright queue --from {list_}`", err=True
        )
    if apply:
        count = write_cleaned(found, apply, overwrite=overwrite)
        typer.echo(f"{counted(count, 'picture')} in {apply}, for `boxwright train --real {apply}`", err=True)
    if found.unreadable:
        raise typer.Exit(SOME_UNREADABLE)
