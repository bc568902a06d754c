"""The HTML report of a classification: the pictures that the model is least certain of, by prediction."""

import bisect
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from base.document import render_html
from base.errors import ImageError
from base.files import write_text
from model.classifying.columns import ClassifiedRow, Header, RowFilter
from model.classifying.journal import Journal
from model.classifying.tally import Tally
from model.evaluation.gallery import MOST_SHOWN, GalleryCard, GalleryGroup, make_shot, thumbnail
from model.evaluation.page_parts import read_style
from model.reading.images import decode_bytes
from model.running.predict import PictureReading


class KeptPictures:
    """Which pictures a report will show: of each prediction the least certain ones, each content once."""

    def __init__(self, kept: Iterable[tuple[int, ClassifiedRow]] = ()) -> None:
        self._ranked: dict[str, list[tuple[float, int]]] = {}
        self._contents: dict[int, str] = {}
        self._seen: set[str] = set()
        for seq, row in kept:
            self.offer(seq, row)

    def offer(self, seq: int, row: ClassifiedRow) -> int | None:
        """Take the picture of row `seq` if it is among the least certain; return the row it replaces, -1 for none.

        None: it is not taken.
        """
        if row.prediction is None or row.confidence is None or row.content in self._seen:
            return None
        ranked = self._ranked.setdefault(row.prediction, [])
        if len(ranked) == MOST_SHOWN and (row.confidence, seq) > ranked[-1]:
            return None
        bisect.insort(ranked, (row.confidence, seq))
        self._seen.add(row.content)
        self._contents[seq] = row.content
        if len(ranked) <= MOST_SHOWN:
            return -1
        _, dropped = ranked.pop()
        self._seen.remove(self._contents.pop(dropped))
        return dropped


def draw_kept(
    rows: Sequence[ClassifiedRow],
    chunk: Sequence[PictureReading],
    first: int,
    choice: RowFilter,
    kept: KeptPictures,
) -> tuple[Mapping[int, bytes], Sequence[int]]:
    """Return pictures for the report, by place among `rows`, and the rows whose pictures they replace.

    `first` is the number of the first row, `chunk` what the rows are of.
    """
    taken: list[int] = []
    dropped = set[int]()
    for place, row in enumerate(rows):
        replaced = kept.offer(first + place, row) if choice.takes(row) else None
        if replaced is not None:
            taken.append(place)
            dropped.add(replaced)
    drawn = {place: _thumbnail(chunk[place]) for place in taken if first + place not in dropped}
    return {place: png for place, png in drawn.items() if png is not None}, sorted(dropped - {-1})


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


def write_row_report(path: Path, journal: Journal, tally: Tally, header: Header, *, sources: Sequence[str]) -> None:
    """Write the page, whole or not at all; the numbers are of the rows that were chosen."""
    values = {
        "style": read_style(),
        "header": header,
        "tally": tally,
        "sources": sources,
        "groups": list(_groups(journal, tally)),
        "counts": tally.predictions.most_common(),
    }
    write_text(path, render_html("model.classifying", "least_certain.html", values))


def _groups(journal: Journal, tally: Tally) -> Iterator[GalleryGroup]:
    cards: dict[str, list[GalleryCard]] = {}
    for _, row, png in journal.shots():
        title = f"{row.confidence:.0%} {row.prediction}"
        note = "" if row.result.kind in (None, "none") else row.result.kind
        with Image.open(io.BytesIO(png)) as image:
            shot = make_shot(image)
        cards.setdefault(row.prediction or "", []).append(GalleryCard((shot,), title, note, row.path, row.confidence))
    for name, count in tally.predictions.most_common():
        yield GalleryGroup(name, tuple(cards.get(name, ())), count)
