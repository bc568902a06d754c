"""Classifying over HTTP."""

from typing import Annotated

import typer

from base.errors import MissingError
from commands.support.options import FinderFolder, ModelFolder
from commands.support.shared import model_folder


def serve(
    model: ModelFolder = None,
    finder: FinderFolder = None,
    host: Annotated[str | None, typer.Option(help="Any but loopback needs a token.")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="BOXWRIGHT_TOKEN", help="What clients must send: Authorization: Bearer TOKEN.")
    ] = None,
) -> None:
    """Classify crops and scan screenshots over HTTP, and on a page; limits stand in boxwright.toml's table [serve]."""
    try:
        from service.server import serve as run
    except ModuleNotFoundError as error:
        raise MissingError(f"serve needs {error.name}: pip install 'boxwright[serve]'") from error
    import logging

    from base.settings import load_settings
    from base.timing import are_stages_shown, show_log
    from model.classifying.classifier import load_classifier
    from model.finding.finder import load_finder
    from model.networks.model_folders import run_folder
    from service.service_settings import ServeSettings

    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form)  # for what others log
    if not are_stages_shown():
        show_log(logging.INFO, form)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    settings = load_settings(ServeSettings, "serve", {"host": host, "port": port})
    run(
        lambda: load_classifier(model_folder(model)),
        settings,
        token=token or None,
        load_finder=lambda: load_finder(finder),
        stands_for=lambda: None if model is None else run_folder(model),
        on_listening=lambda address, name: typer.echo(f"model {name} answers at {address}", err=True),
    )
