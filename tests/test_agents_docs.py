"""What docs/agents.md promises: tools, options and limits are those of the server, and its examples can be taken."""

import asyncio
import json
import re
import shlex
from pathlib import Path

from mcp import Client

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


def test_the_example_compiles() -> None:
    [example] = re.findall(r"^```python\n(.*?)^```", AGENTS, re.MULTILINE | re.DOTALL)
    compile(example, "agents.md", "exec")
