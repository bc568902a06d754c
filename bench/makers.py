"""What forty keys are worth on screens of one maker: the loop replayed on the crops of one maker at a time.

    python bench/makers.py DIR OUT [--model pretrained] [--makers 10] [--keys 40] [--batch 10] [--seeds 5] [--chart PNG]

DIR holds a folder a maker, of class folders; those with the most crops are taken. For each seed half of a maker's
looks are held out, and the other half is the pool; `margin` asks for a batch of labels at a time, and the network is
fine-tuned on all labels so far, as `boxwright loop` does. Prints the accuracy on the held-out half before and after
each batch, means over seeds, and how long all rounds of a seed took. OUT keeps the replays, and a second call goes on.
--chart draws the curves.
"""

import argparse
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from boxwright import SimulateSettings, Simulation, simulate

STRATEGY = "margin"


def main() -> None:
    """Replay each maker and print the table."""
    arguments = _arguments()
    makers = sorted(_count(arguments.folder).items(), key=lambda pair: (-pair[1], pair[0]))[: arguments.makers]
    rounds = arguments.keys // arguments.batch
    settings = SimulateSettings(
        strategies=(STRATEGY,),
        rounds=rounds,
        batch=arguments.batch,
        seeds=arguments.seeds,
        test_share=0.5,
        mode="true",
    )
    print(
        "| maker | crops |", *(f" {done * arguments.batch} keys |" for done in range(rounds + 1)), " seconds |", sep=""
    )
    curves: dict[str, tuple[float, ...]] = {}
    for maker, crops in makers:
        began = time.monotonic()
        found = simulate(
            arguments.folder / maker,
            arguments.model,
            out=arguments.out / maker,
            settings=settings,
            resume=(arguments.out / maker).exists(),
        )
        seconds = (time.monotonic() - began) / (2 * arguments.seeds)  # of the baseline too
        curves[maker] = _curve(found)
        print(
            f"| {maker} | {crops} |",
            *(f" {share:.1%} |" for share in curves[maker]),
            f" {seconds:.0f} |",
            sep="",
            flush=True,
        )
    print("| mean | |", *(f" {share:.1%} |" for share in np.mean(list(curves.values()), axis=0)), " |", sep="")
    if arguments.chart:
        _draw(curves, arguments)


def _draw(curves: dict[str, tuple[float, ...]], arguments: argparse.Namespace) -> None:
    """Draw a line a maker and the mean, thicker."""
    drawing, axes = plt.subplots(figsize=(7, 4))
    keys = range(0, arguments.keys + 1, arguments.batch)
    for maker, shares in curves.items():
        axes.plot(keys, 100 * np.array(shares), linewidth=1, label=maker)
    axes.plot(keys, 100 * np.mean(list(curves.values()), axis=0), color="black", linewidth=3, label="mean")
    axes.set(xlabel="labels", ylabel="right on the held-out half, %", xticks=keys)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="lower right", ncols=2)
    drawing.tight_layout()
    drawing.savefig(arguments.chart, dpi=120)


def _curve(found: Simulation) -> tuple[float, ...]:
    return next(each.curve.accuracy for each in found.arms if each.arm == STRATEGY)


def _count(folder: Path) -> dict[str, int]:
    return {each.name: sum(1 for _ in each.rglob("*.png")) for each in folder.iterdir() if each.is_dir()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--makers", type=int, default=10)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--chart", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
