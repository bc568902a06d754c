"""The card of a data set: README.md and a contact sheet, made from its manifest alone."""

import glob
import io
import itertools
import json
import statistics
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from base.counting import counted
from base.document import render_document
from base.errors import InputError
from base.files import write_bytes, write_text
from base.split_words import tears_sets
from generator.crops.manifest import ManifestRow
from generator.formats.contact_sheet import contact_sheet, stack
from generator.formats.dataset_json import read_description
from generator.formats.factors import FactorCounts, add_factors

CARD = "README.md"
SHEET = ".card/crops.png"
"""In a hidden folder: whatever reads class folders must not take it for a crop."""

SCORE_BEGIN, SCORE_END = "<!-- score: begin -->", "<!-- score: end -->"
NO_SCORE = "Not measured yet: `boxwright score DATASET --real DIR` fills this in."

CROPS_A_CLASS = 60
VALUES_SHOWN = 12
LENGTHS = ("crop width, px", "crop height, px", "widget width, px", "widget height, px")
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass
class _Tally:
    """What is counted in one pass over the rows, which need not fit into memory; `firsts` is by class and family."""

    families: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    factors: FactorCounts = field(default_factory=dict)
    sizes: "dict[str, array[float]]" = field(default_factory=dict)
    firsts: dict[str, dict[str, ManifestRow]] = field(default_factory=dict)

    def add(self, row: ManifestRow) -> None:
        self.families.setdefault((row.kind, row.family), Counter())[row.label] += 1
        self.firsts.setdefault(row.label, {}).setdefault(row.family, row)
        add_factors(self.factors, row)
        lengths = (row.width, row.height, row.box[2], row.box[3])
        for name, length in zip(LENGTHS, lengths, strict=True):
            self.sizes.setdefault(name, array("d")).append(length)

    @property
    def classes(self) -> dict[str, int]:
        counts = sum(self.families.values(), Counter[str]())
        return dict(sorted(counts.items()))

    @property
    def kinds(self) -> dict[str, int]:
        counts = Counter[str]()
        for (kind, _), labels in self.families.items():
            counts[kind] += labels.total()
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True)
class _Facts:
    """All that the card's template shows, the folder's name not among it: a copy has the same card."""

    n: int
    size_category: str
    example: str
    classes: Mapping[str, int]
    kinds: Mapping[str, int]
    families: Sequence[tuple[str, str, Mapping[str, int]]]
    factors: Mapping[str, str]
    sizes: Mapping[str, str]
    settings: Mapping[str, str]
    seed: object
    command: str
    data_files: Sequence[str]
    one_class: bool
    torn: Sequence[str]
    score: str


Pictures = Callable[[Sequence[ManifestRow]], Iterable[bytes]]
"""Returns the PNG files of rows, in their order."""


def write_card(
    folder: Path, rows: Iterable[ManifestRow], *, pictures: Pictures, data_files: Sequence[str] = ()
) -> None:
    """Write README.md and its contact sheet into a finished data set; a score that is already there stays.

    The bytes depend on the rows, the crops and dataset.json only, so that they are the same for any number of
    workers.

    Args:
        folder: the data set.
        rows: the manifest, in order.
        pictures: gets some of the rows and returns their PNG files.
        data_files: patterns of the files with the pictures, where they are not in class folders.

    Raises:
        InputError: there are no rows.
    """
    tally = _Tally()
    for row in rows:
        tally.add(row)
    if not tally.firsts:
        raise InputError(f"{folder} holds no crop: all widgets look alike in two states; see rejected.jsonl")
    write_bytes(folder / SHEET, _sheet(tally, pictures))
    facts = _facts(folder, tally, read_description(folder).to_dict(), data_files)
    marks = {"sheet": SHEET, "begin": SCORE_BEGIN, "end": SCORE_END}
    write_text(folder / CARD, render_document("generator.formats", "card.md.jinja", {"facts": facts, **marks}))


def fill_score(folder: Path, section: str) -> bool:
    """Put `section`, Markdown, in the place of the card's score; return whether there is such a card."""
    parts = _split(folder / CARD)
    if parts is None:
        return False
    before, _, after = parts
    write_text(folder / CARD, f"{before}{SCORE_BEGIN}\n{section.strip()}\n{SCORE_END}{after}")
    return True


def _split(path: Path) -> tuple[str, str, str] | None:
    """Return what stands before, in and after the place of the score."""
    if not path.exists():
        return None
    before, begin, rest = path.read_text(encoding="utf-8").partition(SCORE_BEGIN)
    score, end, after = rest.partition(SCORE_END)
    return (before, score.strip(), after) if begin and end else None


def _facts(folder: Path, tally: _Tally, description: Mapping[str, Any], data_files: Sequence[str]) -> _Facts:
    earlier = _split(folder / CARD)
    count = sum(tally.classes.values())
    firsts = [row for rows in tally.firsts.values() for row in rows.values()]
    return _Facts(
        n=count,
        size_category=next((name for most, name in SIZES if count < most), "n>1M"),
        example=min(firsts, key=lambda row: row.index).file_name,
        classes=tally.classes,
        kinds=tally.kinds,
        families=[(family, kind, labels) for (kind, family), labels in sorted(tally.families.items())],
        factors={name: _shares(values) for name, values in tally.factors.items()},
        sizes={name: _spread(values) for name, values in tally.sizes.items()},
        settings={name: _say(value) for name, value in description.items()},
        seed=description["seed"],
        command=description["command"],
        data_files=[json.dumps(pattern, ensure_ascii=False) for pattern in data_files or _class_files(tally)],
        one_class=not data_files and len(tally.classes) == 1,
        torn=[] if data_files else [name for name in tally.classes if tears_sets(name)],
        score=(earlier[1] if earlier else "") or NO_SCORE,
    )


def _class_files(tally: _Tally) -> Sequence[str]:
    return [f"{glob.escape(name)}/*.png" for name in tally.classes]


def _shares(values: Counter[str]) -> str:
    total = values.total()
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {100 * count / total:.1f} %" for name, count in ordered[:VALUES_SHOWN]]
    rest = sum(count for _, count in ordered[VALUES_SHOWN:])
    others = [f"{counted(len(ordered) - VALUES_SHOWN, 'other')} {100 * rest / total:.1f} %"] if rest else []
    return ", ".join([*shown, *others])


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.0f}"
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return f"{tenths[0]:.0f}, {tenths[4]:.0f}, {tenths[8]:.0f}"


def _say(value: object) -> str:
    if isinstance(value, Mapping):
        # The families' fingerprints fill a page and stand in dataset.json; versions are few.
        few = len(value) <= VALUES_SHOWN
        return (
            ", ".join(f"{name} {_say(item)}" for name, item in value.items())
            if few
            else f"{len(value)}, see dataset.json"
        )
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"  # fonts have commas of their own
    return str(value)


def _sheet(tally: _Tally, pictures: Pictures) -> bytes:
    """Draw crops of each class below each other, of as many families as there is room for."""
    chosen = [_varied(tally.firsts[label]) for label in sorted(tally.firsts)]
    # Asked for once: a format with shards reads through all of them to find its pictures.
    opened = _open(pictures([row for rows in chosen for row in rows]))
    sheets = [
        contact_sheet(itertools.islice(opened, len(rows)), width_px=1200, row_px=48, widest_px=240) for rows in chosen
    ]
    buffer = io.BytesIO()
    stack(sheets).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _varied(firsts: Mapping[str, ManifestRow]) -> list[ManifestRow]:
    """Return crops of a class, each of another family, evenly picked down to as many as are shown."""
    chosen = sorted(firsts.values(), key=lambda row: (row.kind, row.family))
    count = min(CROPS_A_CLASS, len(chosen))
    return [chosen[number * len(chosen) // count] for number in range(count)]


def _open(pictures: Iterable[bytes]) -> Iterator[Image.Image]:
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            yield image.convert("RGB")
