"""Whether deciding in two stages, widget or not and then its state, is better than at once; and painting over text.

    python bench/two_stages.py --synthetic DIR --exam NAME=DIR [--exam NAME=DIR …] [--seeds 0 1 2] [--mask]

Each seed trains one network flat and one in two stages, on the same crops in the same order with the same budget. With
--mask, a third is trained flat and examined with all text painted over, in the colour that is most frequent around it;
what is text, RapidOCR's detector says (`pip install 'boxwright[ocr]'`), whose boxes of the generated crops' own widgets
are not known to it, as they would not be in use.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from boxwright import TrainSettings, evaluate, load_model, train

PAD_PX = 1


def masked(folder: Path, out: Path) -> Path:
    """Copy a folder of class folders with all text painted over; return the copy."""
    from model.captioning.text_reader import load_text_reader

    reader = load_text_reader()
    for path in sorted(folder.rglob("*.png")):
        image = Image.open(path).convert("RGB")
        pixels = np.array(image)
        for left, top, width, height in reader.find_lines(image):
            low, high = max(0, int(top) - PAD_PX), int(top + height) + PAD_PX + 1
            first, last = max(0, int(left) - PAD_PX), int(left + width) + PAD_PX + 1
            part = pixels[low:high, first:last]
            edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
            colours, counts = np.unique(edge, axis=0, return_counts=True)
            part[:] = colours[counts.argmax()]
        target = out / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(target)
    for name in ("metadata.jsonl", "metadata.csv"):
        if (folder / name).exists():
            shutil.copy(folder / name, out / name)
    return out


def main() -> None:
    """Train and examine each, and print a line a result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--exam", action="append", required=True, help="NAME=DIR")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--per-epoch", type=int, default=None)
    parser.add_argument("--backbone", default="small")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--mask", action="store_true")
    arguments = parser.parse_args()
    exams = {name: Path(place) for name, _, place in (each.partition("=") for each in arguments.exam)}
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        kinds = {"flat": (arguments.synthetic, exams, False), "two stages": (arguments.synthetic, exams, True)}
        if arguments.mask:
            covered = {name: masked(folder, place / f"exam-{name}") for name, folder in exams.items()}
            kinds["text masked"] = (masked(arguments.synthetic, place / "synthetic"), covered, False)
        for seed in arguments.seeds:
            for kind, (synthetic, tested, staged) in kinds.items():
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
                train(synthetic, None, out=run, settings=settings)
                model = load_model(run)
                for name, folder in tested.items():
                    found = evaluate(model, folder)
                    low, high = found.interval
                    says = f"{found.accuracy:.1%} ({low:.1%} to {high:.1%})"
                    print(f"seed {seed}  {kind:12} {name:10} {says} of {found.n}", flush=True)


if __name__ == "__main__":
    main()
