"""Whether settings that tuning chose beat the defaults on pictures that it never saw.

    python bench/tune.py [--trials 20] [--epochs 4] [--per-epoch 400] [--backbone NAME] [--seeds 3] [--out FOLDER]

Every fourth family is held out: --n crops of the others are trained and validated on, and --n crops of those that were
held out are the exam. `boxwright tune` tries --trials settings, is killed by SIGKILL after --kill-after of them, in the
middle of the next, and resumed; with --backbone, that is no choice. Then the defaults and the chosen settings are
trained with as many epochs and crops an epoch, each with --seeds seeds that no trial had, and measured on the exam,
which chooses nothing. What is there already is not made again, so that it can be stopped. Prints the study, an accuracy
a run, and the differences by seed.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from boxwright import (
    Evaluation,
    GenerateSettings,
    TrainSettings,
    choose_families,
    evaluate,
    generate,
    load_model,
    load_settings,
    train,
)

COMMAND = [sys.executable, "-c", "import cli; cli.main()"]
FIRST_SEED = 101
"""Of the runs that are compared; trials have seed 0."""


def main() -> None:
    """Draw, tune, and compare."""
    arguments = _arguments()
    crops, exam = _draw(arguments)
    study = arguments.out / "study"
    _tune(arguments, crops, study)
    budget = {"epochs": arguments.epochs, "synthetic_per_epoch": arguments.per_epoch}
    budget |= {"backbone": arguments.backbone} if arguments.backbone else {}
    common = {**budget, "threads": 1, "checkpoints": 0, "val_share": 0.0}
    found: dict[str, list[Evaluation]] = {"defaults": [], "chosen": []}
    for seed in range(FIRST_SEED, FIRST_SEED + arguments.seeds):
        default = TrainSettings(**common, seed=seed)
        chosen = load_settings(TrainSettings, "train", common | {"seed": seed}, file=study / "best.toml")
        earlier = _run(arguments.out / f"defaults-{seed}", crops, default)
        later = _run(arguments.out / f"chosen-{seed}", crops, chosen)
        found["defaults"].append(evaluate(load_model(earlier), exam))
        found["chosen"].append(evaluate(load_model(later), exam, other=earlier))
        print(f"seed {seed}: " + ", ".join(f"{name} {each[-1].accuracy:.1%}" for name, each in found.items()))
        if (difference := found["chosen"][-1].comparison) is not None:
            print("\n".join(difference.lines()), flush=True)
    for name, each in found.items():
        accuracies = [100 * one.accuracy for one in each]
        spread = statistics.stdev(accuracies) if len(accuracies) > 1 else float("nan")
        print(f"{name}: mean {statistics.mean(accuracies):.1f} %, standard deviation over seeds {spread:.1f}")


def _draw(arguments: argparse.Namespace) -> tuple[Path, Path]:
    names = sorted(choose_families())
    held_out = tuple(names[3::4])
    crops, exam = arguments.out / "crops", arguments.out / "exam"
    if not (exam / "README.md").exists():
        generate(crops, GenerateSettings(n=arguments.n, seed=0, without=held_out), resume=crops.exists())
        generate(exam, GenerateSettings(n=arguments.n, seed=1, families=held_out), resume=exam.exists())
    return crops, exam


def _tune(arguments: argparse.Namespace, crops: Path, study: Path) -> None:
    """Tune, killed once and resumed."""
    if (study / "best.toml").exists() and (study / "trials.csv").exists():
        return
    space = subprocess.run([*COMMAND, "tune", "--print-space"], check=True, capture_output=True, text=True).stdout
    budget = f"epochs = {arguments.epochs}\nsynthetic_per_epoch = {arguments.per_epoch}"
    file = arguments.out / "space.toml"
    if arguments.backbone:
        space = re.sub(r"(?m)^backbone = .*\n", "", space)
        budget += f'\nbackbone = "{arguments.backbone}"'
    file.write_text(space.replace("epochs = 10", budget), encoding="utf-8")
    began = time.perf_counter()
    if not study.exists():
        words = ["tune", "--synthetic", str(crops), "--space", str(file), "--trials", str(arguments.trials)]
        running = subprocess.Popen([*COMMAND, *words, "--out", str(study)])
        while not (study / f"trial-{arguments.kill_after:04}" / "metrics.jsonl").exists():
            if running.poll() is not None:
                sys.exit("the study ended before it could be killed")
            time.sleep(0.2)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        print(f"killed in trial {arguments.kill_after}, after {time.perf_counter() - began:.0f} s", flush=True)
    again = ["tune", "--resume", "--out", str(study), "--trials", str(arguments.trials)]
    subprocess.run([*COMMAND, *again], check=True)
    print(f"tuned in {time.perf_counter() - began:.0f} s", flush=True)


def _run(run: Path, crops: Path, settings: TrainSettings) -> Path:
    if not (run / "curves.png").exists():
        train(crops, None, out=run, settings=settings, overwrite=run.exists())
    return run


def _arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1500)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--kill-after", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--per-epoch", type=int, default=400)
    parser.add_argument("--backbone")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench-tune"))
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
