"""Serving agents."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from base.errors import MissingError
from commands.support.options import FinderFolder, ModelFolder
from commands.support.shared import model_folder


def mcp(
    root: Annotated[
        list[Path] | None,
        typer.Option(help="A folder that pictures may be read from; may be repeated. [default: this folder]"),
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(
            help="Serve over HTTP on this port, 0 takes a free one. [default: stdin and stdout]", min=0, max=65535
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="With --http; any but loopback needs a token.")] = "127.0.0.1",
    token: Annotated[
        str | None, typer.Option(envvar="BOXWRIGHT_TOKEN", help="With --http: Authorization: Bearer TOKEN.")
    ] = None,
    model: ModelFolder = None,
    finder: FinderFolder = None,
) -> None:
    """Give agents tools that tell from a screenshot what is checked, by the Model Context Protocol."""
    try:
        from service.agents.agent_server import serve_http, serve_stdio
    except ImportError as error:
        raise MissingError(f"boxwright mcp needs another package ({error}): pip install 'boxwright[mcp]'") from error
    from service.agents.given_pictures import current_folder
    from service.agents.late_tools import late_tools
    from service.listening import address_of, listen
    from service.loopback import require_token_beyond_loopback

    tools = late_tools(root or [current_folder()], model_folder(model), finder)
    if http is None:
        if sys.stdin.isatty():
            typer.echo("waiting for an agent's program on stdin, which usually starts this; Ctrl-C ends it", err=True)
        serve_stdio(tools)
        return
    require_token_beyond_loopback(host, token or None)
    with listen(host, http) as listener:
        typer.echo(f"agents are answered at {address_of(host, listener)}/mcp", err=True)
        serve_http(tools, listener, host, token=token or None)
