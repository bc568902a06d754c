"""The HTML report of a classification: the pictures that the model is least certain of, by prediction."""

import bisect
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from base.document import render_html
from base.errors import ImageError, InputError
from base.files import write_text
from model.classifying.columns import ClassifiedRow, Header
from model.classifying.journal import Journal
from model.evaluation.gallery import MOST_SHOWN, GalleryCard, GalleryGroup, make_shot, thumbnail
from model.evaluation.page_parts import read_style
from model.reading.images import decode_bytes
from model.running.predict import PictureReading

MOST_ERRORS = 100


@dataclass
class Tally:
    """What a table holds, counted while it is written."""

    total: int = 0
    unreadable: int = 0
    chosen: int = 0
    predictions: Counter[str] = field(default_factory=Counter)
    errors: list[ClassifiedRow] = field(default_factory=list)

    def count(self, row: ClassifiedRow, *, chosen: bool) -> None:
        """Count a row; of errors the first ones are kept."""
        self.total += 1
        self.chosen += chosen
        if row.error is not None:
            self.unreadable += 1
            if len(self.errors) < MOST_ERRORS:
                self.errors.append(row)
        elif chosen and row.prediction is not None:
            self.predictions[row.prediction] += 1


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


def draw_kept_picture(found: PictureReading) -> bytes | None:
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


def check_report(path: Path) -> None:
    """Refuse a path at which no report can be written.

    Raises:
        InputError: it is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name an HTML file to write")


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
