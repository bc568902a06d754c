"""What a recipe of `boxwright gaps` is worth on crops of a maker that were not in the pool, beside the ordinary mix.

    python bench/gaps.py --crops DIR --synthetic DIR [--out runs/bench-gaps] [--makers 10] [--seeds 5] [--n 1000]

`--crops` holds a folder of class folders a maker, `--synthetic` is a set of `boxwright generate` to compare with. Of
each maker with at least 40 crops half are the pool, the other half the test, dealt by class with a generator of the
maker's name. The makers are the first ten, by name, on whose pool the model in the box finds 3 crops or more hard; the
tests are not looked at for that. Of a pool, 20 crops have labels. Arm A goes on from the model in the box with N
ordinary crops and these labels, arm B with N crops by the recipe and the same labels; nothing else differs. The seeds
train anew, and for arm A take other ordinary crops. What is done is kept in OUT/results.jsonl and not done again.
Prints accuracy and log loss on the tests, and the paired differences with 95 % bootstrap intervals over makers.
"""

import argparse
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boxwright import (
    Example,
    GapsSettings,
    GenerateSettings,
    Model,
    RealCrops,
    TrainSettings,
    find_gaps,
    generate,
    load_model,
    predict_files,
    read_examples,
    recipe_of,
    train,
    write_recipe,
)

FEWEST_CROPS, FEWEST_HARD, LABELS = 40, 3, 20
BOX = Path("pretrained")
SETTINGS = {"init": BOX, "init_share": 0.5, "epochs": 1, "val_share": 0.0, "checkpoints": 0, "threads": 1}
ORDINARY_SEED, RECIPE_SEED = 7000, 8000
RESAMPLES = 10_000


@dataclass(frozen=True)
class Maker:
    """A maker's crops: those of the pool, of which some have labels, and those of the test."""

    name: str
    labelled: list[Example]
    unlabelled: list[Example]
    test: list[Example]

    @property
    def pool(self) -> list[Example]:
        """Return the pool as a user has it."""
        return self.labelled + [Example(each.path, "", each.group) for each in self.unlabelled]


def main() -> None:
    """Train both arms on each maker with each seed, and compare them."""
    arguments = _arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = arguments.out / "results.jsonl"
    done = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    kept = {(row["maker"], row["arm"], row["seed"]) for row in done}
    ordinary = _ordinary(arguments)
    with results.open("a", encoding="utf-8") as file:
        for maker, recipe in _chosen(arguments):
            steered = _steered(arguments, maker, recipe)
            labels = _copy(maker.labelled, arguments.out / "labels" / maker.name)
            for seed in range(arguments.seeds):
                for arm, folder in (("box", None), ("A", ordinary[seed]), ("B", steered)):
                    if (maker.name, arm, seed) in kept or (arm == "box" and seed):
                        continue
                    row = {"maker": maker.name, "arm": arm, "seed": seed}
                    row |= _measure(_trained(arguments.out / "run", folder, labels, seed), maker.test)
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                    done.append(row)
                    print(row, flush=True)
    _report(done)


def _makers(crops: Path) -> Iterator[Maker]:
    for folder in sorted(crops.iterdir()):
        examples = sorted(read_examples(folder), key=lambda each: each.path)
        if len(examples) < FEWEST_CROPS:
            continue
        rng = random.Random(folder.name)
        pool, test = [], []
        for label in sorted({each.label for each in examples}):
            own = [each for each in examples if each.label == label]
            rng.shuffle(own)
            pool += own[: len(own) // 2]
            test += own[len(own) // 2 :]
        rng.shuffle(pool)
        yield Maker(folder.name, pool[:LABELS], pool[LABELS:], test)


def _chosen(arguments: argparse.Namespace) -> Iterator[tuple[Maker, Path]]:
    """Yield the makers that are measured, with their recipes; the others' pools have next to nothing hard."""
    model, settings, count = load_model(BOX), GapsSettings(threads=1), 0
    for maker in _makers(arguments.crops):
        if _hard(model, maker.pool, settings.sure_of(model)) < FEWEST_HARD:
            continue
        found = find_gaps(model, RealCrops(maker.pool), synthetic=arguments.synthetic, settings=settings)
        path = arguments.out / "recipes" / f"{maker.name}.toml"
        write_recipe(recipe_of(found, model=str(BOX), real=maker.name), path)
        count += 1
        yield maker, path
        if count == arguments.makers:
            return


def _hard(model: Model, pool: Sequence[Example], sure: float) -> int:
    """Count what `find_gaps` would find hard, without a look at anything synthetic."""
    count = 0
    for example, found in zip(pool, predict_files(model, [each.path for each in pool], threads=1), strict=True):
        probabilities = dict(zip(model.classes, found.probabilities or (), strict=True))
        likely = max(probabilities, key=probabilities.__getitem__)
        label = example.label or likely
        count += likely != label or probabilities[label] < sure
    return count


def _ordinary(arguments: argparse.Namespace) -> list[Path]:
    return [
        _draw(arguments.out / "ordinary" / str(seed), arguments.n, ORDINARY_SEED + seed)
        for seed in range(arguments.seeds)
    ]


def _steered(arguments: argparse.Namespace, maker: Maker, recipe: Path) -> Path:
    return _draw(arguments.out / "steered" / maker.name, arguments.n, RECIPE_SEED, recipe)


def _draw(out: Path, n: int, seed: int, recipe: Path | None = None) -> Path:
    if not (out / "metadata.jsonl").exists():
        generate(out, GenerateSettings(n=n, seed=seed, workers=1, recipe=recipe), resume=out.exists())
    return out


def _copy(examples: Sequence[Example], out: Path) -> Path:
    for each in examples:
        target = out / each.label / each.path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each.path, target)
    return out


def _trained(run: Path, synthetic: Path | None, labels: Path, seed: int) -> Path:
    if synthetic is None:
        return BOX
    train(synthetic, labels, out=run, settings=TrainSettings(seed=seed, **SETTINGS), overwrite=True)
    return run


def _measure(run: Path, test: Sequence[Example]) -> dict[str, float]:
    model = load_model(run)
    right, losses = [], []
    for example, found in zip(test, predict_files(model, [each.path for each in test], threads=1), strict=True):
        probabilities = dict(zip(model.classes, found.probabilities or (), strict=True))
        right.append(max(probabilities, key=probabilities.__getitem__) == example.label)
        losses.append(-np.log(max(probabilities[example.label], 1e-6)))
    return {"n": len(test), "accuracy": float(np.mean(right)), "log_loss": float(np.mean(losses))}


def _report(rows: Sequence[dict[str, float | str]]) -> None:
    for measure in ("accuracy", "log_loss"):
        found = defaultdict(lambda: defaultdict(list))
        for row in rows:
            found[row["maker"]][row["arm"]].append(row[measure])
        whole = {maker: arms for maker, arms in sorted(found.items()) if {"A", "B", "box"} <= arms.keys()}
        for maker, arms in whole.items():
            means = {arm: float(np.mean(values)) for arm, values in arms.items()}
            print(f"{measure}\t{maker}\t" + "\t".join(f"{arm} {means[arm]:.4f}" for arm in ("box", "A", "B")))
        means = {arm: np.array([np.mean(arms[arm]) for arms in whole.values()]) for arm in ("box", "A", "B")}
        gains = means["B"] - means["A"]
        picks = np.random.default_rng(0).integers(0, len(gains), (RESAMPLES, len(gains)))
        low, high = np.percentile(gains[picks].mean(axis=1), (2.5, 97.5))
        shown = ", ".join(f"{arm} {values.mean():.4f}" for arm, values in means.items())
        print(f"{measure}: {shown}; B less A {gains.mean():+.4f} ({low:+.4f} to {high:+.4f}), {len(gains)} makers")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/bench-gaps"))
    parser.add_argument("--makers", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--n", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
