"""What forty keys are worth on screens of one maker: the loop replayed on the crops of one maker at a time.

    python bench/makers.py DIR OUT [--model pretrained] [--makers 10] [--keys 40] [--batch 10] [--seeds 5] [--chart PNG]

DIR holds a folder a maker, of class folders; those with the most crops are taken. For each seed half of a maker's
looks are held out, and the other half is the pool; `margin` asks for a batch of labels at a time, and the network is
fine-tuned on all labels so far, as `boxwright loop` does. Each is replayed a second time with batches that are chosen
ahead, while the batch before is still learned, as `boxwright loop --ahead` does (--arms margin leaves that out).

Prints the accuracy on the held-out half before and after each batch, means over seeds, and the processor seconds of all
rounds of a seed; then what choosing ahead changes, in points, with 95 % intervals of the paired differences (makers
drawn anew, and seeds within them). OUT keeps the replays, and a second call goes on. --chart draws the curves.
"""

import argparse
import json
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from active.replay.learners import FineTuning, fine_tuning
from active.replay.replay import Learner, Truth, replay
from active.replay.simulate import divide, read_pool
from base.arrays import Doubles
from base.files import write_json
from boxwright import SimulateSettings, load_model

ARMS = ("margin", "margin/ahead")

REPEATS = 2000
"""Of the bootstrap."""


def main() -> None:
    """Replay what is missing, maker by maker for each seed, and print the tables."""
    arguments = _arguments()
    counts = sorted(_count(arguments.folder).items(), key=lambda pair: (-pair[1], pair[0]))[: arguments.makers]
    makers = dict(counts)
    known = {"model": load_model(arguments.model).fingerprint, "batch": arguments.batch, "keys": arguments.keys}
    if json.loads(_read(arguments.out / "settings.json") or json.dumps(known)) != known:
        raise SystemExit(f"{arguments.out} holds replays of something else; choose another folder")
    write_json(arguments.out / "settings.json", known)
    for seed in range(arguments.seeds):
        for maker in makers:
            _replay(maker, seed, arguments)
    curves = {arm: np.array([_curves(arm, maker, arguments) for maker in makers]) for arm in arguments.arms}
    for arm in arguments.arms:
        _print_accuracies(arm, curves[arm], makers, arguments)
    for arm in arguments.arms[1:]:
        _print_differences(arm, 100 * (curves[arm] - curves[arguments.arms[0]]), list(makers), arguments)
    if arguments.chart:
        _draw(dict(zip(makers, curves[arguments.arms[0]].mean(axis=1), strict=True)), arguments)


def _replay(maker: str, seed: int, arguments: argparse.Namespace) -> None:
    """Replay the arms of a maker that were not, with one learner, which learns equal labels once."""
    missing = [arm for arm in arguments.arms if not _place(arm, maker, seed, arguments).exists()]
    if not missing:
        return
    model, rounds = load_model(arguments.model), arguments.keys // arguments.batch
    settings = SimulateSettings(rounds=rounds, batch=arguments.batch, test_share=0.5, mode="true")
    examples = read_pool(arguments.folder / maker, model.classes)
    division = divide(examples, examples, settings, seed)
    labels = np.array([model.classes.index(example.label) for example in examples], dtype=np.intp)
    truth = Truth(model.classes, labels[division.pool], labels[division.test])
    tuning = FineTuning()
    learner = _remember(
        fine_tuning(model, examples, start=arguments.model, tuning=tuning, variations=False)(division), rounds
    )
    for arm in missing:
        began = time.process_time()
        done = replay(arm, seed, learner=learner, truth=truth, rounds=settings.plan)
        found = {"labels": done.labels, "accuracy": done.accuracy, "seconds": time.process_time() - began}
        write_json(_place(arm, maker, seed, arguments), found)


def _remember(learner: Learner, rounds: int) -> Learner:
    kept = lru_cache(maxsize=rounds + 1)(lambda rows: learner(np.array(rows, np.intp)))
    return lambda labelled: kept(tuple(labelled.tolist()))


def _place(arm: str, maker: str, seed: int, arguments: argparse.Namespace) -> Path:
    return Path(arguments.out, maker, f"{arm.replace('/', '-')}-{seed}.json")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _found(arm: str, maker: str, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    return [json.loads(_read(_place(arm, maker, seed, arguments))) for seed in range(arguments.seeds)]


def _curves(arm: str, maker: str, arguments: argparse.Namespace) -> list[list[float]]:
    """Return the accuracy of each seed before and after each batch, (seeds, batches + 1)."""
    return [each["accuracy"] for each in _found(arm, maker, arguments)]


def _print_accuracies(arm: str, curves: Doubles, makers: dict[str, int], arguments: argparse.Namespace) -> None:
    """Print a row a maker, of `curves`, (makers, seeds, batches + 1)."""
    keys = range(0, arguments.keys + 1, arguments.batch)
    print(f"\n| {arm} | crops |", *(f" {number} keys |" for number in keys), " CPU s |", sep="")
    print(f"| --- |{' ---: |' * (len(keys) + 2)}")
    for (maker, crops), own in zip(makers.items(), curves, strict=True):
        seconds = np.mean([each["seconds"] for each in _found(arm, maker, arguments)])
        print(f"| {maker} | {crops} |", *(f" {share:.1%} |" for share in own.mean(axis=0)), f" {seconds:.0f} |", sep="")
    print("| mean | |", *(f" {share:.1%} |" for share in curves.mean(axis=(0, 1))), " |", sep="")


def _print_differences(arm: str, differences: Doubles, makers: Sequence[str], arguments: argparse.Namespace) -> None:
    """Print a row a maker, of differences in points, (makers, seeds, batches + 1), and their means with intervals."""
    keys = range(arguments.batch, arguments.keys + 1, arguments.batch)
    print(f"\n| {arm} less {arguments.arms[0]}, points |", *(f" {number} keys |" for number in keys), " all |", sep="")
    print(f"| --- |{' ---: |' * (len(keys) + 1)}")
    # before the first key nothing can differ; the last column is the mean of the others
    after = np.concatenate([differences[:, :, 1:], differences[:, :, 1:].mean(axis=2, keepdims=True)], axis=2)
    for maker, own in zip(makers, after, strict=True):
        print(f"| {maker} |", *(f" {value:+.1f} |" for value in own.mean(axis=0)), sep="")
    means, (low, high) = after.mean(axis=(0, 1)), paired_interval(after)
    cells = (
        f" {mean:+.2f} ({least:+.2f} to {most:+.2f}) |" for mean, least, most in zip(means, low, high, strict=True)
    )
    print("| mean |", *cells, sep="")


def paired_interval(differences: Doubles) -> Doubles:
    """Return the 95 % interval, (2, columns), of the mean of differences, (makers, seeds, columns).

    Makers are drawn anew, and seeds within them.
    """
    rng = np.random.default_rng(0)
    makers, seeds, _ = differences.shape
    means = []
    for _ in range(REPEATS):
        drawn = rng.integers(makers, size=makers)
        means.append(differences[drawn[:, None], rng.integers(seeds, size=(makers, seeds))].mean(axis=(0, 1)))
    return np.percentile(means, (2.5, 97.5), axis=0)


def _draw(curves: dict[str, Doubles], arguments: argparse.Namespace) -> None:
    """Draw a line a maker and the mean, thicker."""
    drawing, axes = plt.subplots(figsize=(7, 4))
    keys = range(0, arguments.keys + 1, arguments.batch)
    for maker, shares in curves.items():
        axes.plot(keys, 100 * shares, linewidth=1, label=maker)
    axes.plot(keys, 100 * np.mean(list(curves.values()), axis=0), color="black", linewidth=3, label="mean")
    axes.set(xlabel="labels", ylabel="right on the held-out half, %", xticks=keys)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="lower right", ncols=2)
    drawing.tight_layout()
    drawing.savefig(arguments.chart, dpi=120)


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
    parser.add_argument("--arms", type=lambda text: text.split(","), default=list(ARMS))
    parser.add_argument("--chart", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
