"""The tools of agents, called by the protocol's own client over stdin and stdout and over HTTP."""

import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from PIL import Image, ImageDraw, ImageFont

from base.errors import InputError
from model.classifying.classifier import load_classifier
from model.finding.scanner import Scanner
from service.agents.given_pictures import GivenPictures
from service.agents.screen_tools import NOTHING_FOUND, ScreenTools
from service.late import Late
from tests.crops import draw_crop
from tests.squares import SquareFinder, draw_screen, encoded_png
from tests.test_cli import run

ROOT = Path(__file__).parents[1]
SERVER = Path(__file__).with_name("serve_agents.py")
TOKEN = "0123456789abcdef"
ROWS = ((40, 50, 20, 20), (40, 120, 20, 20), (300, 190, 44, 22), (300, 260, 44, 22))
WORDS = ("Wi-Fi", "Bluetooth", "Night mode", "Night mode")
SCREEN = draw_screen(*ROWS)
for (left, top, width, _), words in zip(ROWS, WORDS, strict=True):
    ink = (100, 100, 100)  # too light for a frame
    ImageDraw.Draw(SCREEN).text((left + width + 12, top), words, fill=ink, font=ImageFont.load_default(18))
TOOLS = ("scan_screen", "read_crop", "find_widget")

Talk = Callable[[Client], Awaitable[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What may be read, and a secret beside it."""
    outside = tmp_path_factory.mktemp("agents")
    folder = outside / "allowed"
    folder.mkdir()
    SCREEN.save(folder / "screen.png")
    SCREEN.save(outside / "secret.png")
    draw_crop("checked", 0).save(folder / "crop.png")
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    (folder / "way out.png").symlink_to(outside / "secret.png")
    (folder / "round").symlink_to("round")
    (folder / "link.png").symlink_to("screen.png")
    (folder / "large.png").write_bytes(b"0" * 16_000_001)
    os.mkfifo(folder / "pipe.png")
    return folder


def over_stdio(folder: Path, talk: Talk) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(command=sys.executable, args=[str(SERVER), "stdio", str(folder)], env=environment)

    async def connect() -> Any:
        async with Client(server) as client:
            return await talk(client)

    return asyncio.run(connect())


@contextlib.contextmanager
def serving_http(folder: Path, *token: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    log = folder.parent / "http.log"
    with log.open("wb") as stderr:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(SERVER), "http", str(folder), *token]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, env=environment)
    try:
        while not (found := re.search(r"answered at (\S+)", log.read_text(encoding="utf-8"))):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield process, found[1]
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving_http(folder) as (_, address):
        yield address


def over_http(address: str, talk: Talk, **headers: str) -> Any:
    async def connect() -> Any:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
        ):
            return await talk(client)

    return asyncio.run(connect())


def call(address: str, tool: str, **arguments: str) -> Any:
    return over_http(address, lambda client: client.call_tool(tool, arguments))


async def look_around(client: Client) -> dict[str, Any]:
    """Do what an agent does, and return all that it is told."""
    screen = base64.b64encode(encoded_png(SCREEN)).decode()
    found = {
        "tools": (await client.list_tools()).tools,
        "scan": await client.call_tool("scan_screen", {"path": "screen.png"}),
        "the same": await client.call_tool("scan_screen", {"base64": screen}),
        "crop": await client.call_tool("read_crop", {"path": "crop.png"}),
        "one": await client.call_tool("find_widget", {"path": "screen.png", "text": " wi-fi "}),
        "several": await client.call_tool("find_widget", {"path": "screen.png", "text": "Night mode"}),
        "alike": await client.call_tool("find_widget", {"path": "screen.png", "text": "Bluetoth"}),
        "none": await client.call_tool("find_widget", {"path": "screen.png", "text": "Wireless"}),
        "bad": await client.call_tool("scan_screen", {"path": "notes.txt"}),
        "again": await client.call_tool("scan_screen", {"path": "screen.png"}),
    }
    return {**found, "instructions": client.instructions, "server": client.server_info}


@pytest.fixture(scope="module", params=["stdio", "http"])
def told(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    if request.param == "stdio":
        found: dict[str, Any] = over_stdio(folder, look_around)
    else:
        found = over_http(request.getfixturevalue("address"), look_around)
    return found


def test_the_tools_say_what_they_take_and_give_and_that_they_only_look(told: dict[str, Any]) -> None:
    assert tuple(tool.name for tool in told["tools"]) == TOOLS
    for tool in told["tools"]:
        hints = tool.annotations
        assert (hints.read_only_hint, hints.destructive_hint, hints.open_world_hint) == (True, False, False)
        assert set(tool.input_schema["properties"]) - {"text"} == {"path", "base64"}
        assert all(entry["description"] for entry in tool.input_schema["properties"].values())
        assert tool.output_schema["properties"]["hint"]
        assert len(tool.description) > 60
    assert told["tools"][2].input_schema["required"] == ["text"]
    assert "find_widget" in told["instructions"]
    assert told["server"].name == "boxwright"


def test_answers_are_structured_as_announced_and_their_text_says_the_same(told: dict[str, Any]) -> None:
    schemas = {tool.name: tool.output_schema for tool in told["tools"]}
    names = {"scan": "scan_screen", "crop": "read_crop", "one": "find_widget", "several": "find_widget"}
    for case, name in names.items():
        answer = told[case]
        assert not answer.is_error
        jsonschema.validate(answer.structured_content, schemas[name])
        text = json.loads(answer.content[0].text)
        assert text == without_nulls(answer.structured_content)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def test_a_screenshot_s_widgets_come_from_top_to_bottom_with_what_a_click_needs(told: dict[str, Any]) -> None:
    answer = told["scan"].structured_content
    assert (answer["width_px"], answer["height_px"]) == SCREEN.size
    assert [tuple(each["box"].values()) for each in answer["widgets"]] == list(ROWS)
    assert [each["state"] for each in answer["widgets"][:2]] == ["unchecked", "checked"]
    assert answer["widgets"][0]["centre"] == {"x_px": 50.0, "y_px": 60.0}
    assert [each["label"] for each in answer["widgets"]] == list(WORDS)
    assert told["scan"].structured_content == told["the same"].structured_content == told["again"].structured_content


def test_a_crop_gives_its_state_with_probabilities(told: dict[str, Any]) -> None:
    answer = told["crop"].structured_content
    assert answer["state"] == max(answer["probabilities"], key=lambda name: answer["probabilities"][name])
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_a_text_gives_the_one_widget_or_says_that_there_is_not_one(told: dict[str, Any]) -> None:
    one, several, none = (told[case].structured_content for case in ("one", "several", "none"))
    assert (one["outcome"], one["widget"]["label"], one["widget"]["state"]) == ("found", "Wi-Fi", "unchecked")
    assert one["click"] == {"x_px": 50.0, "y_px": 60.0}
    assert (several["outcome"], several["widget"], several["click"]) == ("several", None, None)
    assert [tuple(each["box"].values()) for each in several["candidates"]] == list(ROWS[2:])
    assert "candidates" in several["hint"]
    alike = told["alike"].structured_content
    assert (alike["widget"]["label"], alike["hint"].startswith("The words beside it are only like")) == (
        "Bluetooth",
        True,
    )
    assert (none["outcome"], none["widget"]) == ("none", None)
    assert {each["label"] for each in none["candidates"]} == set(WORDS)
    assert "nearest" in none["hint"]


def test_what_cannot_be_read_is_an_error_and_the_next_call_is_answered(told: dict[str, Any]) -> None:
    assert told["bad"].is_error
    assert "is not a picture" in told["bad"].content[0].text
    assert not told["again"].is_error


REFUSED = {
    "outside": ({"path": "../secret.png"}, "is not inside a folder that may be read (ALLOWED)"),
    "nothing outside": ({"path": "../no such file.png"}, "is not inside a folder that may be read (ALLOWED)"),
    "absolute": ({"path": "/etc/passwd"}, "is not inside a folder that may be read (ALLOWED)"),
    "a link out": ({"path": "way out.png"}, "is not inside a folder that may be read (ALLOWED)"),
    "a circle of links": ({"path": "round/x.png"}, "'round/x.png'"),
    "a zero byte": ({"path": "a\0.png"}, "is not inside a folder that may be read"),
    "a long name": ({"path": "a" * 5000}, "'aaa"),
    "missing": ({"path": "missing.png"}, "no file 'missing.png'; relative paths begin at ALLOWED"),
    "a folder": ({"path": "."}, "'.' is a folder"),
    "a pipe": ({"path": "pipe.png"}, "'pipe.png' is not a regular file"),
    "large": ({"path": "large.png"}, "is too large: a picture's file has at most 16 MB"),
    "both": ({"path": "screen.png", "base64": "AAAA"}, "either as `path` or as `base64`"),
    "neither": ({}, "either as `path` or as `base64`"),
    "not base64": ({"base64": "?"}, "the picture is not base64; send the file of a PNG"),
    "no picture": ({"base64": "AAAA"}, "the picture is not a picture"),
    "large base64": ({"base64": "A" * 22_000_000}, "is too large: a picture's file has at most 16 MB"),
    "too many pixels": (
        {"base64": base64.b64encode(encoded_png(Image.new("1", (8000, 7000)))).decode()},
        "too large: 8000x7000 px, at most 50 megapixels are read",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_to_do(case: str, address: str, folder: Path) -> None:
    arguments, reason = REFUSED[case]
    answer = call(address, "scan_screen", **arguments)
    assert answer.is_error
    assert reason.replace("ALLOWED", str(folder)) in answer.content[0].text
    assert len(answer.content[0].text) < 700


def test_a_link_that_stays_inside_is_followed_and_so_is_an_absolute_path(address: str, folder: Path) -> None:
    for path in ("link.png", str(folder / "screen.png"), str(folder.parent / "x" / ".." / "allowed" / "screen.png")):
        assert not call(address, "scan_screen", path=path).is_error


def test_wrong_calls_are_errors_that_name_the_argument(address: str) -> None:
    assert "text" in call(address, "find_widget", path="screen.png").content[0].text
    assert "`text` is empty" in call(address, "find_widget", path="screen.png", text=" ").content[0].text
    assert call(address, "no_such_tool").is_error


def test_a_crop_that_is_a_screen_is_sent_to_the_other_tool(address: str) -> None:
    assert "scan_screen" in call(address, "read_crop", path="screen.png").structured_content["hint"]


def test_a_screenshot_without_widgets_says_what_may_help(address: str) -> None:
    answer = call(address, "scan_screen", base64=base64.b64encode(encoded_png(draw_screen())).decode())
    assert answer.structured_content["widgets"] == []
    assert "full resolution" in answer.structured_content["hint"]


BODY = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "example.org"}, 421),
        ({"host": "localhost.example.org:80"}, 421),
        ({"origin": "https://example.org"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_without_a_token_pages_of_other_sites_are_refused(headers: dict[str, str], status: int, address: str) -> None:
    assert httpx2.post(f"{address}/mcp", content=BODY, headers={**HEADERS, **headers}).status_code == status


def test_a_body_that_is_too_large_is_refused(address: str) -> None:
    assert httpx2.post(f"{address}/mcp", content=b"0" * 32_000_001, headers=HEADERS).status_code == 413


def test_with_a_token_nobody_is_answered_without_it_and_a_stop_ends_well(folder: Path) -> None:
    with serving_http(folder, TOKEN) as (process, address):
        for given in ("", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
            reply = httpx2.post(f"{address}/mcp", content=BODY, headers={**HEADERS, "authorization": given})
            assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
        tools = over_http(address, lambda client: client.list_tools(), authorization=f"Bearer {TOKEN}").tools
        assert len(tools) == 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


HEAVY = ("numpy", "PIL", "onnxruntime", "torch", "fastapi", "sklearn", "scipy", "rapidocr", "cv2")

LIGHT = f"""
import sys
from pathlib import Path
from service.agents.agent_server import build_agent_server
from service.agents.late_tools import late_tools
build_agent_server(late_tools([Path()], Path("pretrained"), None))
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def test_nothing_heavy_is_loaded_before_the_first_call() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_the_command_serves_over_stdio_and_stdout_carries_the_protocol_only(tmp_path: Path) -> None:
    draw_crop("checked", 0).save(tmp_path / "crop.png")
    asked = [
        {"id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
         "clientInfo": {"name": "test", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 1, "method": "tools/call", "params": {"name": "read_crop", "arguments": {"path": "crop.png"}}},
    ]  # fmt: skip
    lines = "".join(json.dumps({"jsonrpc": "2.0", **each}) + "\n" for each in asked)
    command = [sys.executable, str(ROOT / "cli.py"), "mcp", "--model", "pretrained"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(lines.encode())
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        rest = server.stdout.read()
        assert server.wait(30) == 0
    assert [answer["id"] for answer in answers] == [0, 1]
    assert answers[1]["result"]["structuredContent"]["state"] in ("checked", "other", "unchecked")
    assert rest == b""


def test_without_what_reads_words_screens_are_scanned_and_the_rest_says_what_to_install(folder: Path) -> None:
    def missing() -> Any:
        raise InputError("labels are read by RapidOCR; install it: pip install 'boxwright[ocr]'")

    tools = ScreenTools(
        GivenPictures([folder]),
        classifier=Late(load_classifier),
        scan=Late(lambda: Scanner(SquareFinder(), load_classifier()).scan),
        label=Late(missing),
    )
    answer = tools.scan_screen("screen.png", "")
    assert [widget.label for widget in answer.widgets] == [None] * 4
    assert answer.hint == "Labels are null: labels are read by RapidOCR; install it: pip install 'boxwright[ocr]'"
    with pytest.raises(InputError, match="install it"):
        tools.find_widget("Wi-Fi", "screen.png", "")
    empty = base64.b64encode(encoded_png(draw_screen())).decode()
    assert tools.find_widget("Wi-Fi", "", empty).hint == NOTHING_FOUND


MISTAKES = [
    (["--root", "nowhere"], "no folder nowhere to read pictures from"),
    (["--http", "0", "--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines, so a token is needed"),
    (["--http", "0", "--token", "short"], "the token has 5 characters; at least 16"),
]


@pytest.mark.parametrize(("words", "reason"), MISTAKES)
def test_it_refuses_to_start_and_says_why(words: list[str], reason: str) -> None:
    code, _, stderr = run("mcp", "--model", "pretrained", *words)
    assert (code, stderr.count(reason)) == (1, 1)


def test_started_in_the_root_it_wants_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    code, _, stderr = run("mcp", "--model", "pretrained")
    assert (code, stderr.count("name the folder with --root DIR")) == (1, 1)


def test_without_the_package_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['mcp'] = None; sys.argv = ['boxwright', 'mcp']; import cli; cli.main()"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = [each for each in done.stderr.splitlines() if "using model" not in each]
    assert line.startswith("Error: boxwright mcp needs another package")
    assert line.endswith("pip install 'boxwright[mcp]'")
