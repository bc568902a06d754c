"""The files of a score: score.json, two pictures, a report, and a section of the data set's card."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from base.arrays import Floats
from base.counting import counted
from base.document import render_document
from base.files import atomic_open, write_json, write_text
from generator.formats.card import fill_score
from model.gap.captioned_rows import Band, Tile, draw_bands
from model.gap.coverage import Neighbours
from model.gap.crop_statistics import Described
from model.gap.measures import FINISH, STATISTICS
from model.gap.score_result import DatasetScore, explain_gap, show_number, show_tails
from model.reading.images import read_image

JSON, REPORT, TELLING, UNCOVERED = "score.json", "report.md", "telling.png", "uncovered.png"
COLUMNS = 6
PLAIN_ROWS, PASSING_ROWS = 4, 2
FARTHEST_ROWS, CONTRADICTED_ROWS = 8, 12
REASONS = 2


def write_score(score: DatasetScore) -> None:
    """Write all files of the score into its folder, and its section into the data set's card where there is one."""
    write_json(score.out / JSON, score.to_dict())
    for name, bands in ((TELLING, telling_bands(score)), (UNCOVERED, coverage_bands(score))):
        with atomic_open(score.out / name) as file:
            draw_bands(bands).save(file, "PNG", optimize=True)
    write_text(score.out / REPORT, _render("report", score))
    fill_score(score.dataset, _render("section", score))


def _render(part: str, score: DatasetScore) -> str:
    values = {"score": score, "part": part, "tails": show_tails, "explain": explain_gap}
    return render_document("model.gap", "score.md.jinja", values)


def telling_bands(score: DatasetScore) -> Iterator[Band]:
    """Yield what gives crops away to the eye: the most certain of both sides, then those that pass for the other."""
    sides = {
        "real": (score.real, score.balanced, score.domain.real),
        "synthetic": (score.balanced, score.real, score.domain.synthetic),
    }
    groups = {"real": _real_groups(score), "synthetic": list(range(len(score.balanced.examples)))}
    plans = (
        ("real, and plainly so: what the generator lacks", "real", -1, PLAIN_ROWS),
        ("synthetic, and plainly so: what the generator overdoes", "synthetic", 1, PLAIN_ROWS),
        ("synthetic that passes for real", "synthetic", -1, PASSING_ROWS),
        ("real that passes for synthetic", "real", 1, PASSING_ROWS),
    )
    for title, side, sign, rows in plans:
        own, other, scores = sides[side]
        order = _first_of_groups(np.argsort(sign * scores, kind="stable"), groups[side])[: rows * COLUMNS]
        tiles = [_telling_tile(own, index, float(scores[index]), other) for index in order]
        yield Band(title, [tiles[start : start + COLUMNS] for start in range(0, len(tiles), COLUMNS)])


def _real_groups(score: DatasetScore) -> list[int]:
    groups = [0] * len(score.neighbours)
    for item in score.neighbours:
        groups[item.real] = item.group
    return groups


def _first_of_groups(order: Iterable[int], groups: Sequence[int]) -> list[int]:
    """Return the order with only the first of each group of near copies."""
    firsts: dict[int, int] = {}
    for index in order:
        firsts.setdefault(groups[index], int(index))
    return list(firsts.values())


def _telling_tile(own: Described, index: int, probability: float, other: Described) -> Tile:
    example = own.examples[index]
    head = f"{probability:.0%} real: {example.label} {example.family}"
    return Tile(read_image(example.path), (head, *_reasons(own.statistics[index], other.statistics)))


def _reasons(values: Floats, others: Floats) -> Iterator[str]:
    """Yield the statistics in which a crop is farthest outside what the other side shows."""
    low, middle, high = np.percentile(others, (5, 50, 95), axis=0)
    beyond = np.maximum(values - high, low - values) / np.maximum(high - low, 1e-6)
    names = list(STATISTICS)
    visible = [index for index, name in enumerate(names) if STATISTICS[name].aspect != FINISH and beyond[index] > 0]
    for index in sorted(visible, key=lambda index: -beyond[index])[:REASONS]:
        yield f"{names[index]} {show_number(values[index])}, there {show_number(middle[index])}"


def coverage_bands(score: DatasetScore) -> Iterator[Band]:
    """Yield each class's real crops farthest from everything synthetic, and those whose neighbours contradict them."""
    shown: list[Neighbours] = []
    for label in sorted({example.label for example in score.real.examples}):
        own = [item for item in score.neighbours if score.real.examples[item.real].label == label]
        farthest = _one_a_group(own)[:FARTHEST_ROWS]
        shown += farthest
        title = (
            f"{label}: {sum(item.uncovered for item in own)} of {counted(len(own), 'real crop')} look "
            f"like nothing synthetic; "
        )
        yield Band(
            title + "the farthest, each with its nearest synthetic crops", [_neighbour_row(score, i) for i in farthest]
        )
    contradicted = [item for item in score.neighbours if item.agreement == 0 and item not in shown]
    title = counted(len(contradicted), "more real crop has", "more real crops have")
    title += " nearest synthetic crops that are all of another class"
    yield Band(title, [_neighbour_row(score, item) for item in _one_a_group(contradicted)[:CONTRADICTED_ROWS]])


def _one_a_group(items: Iterable[Neighbours]) -> list[Neighbours]:
    firsts: dict[int, Neighbours] = {}
    for item in items:
        firsts.setdefault(item.group, item)
    return list(firsts.values())


def _neighbour_row(score: DatasetScore, item: Neighbours) -> list[Tile]:
    example = score.real.examples[item.real]
    alike = f", {item.alike} alike" if item.alike > 1 else ""
    words = (f"real: {example.label}{alike}", f"beyond {item.percentile:.1%}", example.path.name)
    tiles = [Tile(read_image(example.path), words)]
    for index, distance in zip(item.nearest, item.distances, strict=True):
        near = score.synthetic.examples[index]
        mark = "" if near.label == example.label else " (another class)"
        tiles.append(Tile(read_image(near.path), (f"{near.label}{mark}", near.family, f"distance {distance:.2f}")))
    return tiles
