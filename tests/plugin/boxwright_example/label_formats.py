"""A label format: path, label and annotator, divided by tabs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from boxwright import LabelFormat, LabelRow, parse_row

NAMES = ("path", "label", "annotator")


def write_tsv(path: Path, rows: Sequence[LabelRow]) -> None:
    """Write a line a label; what is no label is left out."""
    lines = ["\t".join(row.values().get(name, "") for name in NAMES) for row in rows if row.action == "label"]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_tsv(path: Path) -> Iterator[LabelRow]:
    """Yield a row a line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield parse_row(dict(zip(NAMES, line.split("\t"), strict=True)), f"{path}:{number}")


TSV = LabelFormat(False, write_tsv, read_tsv)
