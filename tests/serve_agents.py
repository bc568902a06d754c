"""Run as a program: a server for agents as `boxwright mcp` runs it, with a finder of drawn frames.

    python tests/serve_agents.py stdio ROOT
    python tests/serve_agents.py http ROOT TOKEN

Words are known by place: `Wi-Fi`, `Bluetooth`, `Night mode` and again `Night mode`, from top to bottom. It prints on
stdout while it scans, as a library may.
"""

import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from model.classifying.classifier import load_classifier
from model.finding.scanner import Scan, Scanner
from model.finding.widgets import FoundWidget
from service.agents.agent_server import serve_http, serve_stdio
from service.agents.given_pictures import GivenPictures
from service.agents.screen_tools import ScreenTools
from service.late import Late
from service.listening import address_of, listen
from tests.squares import SquareFinder

WORDS = ("Wi-Fi", "Bluetooth", "Night mode", "Night mode")


def load_scan() -> Scan:
    scanner = Scanner(SquareFinder(), load_classifier())

    def scan(image: Image.Image) -> list[FoundWidget]:
        print("a library says something on stdout", flush=True)  # noqa: T201  as some do
        found = sorted(scanner.scan(image), key=lambda widget: widget.box[1])
        return [replace(widget, label=label) for widget, label in zip(found, WORDS, strict=False)]

    return scan


def main() -> None:
    way, root, *token = sys.argv[1:]
    tools = ScreenTools(GivenPictures([Path(root)]), Late(load_classifier), Late(load_scan))
    if way == "stdio":
        serve_stdio(tools)
        return
    with listen("127.0.0.1", 0) as listener:
        sys.stderr.write(f"answered at {address_of('127.0.0.1', listener)}\n")
        serve_http(tools, listener, "127.0.0.1", token=token[0] if token else None)


if __name__ == "__main__":
    main()
