"""Exams: labelled test sets drawn from component libraries alone, which no template was drawn after."""

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from base.errors import InputError
from base.settings import Settings
from generator.datasets.dataset import DatasetSummary, GenerateSettings, generate
from generator.libraries.installed import installed_libraries, load_library_families


class ExamSettings(Settings):
    """What decides the content of an exam; no libraries means all that are installed, unless toolkits are named."""

    n: int = Field(default=1500, gt=0)
    seed: int = 0
    libraries: tuple[str, ...] = ()
    toolkits: tuple[str, ...] = ()
    substates: tuple[str, ...] = Field(default=(), description="states within others that become classes of their own")
    templates: Path | None = None
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    browser: str | None = None


def write_exam(
    out: Path,
    settings: ExamSettings,
    *,
    overwrite: bool = False,
    resume: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> DatasetSummary:
    """Render a data set of the libraries' families only, even over classes and over lineages within a class.

    Raises:
        InputError: no library is installed, or one that is named is unknown or not installed.
        BoxwrightError: as `generate` does.
    """
    libraries = settings.libraries or installed_libraries(folder=settings.templates)
    if not libraries:
        raise InputError("no library is installed; `boxwright libraries add --all` installs them, by npm")
    families = load_library_families(libraries, folder=settings.templates)
    drawn = GenerateSettings(**settings.model_dump(exclude={"libraries", "toolkits"}), families=tuple(families))
    command = f"boxwright exam DATASET -n {settings.n} --seed {settings.seed}"
    command += "".join(f" --library {name}" for name in libraries)
    command += "".join(f" --substate {name}" for name in settings.substates)
    return generate(out, drawn, overwrite=overwrite, resume=resume, command=command, on_progress=on_progress)
