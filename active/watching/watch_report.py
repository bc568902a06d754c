"""The HTML page of a watch: tests, limits, and the pictures of the most foreign cluster."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from active.watching.observation import ObservedPictures
from active.watching.watch_result import Watched, change_lines, cluster_line
from base.document import render_html
from base.errors import ImageError
from base.files import write_text
from model.evaluation.gallery import MOST_SHOWN, GalleryCard, GalleryGroup, make_shot, thumbnail
from model.evaluation.page_parts import read_style
from model.reading.images import read_image


def write_watch_report(found: Watched, path: Path) -> None:
    """Write the page, whole or not at all."""
    values = {
        "style": read_style(),
        "found": found,
        "changes": {test.name: list(change_lines(test)) for test in found.tests},
        "foreign": "" if found.cluster is None else cluster_line(found),
        "groups": list(_groups(found)),
    }
    write_text(path, render_html("active.watching", "watch_report.html", values))


def _groups(found: Watched) -> Iterator[GalleryGroup]:
    if found.cluster is None:
        return
    for name, observation, rows in (
        ("most foreign", found.lately, found.cluster.members),
        ("nearest in the reference", found.reference, found.cluster.beside),
    ):
        cards = tuple(_cards(observation, rows[:MOST_SHOWN]))
        if cards:
            yield GalleryGroup(name, cards, len(rows))


def _cards(observation: ObservedPictures, rows: Sequence[int]) -> Iterator[GalleryCard]:
    """Yield a card for each picture that is there; those of a reference in a file may be gone."""
    for row in rows:
        path = observation.paths[row]
        try:
            shot = make_shot(thumbnail(read_image(path)))
        except ImageError:
            continue
        title = f"{observation.confidences[row]:.0%} {observation.classes[int(observation.predicted[row])]}"
        yield GalleryCard((shot,), title, "", str(path))
