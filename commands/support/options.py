"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.completion import complete_choice, complete_installed_libraries, complete_models

Store = Annotated[
    str, typer.Option("--store", help="The label store: a SQLite file, or a URL postgresql://USER@HOST/DATABASE.")
]
LabelFormatOption = Annotated[
    str,
    typer.Option(
        "--format", help="{label_formats}.", autocompletion=complete_choice("label_formats"), show_default=True
    ),
]
Seed = Annotated[int | None, typer.Option(help="Same seed, same result. 0 is a seed.")]
Libraries = Annotated[
    list[str] | None,
    typer.Option(
        "--library",
        help="An installed component library; may be repeated. [default: none]",
        autocompletion=complete_installed_libraries,
    ),
]
Substates = Annotated[
    list[str] | None,
    typer.Option(
        "--substate",
        help="A state within another that becomes a class of its own, as indeterminate; may be repeated. "
        "[default: none]",
    ),
]
Templates = Annotated[Path | None, typer.Option(help="A folder of your own templates. [default: none]")]
Browser = Annotated[str | None, typer.Option(help="Path of the browser to use. [default: the first that starts]")]
ModelFolder = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help="A run folder, `pretrained` or a name of the registry; default: the newest in runs/.",
        autocompletion=complete_models,
    ),
]
UnlearnedModel = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help="A run folder that has not learned them. [default: pretrained]",
        autocompletion=complete_models,
    ),
]
FinderFolder = Annotated[
    Path | None, typer.Option("--finder", help="The folder of a finder. [default: the one in the box]")
]
Registry = Annotated[Path | None, typer.Option(help="The folder of the registry. [default: models]")]
SplitFile = Annotated[Path | None, typer.Option("--split", help="A file of `boxwright split`.")]
ClassMapFile = Annotated[
    Path | None,
    typer.Option(
        "--classes", help="A TOML file that says which folders make a class. [default: each folder makes its own]"
    ),
]
SqlOption = Annotated[
    str | None,
    typer.Option(
        "--sql", help="Instead of files: sqlite:///FILE, postgresql://USER@HOST/DATABASE or mysql://…; with --query."
    ),
]
QueryOption = Annotated[
    str | None,
    typer.Option("--query", help="--sql: a SELECT of id and picture (bytes, path or address); the rest is kept."),
]
ENGINES = ("local", "ray")
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        help="What the work is done by: {engines}; ray is a cluster.",
        autocompletion=complete_choice("engines"),
    ),
]
Address = Annotated[
    str | None, typer.Option("--address", help="ray: HOST:PORT of the cluster's head; default: the one that runs here.")
]
DEFAULT_STORE = "data/labels.db"
