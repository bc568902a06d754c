"""The tools as a server of the Model Context Protocol, over stdin and stdout or over HTTP."""

import asyncio
import contextlib
import importlib.metadata
import signal
import socket
from collections.abc import Iterator
from typing import Annotated

import anyio
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from base.errors import BoxwrightError
from service.agents.agent_access import BearerWall, names_that_are_answered
from service.agents.agent_answers import CropAnswer, FindAnswer, ScreenAnswer
from service.agents.screen_tools import ScreenTools
from service.freed_memory import give_back_large_blocks
from service.listening import MOST_HEADER_BYTES, run_until_stopped
from service.service_settings import MEGABYTE

MAX_REQUEST_MB = 32
MOST_CONNECTIONS = 16
STOPPING_S = 60
ENDPOINT = "/mcp"

INSTRUCTIONS = """\
Tells from the pixels of a screenshot which checkboxes, radio buttons and switches there are, where, and whether each
is on. Use it before and after you click one: to find the point to click, and to see that it changed. Take a screenshot,
then call find_widget with the words beside the widget, or scan_screen for all of them. Coordinates are pixels of the
picture that you give, from its top left corner; where your clicks are in other units, as on displays of double density,
scale them by the picture's size."""

PictureFile = Annotated[
    str, Field(description="The picture's file: an absolute path, or a relative one, inside a folder that may be read.")
]
PictureText = Annotated[
    str,
    Field(
        description="Instead of `path`: the picture's file (PNG, JPEG, WebP, …) in base64, with data: prefix or not.",
        json_schema_extra={"contentEncoding": "base64"},
    ),
]
Words = Annotated[str, Field(max_length=500, description="The words beside the widget, as 'Wi-Fi'; case is ignored.")]


def build_agent_server(tools: ScreenTools) -> MCPServer[None]:
    """Return the server; nothing is loaded yet."""
    server: MCPServer[None] = MCPServer(
        "boxwright",
        title="boxwright: is it on?",
        instructions=INSTRUCTIONS,
        version=importlib.metadata.version("boxwright"),
        log_level="WARNING",
        subscriptions=False,
    )

    @server.tool(title="Find all widgets on a screenshot", annotations=_reading("Find all widgets on a screenshot"))
    def scan_screen(path: PictureFile = "", base64: PictureText = "") -> Annotated[CallToolResult, ScreenAnswer]:
        """List checkboxes, radio buttons and switches found on a screenshot: state, label, where to click."""
        with _told():
            return _answer(tools.scan_screen(path, base64))

    @server.tool(title="Read one widget", annotations=_reading("Read one widget"))
    def read_crop(path: PictureFile = "", base64: PictureText = "") -> Annotated[CallToolResult, CropAnswer]:
        """Tell whether the one widget on a small picture, cut out around it, is checked, with probabilities."""
        with _told():
            return _answer(tools.read_crop(path, base64))

    @server.tool(title="Find the widget of a text", annotations=_reading("Find the widget of a text"))
    def find_widget(
        text: Words, path: PictureFile = "", base64: PictureText = ""
    ) -> Annotated[CallToolResult, FindAnswer]:
        """Find the one checkbox, radio button or switch that a text on the screenshot belongs to.

        Tells its state and the point to click, or that none or several match, with the candidates.
        """
        with _told():
            return _answer(tools.find_widget(text, path, base64))

    return server


def serve_stdio(tools: ScreenTools) -> None:
    """Serve one client over stdin and stdout, until it closes them; what else is printed goes to stderr."""
    give_back_large_blocks()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the thread that reads stdin would be waited for, and nothing is lost
    anyio.run(build_agent_server(tools).run_stdio_async)


def serve_http(tools: ScreenTools, listener: socket.socket, host: str, *, token: str | None) -> None:
    """Serve over HTTP at /mcp until SIGTERM or SIGINT.

    Args:
        tools: what is called.
        listener: the socket.
        host: what it listens on.
        token: what clients must send; without one, they must name this machine.
    """
    give_back_large_blocks()
    app = build_agent_server(tools).streamable_http_app(
        streamable_http_path=ENDPOINT,
        json_response=True,
        stateless_http=True,  # nothing is kept between calls
        max_request_body_size=int(MAX_REQUEST_MB * MEGABYTE),
        transport_security=names_that_are_answered(host, token),
    )
    config = uvicorn.Config(
        app if token is None else BearerWall(app, token),
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=STOPPING_S,
    )
    asyncio.run(run_until_stopped(config, listener))


def _reading(title: str) -> ToolAnnotations:
    """Return that a tool only looks: it changes nothing, and reaches nothing beyond the picture."""
    return ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell the agent what it can mend; anything else is a bug, whose text stays here."""
    try:
        yield
    except BoxwrightError as error:
        raise ToolError(str(error)) from error


def _answer(answer: BaseModel) -> CallToolResult:
    """Return an answer as it is, and in few letters for hosts that show the agent texts alone."""
    text = answer.model_dump_json(exclude_none=True)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=answer.model_dump(mode="json")
    )
