"""The HTML page of what was explained: every overlay that fits on it, errors first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from base.document import render_html
from base.files import write_text
from model.evaluation.gallery import MOST_SHOWN, GalleryCard, GalleryGroup, Thumbnail
from model.evaluation.page_parts import image_url, read_style
from model.explaining.explained_rows import ExplainedPicture, ExplainResult, worth_lines
from model.explaining.overlay import OVERLAY_CAPTION_PX


def write_explained_page(result: ExplainResult, path: Path, *, model: str, sources: Sequence[str | Path]) -> None:
    """Write the page, whole or not at all; the overlays are in the result's folder already."""
    values = {
        "style": read_style(),
        "result": result,
        "boxes": result.in_box,
        "model": model,
        "sources": [str(source) for source in sources],
        "worth": "\n".join(worth_lines(result)),
        "groups": list(_groups(result)),
    }
    write_text(path, render_html("model.explaining", "explained.html", values))


def _groups(result: ExplainResult) -> Iterator[GalleryGroup]:
    """Yield errors by label and prediction, the commonest first and in each the surest; then the rest, surest last."""
    wrong: defaultdict[str, list[ExplainedPicture]] = defaultdict(list)
    rest: defaultdict[str, list[ExplainedPicture]] = defaultdict(list)
    for row in result.rows:
        if row.is_wrong:
            wrong[f"{row.label} → {row.prediction}"].append(row)
        else:
            rest[f"{row.prediction}, right" if row.label else row.prediction].append(row)
    for name, rows in sorted(wrong.items(), key=lambda item: (-len(item[1]), item[0])):
        yield _group(name, sorted(rows, key=lambda row: -row.confidence), result.folder)
    for name, rows in sorted(rest.items()):
        yield _group(name, sorted(rows, key=lambda row: row.confidence), result.folder)


def _group(name: str, rows: Sequence[ExplainedPicture], folder: Path) -> GalleryGroup:
    return GalleryGroup(name, tuple(_card(row, folder) for row in rows[:MOST_SHOWN]), len(rows))


def _card(row: ExplainedPicture, folder: Path) -> GalleryCard:
    note = f"insertion {row.faithfulness.own.insertion:.2f}, deletion {row.faithfulness.own.deletion:.2f}"
    note += f", gain {row.faithfulness.gain:+.2f}"
    if row.explained != row.prediction:
        note = f"map of {row.explained}; {note}"
    if row.is_in_box is False:
        note += "; peak outside the widget"
    title = f"{row.confidence:.0%} {row.prediction}"
    return GalleryCard((_shot(folder / row.file),), title, note, row.path, row.confidence if row.is_wrong else None)


def _shot(path: Path) -> Thumbnail:
    """Return an overlay without its caption, which the card says."""
    with Image.open(path) as image:
        bare = image.crop((0, 0, image.width, image.height - OVERLAY_CAPTION_PX))
        return Thumbnail(image_url(bare), bare.width, bare.height, enlarged=False)
