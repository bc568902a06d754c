"""Whether deciding in two stages, widget or not and then its state, is better than at once; and painting over text.

    python bench/two_stages.py --synthetic DIR --exam NAME=DIR [--exam NAME=DIR …] [--seeds 0 1 2] [--mask]
                               [--kinds "flat" "text masked" …] [--count 4000]

Each seed trains one network flat and one in two stages, on the same crops in the same order with the same budget. With
--mask, a third is trained flat and examined with all text painted over, in the colour that is most frequent around it;
what is text, RapidOCR's detector says (`pip install 'boxwright[ocr]'`), whose boxes of the generated crops' own widgets
are not known to it, as they would not be in use. How many widgets it paints over where a manifest says where they are,
and what a model that was trained without masks makes of the masked exams, is printed too. --kinds trains some of the
three alone, --count takes so many of the synthetic crops at random. An exam's class folders may lie in other folders.
"""

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from base.arrays import Pixels
from boxwright import TrainSettings, evaluate, load_model, train
from model.captioning.text_reader import TextReader
from model.running.readings import BoxPx

PAD_PX = 1

SHORTEST_PX = 96
"""What the shorter side of a crop is enlarged to before text is looked for: 0.016 CPU s a crop, where 736 px take 1."""

LEAST_WIDE = 1.5
"""Lines of text are at least so many times as wide as high; what is rounder is a tick, a box or a knob more often."""

COVERED = 0.5
"""A widget is gone of which more than this share is painted over."""

FLAT, STAGED, MASKED = "flat", "two stages", "text masked"


def paint_over(pixels: Pixels, boxes: Iterable[BoxPx]) -> Pixels:
    """Return a picture (H, W, 3) with boxes painted over, each in the colour that is most frequent on its border."""
    painted = pixels.copy()
    for left, top, width, height in boxes:
        low, high = max(0, int(top) - PAD_PX), int(top + height) + PAD_PX + 1
        first, last = max(0, int(left) - PAD_PX), int(left + width) + PAD_PX + 1
        part = painted[low:high, first:last]
        if part.size:
            edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
            colours, counts = np.unique(edge, axis=0, return_counts=True)
            part[:] = colours[counts.argmax()]
    return painted


def covered_share(boxes: Iterable[BoxPx], widget: BoxPx, shape: Sequence[int]) -> float:
    """Return the share of a widget's box, as far as it is in a picture of this shape, that boxes cover."""
    seen = np.zeros(shape[:2], bool)
    rows, columns = (
        slice(max(0, round(low)), round(low + size)) for low, size in zip(widget[1::-1], widget[:1:-1], strict=True)
    )
    for left, top, width, height in boxes:
        seen[max(0, int(top)) : int(top + height) + 1, max(0, int(left)) : int(left + width) + 1] = True
    return float(seen[rows, columns].mean()) if seen[rows, columns].size else 0.0


def masked(folder: Path, out: Path, reader: TextReader) -> Path:
    """Copy a folder of class folders with all text painted over, and print what became of the widgets; return it."""
    rows = {row["file_name"]: row for row in read_manifest(folder)}
    gone, told = 0, 0
    for path in sorted(folder.rglob("*.png")):
        image = Image.open(path).convert("RGB")
        lines = [box for box in reader.find_lines(image) if box[2] >= LEAST_WIDE * box[3]]
        pixels = np.asarray(image)
        row = rows.get(path.relative_to(folder).as_posix(), {})
        if row.get("box") and row["label"] != "other":
            told += 1
            gone += covered_share(lines, row["box"], pixels.shape) > COVERED
        target = out / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(paint_over(pixels, lines)).save(target)
    if told:
        print(f"{folder.name}: {gone} of {told} widgets are painted over", flush=True)
    for name in ("metadata.jsonl", "metadata.csv"):
        if (folder / name).exists():
            shutil.copy(folder / name, out / name)
    return out


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a folder's manifest; none where it has none."""
    path = folder / "metadata.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def take(folder: Path, count: int, out: Path) -> Path:
    """Copy so many crops of a generated set, drawn at random, with their manifest."""
    rows = random.Random(0).sample(read_manifest(folder), count)
    for row in rows:
        target = out / str(row["file_name"])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / str(row["file_name"]), target)
    (out / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return out


def gather(folder: Path, out: Path) -> Path:
    """Copy class folders that lie in a folder each, of a maker say, to class folders of all of them."""
    if not any(folder.glob("*/*.png")):
        for path in sorted(folder.glob("*/*/*.png")):
            target = out / path.parent.name / f"{path.parent.parent.name}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        return out
    return folder


def say(words: str, run: Path, exams: dict[str, Path]) -> None:
    """Examine a model, and print a line for each exam."""
    model = load_model(run)
    for name, folder in exams.items():
        found = evaluate(model, folder)
        low, high = found.interval
        print(f"{words:20} {name:10} {found.accuracy:.1%} ({low:.1%} to {high:.1%}) of {found.n}", flush=True)


def main() -> None:
    """Train and examine each, and print a line a result."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        given = {name: Path(folder) for name, _, folder in (each.partition("=") for each in arguments.exam)}
        exams = {name: gather(folder, place / f"plain-{name}") for name, folder in given.items()}
        synthetic: Path = arguments.synthetic
        if arguments.count:
            synthetic = take(synthetic, arguments.count, place / "plain")
        kinds = {FLAT: (synthetic, exams, False), STAGED: (synthetic, exams, True)}
        if arguments.mask:
            reader = TextReader(shortest_px=SHORTEST_PX)
            covered = {name: masked(folder, place / f"exam-{name}", reader) for name, folder in exams.items()}
            say("box", Path("pretrained"), exams)
            say("box, text masked", Path("pretrained"), covered)
            kinds[MASKED] = (masked(synthetic, place / "synthetic", reader), covered, False)
        for seed in arguments.seeds:
            for kind in arguments.kinds or kinds:
                crops, tested, staged = kinds[kind]
                settings = TrainSettings(
                    backbone=arguments.backbone,
                    epochs=arguments.epochs,
                    synthetic_per_epoch=arguments.per_epoch,
                    threads=arguments.threads,
                    seed=seed,
                    device="cpu",
                    two_stage=staged,
                )
                run = place / f"{kind}-{seed}"
                train(crops, None, out=run, settings=settings)
                say(f"seed {seed}  {kind}", run, tested)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--exam", action="append", required=True, help="NAME=DIR")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--per-epoch", type=int, default=None)
    parser.add_argument("--backbone", default="small")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--count", type=int, help="train on so many of the synthetic crops")
    parser.add_argument("--mask", action="store_true")
    parser.add_argument("--kinds", nargs="+", choices=(FLAT, STAGED, MASKED), help="train these alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
