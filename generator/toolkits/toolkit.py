"""The catalogue of toolkits: what each file of painters declares, and what of it is missing on this machine."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from base.errors import MissingError, TemplateError, unknown_choice
from base.settings import Settings, flatten
from generator.toolkits.toolkit_names import toolkit_files

ALL = "all"
"""Stands for every toolkit that is found."""

PROBE_S = 60
FRONT = re.compile(r"^\+\+\+\n(.*?)^\+\+\+$", re.MULTILINE | re.DOTALL)


class ToolkitDeclaration(Settings):
    """What a file of a toolkit says between its +++ lines.

    `probe` is Python that an interpreter must be able to run, `programs` what must be on the PATH, each perhaps by
    several names with a bar between them; `debian` and `pip` are packages that bring it. `widgets` gives the states of
    each kind, `others` the things that are no widgets. `scale_variable` of the environment enlarges all of it.
    """

    about: str
    probe: str = ""
    programs: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    terminal: bool = False
    scale_variable: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    widgets: dict[str, tuple[str, ...]] = Field(min_length=1)
    others: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Toolkit:
    """A toolkit by name, and the file that paints with it."""

    name: str
    file: Path
    declared: ToolkitDeclaration

    @property
    def remedy(self) -> str:
        """Return how it is installed."""
        ways = [f"pip install {' '.join(self.declared.pip)}"] if self.declared.pip else []
        ways += [f"apt install {' '.join(self.declared.debian)}"] if self.declared.debian else []
        return " and ".join(ways)


def load_toolkits() -> dict[str, Toolkit]:
    """Return all toolkits by name, sorted.

    Raises:
        TemplateError: a declaration cannot be read.
    """
    return {path.stem: read_toolkit(path) for path in toolkit_files()}


def read_toolkit(path: Path) -> Toolkit:
    """Read what a file declares.

    Raises:
        TemplateError: it declares nothing, or something else than is known.
    """
    match = FRONT.search(path.read_text(encoding="utf-8"))
    if match is None:
        raise TemplateError(f"{path}: declares nothing between two lines of +++")
    try:
        return Toolkit(path.stem, path, ToolkitDeclaration.model_validate(tomllib.loads(match[1])))
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{path}: {error}") from error
    except ValidationError as error:
        raise TemplateError(flatten(error, str(path))) from error


def choose_toolkits(names: Iterable[str]) -> dict[str, Toolkit]:
    """Return those of that name, sorted; `all` stands for those that are found here.

    Raises:
        InputError: there is no toolkit of that name.
        MissingError: something that one needs is not installed, or none is found.
    """
    known = load_toolkits()
    for name in names:
        if name not in (*known, ALL):
            raise unknown_choice("toolkit", name, (*known, ALL))
    require_display()
    if ALL in names:
        found = {name: toolkit for name, toolkit in known.items() if not find_missing(toolkit)}
        if not found:
            raise MissingError("no toolkit is found; `boxwright doctor` says what each needs")
        return found
    chosen = {name: toolkit for name, toolkit in known.items() if name in names}
    for toolkit in chosen.values():
        if missing := find_missing(toolkit):
            raise MissingError(f"the toolkit {toolkit.name} needs {missing}: {toolkit.remedy}")
    return chosen


def require_display() -> None:
    """Refuse where there is no virtual display.

    Raises:
        MissingError: with the package that has it.
    """
    if not shutil.which("Xvfb"):
        raise MissingError("toolkits are drawn on a virtual display, and Xvfb is not installed: apt install xvfb")


def find_missing(toolkit: Toolkit) -> str:
    """Return what a toolkit needs that is not there, or nothing."""
    missing = [names.replace("|", " or ") for names in toolkit.declared.programs if not _which(names)]
    if toolkit.declared.probe and not find_interpreter(toolkit.declared.probe):
        missing.append(f"a Python for which `{toolkit.declared.probe}` works")
    return " and ".join(missing)


def find_interpreter(probe: str) -> str:
    """Return the first interpreter that can run a line of Python, this one before the system's; empty if none can."""
    candidates = dict.fromkeys((sys.executable, shutil.which("python3") or "", "/usr/bin/python3"))
    for python in filter(shutil.which, candidates):
        try:
            run = [python, "-c", probe]
            done = subprocess.run(run, env=clean_environment(python), capture_output=True, timeout=PROBE_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return python
    return ""


def clean_environment(python: str) -> Mapping[str, str]:
    """Return the environment, without what leads another interpreter than this one to packages of this one."""
    ours = () if python == sys.executable else ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


def _which(names: str) -> str:
    return next(filter(None, map(shutil.which, names.split("|"))), "") or ""
