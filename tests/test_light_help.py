"""Help loads no Markdown, and looks as it does with it."""

import subprocess
import sys

SHOW = """
import sys
{before}
from typer.testing import CliRunner
from cli import app
print(CliRunner().invoke(app, {arguments!r}, env={{"COLUMNS": "100"}}).stdout)
print("markdown_it" in sys.modules, file=sys.stderr)
from rich.markdown import Markdown
assert Markdown("*a*").markup == "*a*"
"""


def shown(arguments: list[str], *, before: str = "") -> tuple[str, bool]:
    """Return what a process of its own prints, and whether it has loaded what reads Markdown."""
    code = SHOW.format(before=before, arguments=arguments)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout, found.stderr.strip() == "True"


def test_help_is_the_same_without_markdown() -> None:
    for arguments in (["labels", "--help"], ["classify", "--help"]):
        light, with_markdown = shown(arguments)
        assert "Usage:" in light
        assert not with_markdown
        assert (light, True) == shown(arguments, before="import typer.rich_utils")
