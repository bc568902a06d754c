"""What docs/serving.md and docs/python.md promise: settings, routes and statuses are those of the service."""

import re
import shlex
import tomllib
from pathlib import Path

from service.app import create_app
from service.refusals import REASONS
from service.service_settings import ServeSettings
from service.serving import Serving
from tests.test_cli import run
from tests.test_service import Shelf

DOCS = Path(__file__).parents[1] / "docs"
SERVING = (DOCS / "serving.md").read_text(encoding="utf-8")
PYTHON = (DOCS / "python.md").read_text(encoding="utf-8")


def test_the_settings_are_the_defaults_and_none_is_missing() -> None:
    [toml] = re.findall(r"^```toml\n(.*?)^```", SERVING, flags=re.MULTILINE | re.DOTALL)
    assert tomllib.loads(toml)["serve"] == ServeSettings().model_dump()


def test_routes_and_figures_are_those_of_the_service() -> None:
    serving = Serving(Shelf().load, ServeSettings())
    described = {
        f"{method.upper()} {path}"
        for path, methods in create_app(serving).openapi()["paths"].items()
        for method in methods
    }
    serving.close()
    assert set(re.findall(r"`((?:GET|POST) /[\w/]+)`", SERVING)) == described
    told = set(
        re.findall(r"^# TYPE (boxwright_\w+) (?:counter|gauge|histogram)$", serving.metrics.text().decode(), re.M)
    )
    assert set(re.findall(r"`(boxwright_\w+)(?:\{[\w,]+\})?`", SERVING)) == told - {
        n for n in told if n.endswith("_created")
    }


def test_statuses_are_those_that_requests_are_refused_with() -> None:
    assert [int(status) for status in re.findall(r"^\| (\d{3}) \|", SERVING, re.MULTILINE)] == sorted(REASONS)


def test_the_options_of_the_commands_exist() -> None:
    help_text = run("serve", "--help")[1]
    options = {
        word for line in re.findall(r"boxwright serve (.*)", SERVING) for word in shlex.split(line) if word[:1] == "-"
    }
    assert options
    assert all(option in help_text for option in options)


def test_python_examples_compile() -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PYTHON, flags=re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        compile(example, "python.md", "exec")
