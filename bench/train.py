"""How long `small` and a resnet34 at 256 px take to learn the same: seconds to a fixed accuracy, in one run.

    python bench/train.py --synthetic DIR [--target 0.8] [--budget 900] [--rounds 1] [--out runs/bench-train]

Both train on the same class folders with the same settings (constant learning rate after a warm-up, averaged weights),
with a part of the families held out for validation, which is scored eight times an epoch. A contestant stops when its
validation accuracy reaches --target, or after --budget seconds of training. resnet34 begins with random weights too:
what is compared is the cost of the network and of its picture size. Its pictures keep their aspect and have 256 x 256
pixels in all. Prints a row a contestant and round; the ratio is within one run.
"""

import argparse
import contextlib
from dataclasses import dataclass
from pathlib import Path

from boxwright import TrainingProgress, TrainSettings, train
from model.reading.crop_fitting import Geometry

SCORED_AN_EPOCH = 8

COMMON = {"schedule": "constant", "epochs": 10_000, "val_share": 0.15, "checkpoints": 0}
CONTESTANTS = {
    "small": TrainSettings(backbone="small", **COMMON),
    "resnet34 at 256 px": TrainSettings(
        backbone="resnet34",
        geometry=Geometry(height_px=256, floor_scale=1.0, max_scale=16.0, max_area_px=256 * 256),
        learning_rate=1e-3,
        **COMMON,
    ),
}


@dataclass(frozen=True)
class Result:
    """Seconds of training, what was reached, and how many pictures it took."""

    seconds: float
    accuracy: float
    pictures: int


class _EnoughError(Exception):
    """The target or the end of the budget is reached."""


def main() -> None:
    """Run all contestants and print them."""
    arguments = _arguments()
    for number in range(arguments.rounds):
        results = {}
        for name, settings in CONTESTANTS.items():
            results[name] = _run(name, settings.model_copy(update={"seed": number}), arguments)
        first = results["small"]
        for name, result in results.items():
            reached = "reached" if result.accuracy >= arguments.target else "not reached, at least"
            ratio = result.seconds / first.seconds
            print(
                f"round {number}: {name}: {reached} {result.seconds:.0f} s, {ratio:.1f} times small's; "
                f"validation {result.accuracy:.1%} after {result.pictures:,} pictures",
                flush=True,
            )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--target", type=float, default=0.8)
    parser.add_argument("--budget", type=float, default=900.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/bench-train"))
    return parser.parse_args()


def _run(name: str, settings: TrainSettings, arguments: argparse.Namespace) -> Result:
    seconds, pictures = 0.0, 0
    best = 0.0

    def watch(progress: TrainingProgress) -> None:
        nonlocal seconds, pictures, best
        if (row := progress.epoch) is None:
            return
        seconds, pictures = seconds + row.seconds, progress.done
        best = max(best, row.val_accuracy or 0.0)
        print(f"  {name}: {seconds:.0f} s, {pictures:,} pictures, validation {row.val_accuracy or 0:.1%}", flush=True)
        if best >= arguments.target or seconds >= arguments.budget:
            raise _EnoughError

    few = sum(1 for _ in arguments.synthetic.glob("*/*.png")) // SCORED_AN_EPOCH
    chunk = few if settings.backbone == "small" else max(256, few // 16)  # the slow one is looked at as often in time
    timed = settings.model_copy(update={"synthetic_per_epoch": chunk})
    with contextlib.suppress(_EnoughError):
        train(arguments.synthetic, None, out=arguments.out / name, settings=timed, overwrite=True, on_progress=watch)
    return Result(seconds, best, pictures)


if __name__ == "__main__":
    main()
