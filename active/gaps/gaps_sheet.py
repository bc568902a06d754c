"""The contact sheet of gaps: hard real crops, each beside the synthetic ones that come nearest."""

from collections.abc import Iterator
from pathlib import Path

from active.gaps.gaps_result import Gaps
from active.gaps.nearest_crops import MatchedCrop
from base.counting import counted
from base.errors import InputError
from base.files import atomic_open
from model.gap.captioned_rows import Band, Tile, draw_bands
from model.reading.images import read_image

ROWS_A_BAND = 15
BESIDE = 5


def write_gaps_sheet(gaps: Gaps, path: Path) -> None:
    """Draw the hardest crops with their nearest into a PNG file; of crops that look alike, the hardest alone.

    Raises:
        InputError: there is no hard crop to show.
    """
    if not gaps.matched:
        raise InputError("there is nothing to show: no crop is hard")
    picture = draw_bands(gaps_bands(gaps))
    with atomic_open(path) as file:
        picture.save(file, "PNG", optimize=True)


def gaps_bands(gaps: Gaps) -> Iterator[Band]:
    """Yield the hard crops that something drawn comes near, and those that nothing does."""
    for title, uncovered in (("that something drawn comes near", False), ("that nothing drawn comes near", True)):
        matched = [match for match in gaps.matched if match.uncovered == uncovered]
        firsts = {match.group: match for match in reversed(matched)}
        shown = sorted(firsts.values(), key=lambda match: -match.crop.doubt)[:ROWS_A_BAND]
        head = f"{counted(len(matched), 'hard crop')} {title}; each with the nearest that count most"
        yield Band(head, [_row(gaps, match) for match in shown])


def _row(gaps: Gaps, match: MatchedCrop) -> list[Tile]:
    example, crop = gaps.example(match), match.crop
    alike = f", {match.alike} alike" if match.alike > 1 else ""
    words = (f"real: {crop.label or 'no label'}{alike}", f"read as {crop.predicted}", example.shown.name)
    tiles = [Tile(read_image(example.path), words)]
    for each in sorted(match.nearest, key=lambda one: -one.weight)[:BESIDE]:
        row, drawn = gaps.rows[each.place], gaps.drawn[each.place]
        times = gaps.weights.families.get(row.family, 1.0)
        tiles.append(Tile(read_image(drawn.path), (row.label, row.family, f"drawn {times:g} times as often")))
    return tiles
