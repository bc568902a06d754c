"""Whether several crops of each painted widget (`generate --views`) teach more for the same processor time.

    python bench/views.py --test NAME=DIR ... [--views 1 2 4] [--n 6000] [--epochs 6] [--seeds 3] [--out DIR]

With one view N crops are drawn from the templates, and their processor seconds noted; with more views as many crops as
take the same time, by two small drawings of each. `small` then learns from random weights, in as many epochs as give
about the same number of passes over crops, so that training costs the same too. Prints accuracies on the class folders
of --test, of each seed and their means; nothing is chosen on them. What is done is kept in OUT/results.jsonl and not
done again.
"""

import argparse
import json
import statistics
from pathlib import Path

from generating import cpu_seconds

from boxwright import TrainSettings, evaluate, load_model, train

FEW, SOME = 200, 1000
"""Crops of the two drawings that tell what starting costs, and each crop."""


def main() -> None:
    """Draw, train and evaluate each number of views with each seed, and print the means."""
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    results = given.out / "results.jsonl"
    done = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    tests = dict(item.split("=", 1) for item in given.test)
    with results.open("a", encoding="utf-8") as file:
        for seed in range(given.seeds):
            for views in given.views:
                if any((row["views"], row["seed"]) == (views, seed) for row in done):
                    continue
                row = _measure(given, views, seed, tests)
                file.write(json.dumps(row) + "\n")
                file.flush()
                done.append(row)
                print(row, flush=True)
    for views in given.views:
        rows = [row for row in done if row["views"] == views]
        means = (f"{name} {100 * statistics.mean(row[name] for row in rows):.1f} %" for name in tests)
        print(f"{views} views, {len(rows)} seeds:", *means)


def _measure(given: argparse.Namespace, views: int, seed: int, tests: dict[str, str]) -> dict[str, float]:
    passes = given.n * given.epochs
    epochs = max(1, round(passes / _affordable(given, views)))
    crops = passes // epochs
    name = f"{views}-{seed}"
    drawn_s = _draw(given.out / "sets" / name, views, crops, seed)
    settings = TrainSettings(seed=seed, epochs=epochs, threads=1, val_share=0.0, checkpoints=0)
    train(given.out / "sets" / name, None, out=given.out / "runs" / name, settings=settings, overwrite=True)
    model = load_model(given.out / "runs" / name)
    found = {test: evaluate(model, Path(folder)).accuracy for test, folder in tests.items()}
    return {"views": views, "seed": seed, "crops": crops, "epochs": epochs, "drawing_cpu_s": round(drawn_s, 1)} | found


def _affordable(given: argparse.Namespace, views: int) -> int:
    """Return how many crops of so many views take the time that N crops of one view take."""
    if views == 1:
        return int(given.n)
    kept = given.out / "costs.json"
    costs = json.loads(kept.read_text()) if kept.exists() else {}
    for number in (1, views):
        if str(number) not in costs:
            few_s, some_s = (_draw(given.out / "pilots" / f"{number}-{n}", number, n, seed=99) for n in (FEW, SOME))
            a_crop = (some_s - few_s) / (SOME - FEW)
            costs[str(number)] = (few_s - FEW * a_crop, a_crop)
    kept.write_text(json.dumps(costs), encoding="utf-8")
    (start, each), (start_here, each_here) = costs["1"], costs[str(views)]
    return int((start + given.n * each - start_here) / each_here)


def _draw(folder: Path, views: int, crops: int, seed: int) -> float:
    """Draw a set; return the processor seconds of it."""
    words = ["generate", str(folder.absolute()), "-n", str(crops), "--views", str(views), "--seed", str(seed)]
    return cpu_seconds([*words, "--workers", "1", "--overwrite"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", nargs="+", required=True, metavar="NAME=DIR")
    parser.add_argument("--views", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--n", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench-views"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
