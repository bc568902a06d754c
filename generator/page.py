"""Pages: the unit of rendering. One page of a data set becomes crops, manifest rows and a mark that it is done."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from generator.box import Box
from generator.browser import Capture, Choice, Studio
from generator.cell import Cell, Palette, draw_cell
from generator.degrade import degrade
from generator.errors import TemplateError
from generator.files import write_jsonl
from generator.manifest import Row
from generator.seeds import rng_for
from generator.sheet import crop_box, sheet_html

PAGE_SIZE = 100
SCALES = {1.0: 0.27, 1.25: 0.06, 1.5: 0.1, 2.0: 0.5, 3.0: 0.07}
PAGES = ".pages"


@dataclass(frozen=True)
class Job:
    """What a worker needs to render any page of a data set."""

    out: Path
    seed: int
    n: int
    palette: Palette
    choice: Choice

    def pages(self) -> range:
        """Return the numbers of all pages."""
        return range(-(-self.n // PAGE_SIZE))

    def indices(self, page: int) -> range:
        """Return the indices of the crops on a page."""
        return range(page * PAGE_SIZE, min(self.n, (page + 1) * PAGE_SIZE))

    def cells(self, page: int) -> list[Cell]:
        """Draw the cells of a page."""
        return [draw_cell(self.palette, seed=self.seed, index=index) for index in self.indices(page)]


def commit_page(job: Job, page: int, studio: Studio) -> None:
    """Render one page, write its crops, then its rows: the rows' file is what marks the page as done."""
    rows = []
    for row, png in render_page(job, page, studio):
        path = job.out / row.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png)
        rows.append(row.model_dump_json())
    write_jsonl(part(job.out, page), rows)


def render_page(job: Job, page: int, studio: Studio) -> Iterator[tuple[Row, bytes]]:
    """Yield the page's crops, each as its manifest row and PNG bytes, in the order of their indices."""
    cells = job.cells(page)
    scale = rng_for(job.seed, page, "scale").choices(list(SCALES), weights=list(SCALES.values()))[0]
    capture = studio.capture(sheet_html(cells, job.palette.families), count=len(cells), scale=scale)
    for slot, cell in enumerate(cells):
        yield _cut(cell, capture, page=page, slot=slot, group=f"{job.seed}-{cell.index}")


def _cut(cell: Cell, capture: Capture, *, page: int, slot: int, group: str) -> tuple[Row, bytes]:
    placed = capture.placed[slot]
    bounds = Box(0, 0, capture.image.width, capture.image.height)
    window = crop_box(cell, placed).scaled(capture.scale, capture.scale).rounded().clipped(bounds)
    widget = placed.widget.scaled(capture.scale, capture.scale).clipped(window)
    if min(widget.width, widget.height) < 1:
        raise TemplateError(f"{cell.family}: nothing to crop for state '{cell.state}' with {dict(cell.params)}")
    image = capture.image.crop((int(window.x), int(window.y), int(window.right), int(window.bottom)))
    image, box = degrade(image, widget.moved(-window.x, -window.y), cell.degradation)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    png = buffer.getvalue()
    row = Row(
        file_name=f"{cell.state}/{cell.index:07d}.png",
        label=cell.state,
        group=group,
        family=cell.family,
        kind=cell.kind,
        box=(round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)),
        width=image.width,
        height=image.height,
        index=cell.index,
        page=page,
        slot=slot,
        scale=capture.scale,
        sha256=hashlib.sha256(png).hexdigest(),
        spec=asdict(cell),
    )
    return row, png


def part(out: Path, page: int) -> Path:
    """Return the file with a page's rows; it exists when all of the page's crops are written."""
    return out / PAGES / f"{page:06d}.jsonl"
