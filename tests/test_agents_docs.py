"""What docs/agents.md promises: tools, options and limits are those of the server, and its examples can be taken."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client

from generator.rendering.browser import BrowserChoice, launch_browser, playwright_session
from model.reading.images import MAX_PIXELS
from service.agents import agent_server, given_pictures, late_tools, screen_tools
from service.service_settings import MEGAPIXEL
from tests.test_cli import run

AGENTS = (Path(__file__).parents[1] / "docs" / "agents.md").read_text(encoding="utf-8")


def test_the_tools_are_those_of_the_server(tmp_path: Path) -> None:
    server = agent_server.build_agent_server(late_tools.late_tools([tmp_path], Path("pretrained"), None))

    async def names() -> set[str]:
        async with Client(server) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert set(re.findall(r"^\| `(\w+)` \|", AGENTS, re.MULTILINE)) == asyncio.run(names())


def test_the_options_exist_and_programs_are_told_of_no_others() -> None:
    help_text = run("mcp", "--help")[1]
    told = [word for line in re.findall(r"^\$ boxwright (.*)", AGENTS, re.MULTILINE) for word in shlex.split(line)]
    blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", AGENTS, re.MULTILINE | re.DOTALL)]
    servers = [next(iter(table.values()))["boxwright"] for table in blocks]
    assert len(servers) == 3
    told += [word for server in servers for word in server.get("args", ["mcp"])]
    options = {word for word in told if word.startswith("--")}
    assert options == {"--root", "--http"}
    assert all(option in help_text for option in options)
    assert servers[2]["url"].endswith(agent_server.ENDPOINT)


def test_the_limits_are_those_of_the_code() -> None:
    row = re.compile(r"^\| (a [^|]+|calls at a time|connections over HTTP) \| (?:one at work and )?(\d+)", re.MULTILINE)
    limits = dict(row.findall(AGENTS))
    assert {name: int(number) for name, number in limits.items()} == {
        "a picture's file, by path or in base64": given_pictures.MAX_PICTURE_MB,
        "a picture": MAX_PIXELS // MEGAPIXEL,
        "a request over HTTP": agent_server.MAX_REQUEST_MB,
        "calls at a time": screen_tools.MOST_WAITING - 1,
        "connections over HTTP": agent_server.MOST_CONNECTIONS,
    }


@pytest.mark.browser
@pytest.mark.slow
def test_the_run_prints_what_is_told_of_it(tmp_path: Path, browser_choice: BrowserChoice) -> None:
    told, state = block("text").replace("\n ", "").splitlines()
    click = json.loads(told)["click"]
    with playwright_session() as playwright, launch_browser(playwright, browser_choice.launch) as browser:
        page = browser.new_page(viewport={"width": 390, "height": 400})
        page.set_content(block("html"))
        page.screenshot(path=tmp_path / "before.png")
        page.mouse.click(click["x_px"], click["y_px"])
        page.screenshot(path=tmp_path / "after.png")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    words = [sys.executable, "-c", block("python")]
    done = subprocess.run(
        words, cwd=tmp_path, env=os.environ | {"PATH": path}, check=True, stdout=subprocess.PIPE, text=True
    )
    printed, after = done.stdout.splitlines()
    assert after == state == "unchecked"
    answer, expected = json.loads(printed), json.loads(told)
    assert answer["click"] == pytest.approx(expected["click"], abs=4)
    for name in ("kind", "state", "label"):
        assert answer["widget"][name] == expected["widget"][name]


def block(language: str) -> str:
    """The one block of code in a language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```", AGENTS, re.MULTILINE | re.DOTALL)
    return str(found)
