"""What a fine-tuning of the model in the box gets right on real crops of sites that it was not given.

    python bench/finetune.py --real DIR --synthetic DIR [--init pretrained] [--seeds 3] [--out runs/bench-finetune]

Five folds by visual group, so that crops of one site are never on both sides; each picture is judged by the network
that was not trained on its fold. A seed deals the folds anew and trains anew. The settings are `SETTINGS`, the last
weights are kept, and nothing is chosen on the folds. Prints the accuracy of the model that was started from, the
accuracy out of fold with its interval for each seed, and the seconds that one training took.
"""

import argparse
import statistics
import time
from pathlib import Path

from boxwright import Folding, TrainSettings, cross_validate, evaluate, load_model

FOLDS = 5
SETTINGS = {
    "epochs": 8,
    "synthetic_per_epoch": 2500,
    "real_share": 0.5,
    "init_share": 0.5,
    "val_share": 0.0,
    "checkpoints": 0,
}


def main() -> None:
    """Cross-validate with each seed."""
    arguments = _arguments()
    before = evaluate(load_model(arguments.init), arguments.real)
    print(f"{arguments.init} as it is: {before.to_text().splitlines()[0]}", flush=True)
    found = []
    for seed in range(arguments.seeds):
        settings = TrainSettings(init=arguments.init, seed=seed, **SETTINGS)
        began = time.perf_counter()
        result = cross_validate(
            *(arguments.synthetic, arguments.real),
            out=arguments.out / f"seed-{seed}",
            settings=settings,
            folding=Folding(FOLDS, by="visual"),
            overwrite=True,
        )
        seconds = (time.perf_counter() - began) / FOLDS
        found.append(result.oof.to_dict()["accuracy"])
        print(f"seed {seed}: {result.oof.to_text()}\n{seconds:.0f} s a training", flush=True)
    spread = statistics.stdev(found) if len(found) > 1 else 0.0
    print(f"mean {statistics.mean(found):.1%}, standard deviation over seeds {100 * spread:.1f} points")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--init", type=Path, default=Path("pretrained"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench-finetune"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
