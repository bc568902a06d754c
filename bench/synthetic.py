"""What a network learns from synthetic crops alone: tested on real crops and on component libraries it never met.

    python bench/synthetic.py --test real=DIR exam=DIR [--n 40000] [--seeds 3] [--epochs 10] [--out runs/synthetic]

For each seed draws a data set of --n crops from the templates (no library, no real crop), trains `small` on all of it
with the default settings and that seed, keeps the last weights, and evaluates them on each class folder of --test.
Nothing is chosen on the tests. Prints a row a run, the mean over seeds, and what is still wrong, by library and by
family, summed over seeds. Runs that are there already are not made again.
"""

import argparse
import json
import statistics
from collections import Counter
from pathlib import Path

from boxwright import Evaluation, GenerateSettings, TrainSettings, evaluate, generate, load_model, train
from model.evaluation.evaluation_result import SliceScore

WORST = 25


def main() -> None:
    """Run all seeds and print the tables."""
    arguments = _arguments()
    tests = dict(item.split("=", 1) for item in arguments.test)
    found: dict[str, list[Evaluation]] = {name: [] for name in tests}
    for seed in range(arguments.seeds):
        run = _run(arguments, seed)
        for name, folder in tests.items():
            evaluation = evaluate(load_model(run), Path(folder))
            found[name].append(evaluation)
            (run / f"{name}.json").write_text(json.dumps(evaluation.to_dict(), indent=2), encoding="utf-8")
            print(f"seed {seed}: {name} {_figure(evaluation)} of {evaluation.n}", flush=True)
    for name, evaluations in found.items():
        _summarize(name, evaluations)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", nargs="+", required=True, metavar="NAME=DIR")
    parser.add_argument("--n", type=int, default=40_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("runs/synthetic"))
    return parser.parse_args()


def _run(arguments: argparse.Namespace, seed: int) -> Path:
    crops, run = arguments.out / f"crops-{seed}", arguments.out / f"run-{seed}"
    if not (run / "done").exists():
        generate(crops, GenerateSettings(n=arguments.n, seed=seed), resume=True)
        settings = TrainSettings(seed=seed, epochs=arguments.epochs, val_share=0.0)
        train(crops, None, out=run, settings=settings, overwrite=True)
        (run / "done").touch()
    return run


def _summarize(name: str, evaluations: list[Evaluation]) -> None:
    accuracies = [100 * evaluation.accuracy for evaluation in evaluations]
    spread = statistics.stdev(accuracies) if len(accuracies) > 1 else float("nan")
    print(f"\n{name}: mean {statistics.mean(accuracies):.1f} %, standard deviation {spread:.1f}, over seeds")
    classes = evaluations[0].classes
    print(f"{'label':12}" + "".join(f"{'as ' + taken:>14}" for taken in classes) + "   (summed over seeds)")
    for row, label in enumerate(classes):
        counts = [sum(one.confusion[row][column] for one in evaluations) for column in range(len(classes))]
        print(f"{label:12}" + "".join(f"{count:14}" for count in counts))
    _table("library", [score for one in evaluations for score in one.libraries])
    _table("family", [score for one in evaluations for score in one.families])


def _table(kind: str, scores: list[SliceScore]) -> None:
    right, total = Counter[str](), Counter[str]()
    for score in scores:
        right[score.name] += score.right
        total[score.name] += score.n
    worst = sorted((name for name in total if right[name] < total[name]), key=lambda name: right[name] / total[name])
    if worst:
        print(f"\n{kind:34}  right     of")
    for name in worst[:WORST]:
        print(f"{name:34} {right[name] / total[name]:6.1%} {total[name]:6}")


def _figure(evaluation: Evaluation) -> str:
    low, high = evaluation.interval
    return f"{100 * evaluation.accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
