"""Exams by toolkits: labelled crops and screens that the toolkits on this machine draw on a virtual display."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from base.counting import counted
from base.errors import InputError
from base.files import claim_folder, write_bytes, write_json, write_jsonl, write_text
from base.progress import OnProgress, mute_progress
from generator.crops.manifest import MANIFEST, ManifestRow
from generator.datasets.dataset import DatasetSummary
from generator.datasets.exam import ExamSettings
from generator.datasets.shard import REJECTED
from generator.formats.coco_screens import write_annotations
from generator.formats.contact_sheet import contact_sheet
from generator.screens.rows import ScreenRow
from generator.toolkits.painter_process import open_painter
from generator.toolkits.toolkit import Toolkit, choose_toolkits
from generator.toolkits.toolkit_rows import WindowOrigin, cut_crops, describe_left_out, picture_window
from generator.toolkits.virtual_display import virtual_display
from generator.toolkits.window_examination import ExaminedWindow, examine_window
from generator.toolkits.window_plan import plan_windows

CROPS, WINDOWS, SHEET = "crops", "screens", "crops.png"
ENLARGED_SHARE = 1 / 3
"""Of what a toolkit draws that can, drawn at two pixels a pixel."""

SHOWN_A_TOOLKIT = 24
FOR_LIBRARIES = {"libraries": "--library", "templates": "--templates", "browser": "--browser"}


@dataclass
class _Written:
    """What has been written so far."""

    out: Path
    crops: list[ManifestRow] = field(default_factory=list)
    screens: list[ScreenRow] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    themes: dict[str, Sequence[str]] = field(default_factory=dict)

    def add(self, window: ExaminedWindow, origin: WindowOrigin) -> None:
        crops = list(cut_crops(window, origin))
        for crop in crops:
            write_bytes(self.out / CROPS / crop.row.file_name, crop.png)
        screen = picture_window(window, origin)
        write_bytes(self.out / WINDOWS / screen.row.file_name, screen.png)
        self.crops += [
            crop.row.model_copy(update={"index": len(self.crops) + place}) for place, crop in enumerate(crops)
        ]
        self.screens.append(screen.row)
        self.left_out += describe_left_out(window, origin)


def write_toolkit_exam(
    out: Path, settings: ExamSettings, *, overwrite: bool = False, on_progress: OnProgress | None = None
) -> DatasetSummary:
    """Have toolkits draw `settings.n` items in all, and write crops/ and screens/ with what the toolkits say of them.

    A mixed state counts as checked. What looks alike in both states is left out and listed in rejected.jsonl. The same
    seed, toolkits, themes and fonts give the same bytes.

    Raises:
        InputError: there is no toolkit of that name, or a setting is for component libraries.
        MissingError: a toolkit, or the virtual display, is not installed.
        OutputExistsError: `out` is not empty and `overwrite` is not set.
        ToolkitError: a toolkit stops.
    """
    for name, option in FOR_LIBRARIES.items():
        if getattr(settings, name):
            raise InputError(f"{option} is for component libraries, and toolkits are to be drawn")
    toolkits = choose_toolkits(settings.toolkits)
    claim_folder(out, overwrite=overwrite)
    report = on_progress or mute_progress
    written = _Written(out)
    done = 0
    for job in _jobs(toolkits, settings.n):
        for count in _draw(job, settings.seed, written):
            done += count
            report(done, settings.n)
    return _finish(written, settings, tuple(toolkits))


@dataclass(frozen=True)
class _Job:
    toolkit: Toolkit
    scale: int
    n: int


def _jobs(toolkits: Mapping[str, Toolkit], n: int) -> Iterator[_Job]:
    """Yield what each toolkit draws at which scale; the first ones get what does not come out even."""
    for place, toolkit in enumerate(toolkits.values()):
        share = n // len(toolkits) + (place < n % len(toolkits))
        enlarged = math.floor(share * ENLARGED_SHARE) if toolkit.declared.scale_variable else 0
        yield from (_Job(toolkit, scale, part) for scale, part in ((1, share - enlarged), (2, enlarged)) if part)


def _draw(job: _Job, seed: int, written: _Written) -> Iterator[int]:
    """Draw a job's windows; yield how many items each has."""
    name = job.toolkit.name
    with virtual_display(scale=job.scale) as display, open_painter(job.toolkit, display, scale=job.scale) as painter:
        answer = painter.answer
        written.versions[name] = answer.version
        written.themes[name] = answer.themes
        origin_name = f"{name} {job.scale}"
        for window in plan_windows(origin_name, job.toolkit.declared, answer.themes, n=job.n, seed=seed):
            origin = WindowOrigin(name, answer.version, job.scale, seed, len(written.screens))
            written.add(examine_window(painter, window), origin)
            yield len(window.items)


def _finish(written: _Written, settings: ExamSettings, names: Sequence[str]) -> DatasetSummary:
    out = written.out
    write_jsonl(out / CROPS / MANIFEST, (row.model_dump_json() for row in written.crops))
    write_jsonl(out / WINDOWS / MANIFEST, (row.model_dump_json() for row in written.screens))
    write_annotations(out / WINDOWS, written.screens)
    if written.left_out:
        write_jsonl(out / REJECTED, written.left_out)
    command = f"boxwright exam EXAM {' '.join(f'--toolkit {name}' for name in names)} -n {settings.n}"
    command += f" --seed {settings.seed}"
    about = {"command": command, "seed": settings.seed, "n": settings.n}
    write_json(out / "exam.json", about | {"versions": written.versions, "themes": written.themes})
    _write_card(written, command)
    classes = Counter(row.label for row in written.crops)
    families = Counter(row.family for row in written.crops)
    counts = (dict(sorted(classes.items())), dict(sorted(families.items())))
    return DatasetSummary(out, len(written.crops), *counts, len(written.left_out))


def _write_card(written: _Written, command: str) -> None:
    counts = Counter((row.family.partition("/")[0], row.label) for row in written.crops)
    labels = sorted({label for _, label in counts})
    lines = [
        "# Widgets as toolkits draw them",
        "",
        f"{counted(len(written.crops), 'crop')} in `{CROPS}/`, a folder a class, and "
        f"{counted(len(written.screens), 'window')} in `{WINDOWS}/`, drawn by",
        "the toolkits themselves, which said what is on. Mixed counts as checked. What looks alike in both states",
        f"is left out: {counted(len(written.left_out), 'item')}, in `{REJECTED}` with the reasons where there are any.",
        "",
        f"![crops]({SHEET})",
        "",
        f"    {command}",
        "",
        f"| toolkit | version | themes | {' | '.join(labels)} |",
        f"| --- | --- | --- |{' --- |' * len(labels)}",
    ]
    for name, version in written.versions.items():
        cells = [name, version, ", ".join(written.themes[name]), *(str(counts[name, label]) for label in labels)]
        lines.append(f"| {' | '.join(cells)} |")
    write_text(written.out / "README.md", "\n".join(lines) + "\n")
    _write_sheet(written)


def _write_sheet(written: _Written) -> None:
    """Draw some crops of each toolkit, in order."""
    seen: Counter[str] = Counter()
    chosen = []
    for row in written.crops:
        name = row.family.partition("/")[0]
        seen[name] += 1
        if seen[name] <= SHOWN_A_TOOLKIT:
            chosen.append(row.file_name)
    pictures = [Image.open(written.out / CROPS / name) for name in chosen]
    contact_sheet(pictures, row_px=44).save(written.out / SHEET)
