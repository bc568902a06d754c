"""What synthetic crops add to a few real ones: the same network with and without them, on held-out real crops.

    python bench/mixing.py --real DIR --synthetic DIR [--seeds 3] [--epochs 8] [--out runs/mixing]

Splits the class folders of --real once, by class, 60 % to train on and 40 % to test on, with a fixed seed that is not
varied. Trains on the 60 % alone (60 epochs at three times the usual rate, since its epochs are short) and on the 60 %
mixed with --synthetic, for each seed. Nothing is chosen on the 40 %. Prints a row a run, and the paired difference.
"""

import argparse
import json
import shutil
import statistics
from pathlib import Path

from boxwright import Evaluation, Example, TrainSettings, evaluate, load_model, read_examples, split_by_group, train

SPLIT_SEED = 0
TEST_SHARE = 0.4
REAL_ONLY = TrainSettings(epochs=60, learning_rate=3e-3, val_share=0.0)


def main() -> None:
    """Run the comparison and print it."""
    arguments = _arguments()
    kept, test = split_by_group(read_examples(arguments.real), share=TEST_SHARE, seed=SPLIT_SEED)
    real, held_out = _link(kept, arguments.out / "real-60"), _link(test, arguments.out / "real-40")
    print(f"{len(kept)} real crops to train on, {len(test)} to test on", flush=True)
    gains = []
    for seed in range(arguments.seeds):
        chosen = REAL_ONLY.model_copy(update={"seed": seed})
        alone = _run(None, real, held_out, arguments.out / f"alone-{seed}", chosen)
        chosen = TrainSettings(seed=seed, epochs=arguments.epochs, val_share=0.0)
        mixed = _run(arguments.synthetic, real, held_out, arguments.out / f"mixed-{seed}", chosen)
        gains.append(100 * (mixed.accuracy - alone.accuracy))
        print(f"seed {seed}: real alone {_figure(alone)}, mixed {_figure(mixed)}, gain {gains[-1]:+.1f}", flush=True)
    spread = statistics.stdev(gains) if len(gains) > 1 else float("nan")
    print(f"mean gain {statistics.mean(gains):+.1f} points, standard deviation {spread:.1f}, lowest {min(gains):+.1f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("runs/mixing"))
    return parser.parse_args()


def _link(examples: list[Example], folder: Path) -> Path:
    """Put the examples into class folders of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    for example in examples:
        target = folder / example.label / example.path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(example.path.resolve())
    return folder


def _run(synthetic: Path | None, real: Path, test: Path, out: Path, settings: TrainSettings) -> Evaluation:
    train(synthetic, real, out=out, settings=settings, overwrite=True)
    evaluation = evaluate(load_model(out), test)
    (out / "evaluation.json").write_text(json.dumps(evaluation.to_dict(), indent=2), encoding="utf-8")
    return evaluation


def _figure(evaluation: Evaluation) -> str:
    low, high = evaluation.interval
    return f"{100 * evaluation.accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
