"""The HTML report of a classification: the pictures that the model is least certain of, by prediction."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from base.document import render_html
from base.errors import ImageError
from base.files import write_text
from model.classifying.columns import ClassifiedRow, Header, RowFilter
from model.classifying.tally import Tally
from model.evaluation.gallery import MOST_SHOWN, DrawMap, GalleryCard, GalleryGroup, shots_of, thumbnail
from model.evaluation.page_parts import read_style
from model.reading.images import decode_bytes
from model.running.predict import PictureReading
from model.tables.journal import Journal
from model.tables.least_certain_rows import KeptPictures, Offer
from model.tables.table_run import Drawn


def drawing(
    journal: Journal[ClassifiedRow], choice: RowFilter
) -> Callable[[Sequence[ClassifiedRow], Sequence[PictureReading], int], Drawn]:
    """Return what draws, of rows as they come, those that a report may show: of each prediction the least certain."""
    kept = KeptPictures(MOST_SHOWN)
    for seq, row, _ in journal.shots():
        kept.take([(row, _offer(row))], seq)

    def draw(rows: Sequence[ClassifiedRow], chunk: Sequence[PictureReading], first: int) -> Drawn:
        taken, dropped = kept.take([(row, _offer(row) if choice.takes(row) else None) for row in rows], first)
        drawn = {place: _thumbnail(chunk[place]) for place in taken}
        return {place: png for place, png in drawn.items() if png is not None}, dropped

    return draw


def _offer(row: ClassifiedRow) -> Offer | None:
    return None if row.prediction is None or row.confidence is None else (row.prediction, row.confidence)


def _thumbnail(found: PictureReading) -> bytes | None:
    """Return a thumbnail as a PNG file; None where the picture is no longer there, or is not what was classified.

    It is read a second time: few of the pictures are drawn, and a chunk of them all would not fit into memory.
    """
    try:
        image = decode_bytes(found.picture.read_again(found.content, since="classified")).image
    except ImageError:
        return None
    buffer = io.BytesIO()
    thumbnail(image).save(buffer, "PNG")
    return buffer.getvalue()


def write_row_report(
    path: Path,
    journal: Journal[ClassifiedRow],
    tally: Tally,
    header: Header,
    *,
    sources: Sequence[str],
    draw_map: DrawMap | None = None,
) -> None:
    """Write the page, whole or not at all; the numbers are of the rows that were chosen.

    With `draw_map`, each picture stands above what of it speaks for the prediction. Maps are of the pictures as they
    are shown, at most LARGEST_SIDE_PX wide and high.
    """
    values = {
        "style": read_style(),
        "header": header,
        "tally": tally,
        "sources": sources,
        "with_maps": draw_map is not None,
        "groups": list(_groups(journal, tally, draw_map)),
        "counts": tally.predictions.most_common(),
    }
    write_text(path, render_html("model.classifying", "least_certain.html", values))


def _groups(journal: Journal[ClassifiedRow], tally: Tally, draw_map: DrawMap | None) -> Iterator[GalleryGroup]:
    cards: dict[str, list[GalleryCard]] = {}
    for _, row, png in journal.shots():
        title = f"{row.confidence:.0%} {row.prediction}"
        note = "" if row.result.kind in (None, "none") else row.result.kind
        with Image.open(io.BytesIO(png)) as image:
            shots = shots_of(image, row.prediction or "", draw_map)
        cards.setdefault(row.prediction or "", []).append(GalleryCard(shots, title, note, row.path, row.confidence))
    for name, count in tally.predictions.most_common():
        yield GalleryGroup(name, tuple(cards.get(name, ())), count)
