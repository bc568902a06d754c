"""Run as a program: a server for agents as `boxwright mcp` runs it, with a finder of drawn frames.

    python tests/serve_agents.py stdio ROOT
    python tests/serve_agents.py http ROOT TOKEN

It prints on stdout while it scans, as a library may.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from model.classifying.classifier import load_classifier
from model.finding.scanner import Scan, Scanner
from model.finding.widgets import FoundWidget
from service.agents.agent_server import serve_http, serve_stdio
from service.agents.given_pictures import GivenPictures
from service.agents.late_tools import load_labelling
from service.agents.screen_tools import ScreenTools
from service.late import Late
from service.listening import address_of, listen
from tests.squares import SquareFinder


def load_scan() -> Scan:
    scanner = Scanner(SquareFinder(), load_classifier())

    def scan(image: Image.Image) -> list[FoundWidget]:
        print("a library says something on stdout", flush=True)  # noqa: T201  as some do
        return scanner.scan(image)

    return scan


def load_label() -> Callable[[Image.Image, Sequence[FoundWidget]], list[FoundWidget]]:
    """Return what reads the words of each picture once: that takes most of the time that these tests take."""
    label = load_labelling()
    known: dict[tuple[bytes, str], list[FoundWidget]] = {}

    def label_once(image: Image.Image, widgets: Sequence[FoundWidget]) -> list[FoundWidget]:
        key = (image.tobytes(), repr(widgets))
        if key not in known:
            known[key] = label(image, widgets)
        return known[key]

    return label_once


def main() -> None:
    way, root, *token = sys.argv[1:]
    tools = ScreenTools(
        GivenPictures([Path(root)]), classifier=Late(load_classifier), scan=Late(load_scan), label=Late(load_label)
    )
    if way == "stdio":
        serve_stdio(tools)
        return
    with listen("127.0.0.1", 0) as listener:
        sys.stderr.write(f"answered at {address_of('127.0.0.1', listener)}\n")
        serve_http(tools, listener, "127.0.0.1", token=token[0] if token else None)


if __name__ == "__main__":
    main()
