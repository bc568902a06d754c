"""A short form of what is measured at length elsewhere, written down for each commit: `make bench`.

    python bench/watched.py [--out bench/results] [--rounds 5] [--crops 800]

Draws crops, answers for one picture and for a folder of distinct ones, trains, fine-tunes on forty labels and scans
screens; each is a command of this work tree, started as a user starts it. Processor seconds are of a command and all
processes that it started, user and system. Takes under ten minutes on two cores, and needs no picture that it does
not draw. Writes DATE-COMMIT.json, which `python bench/history.py` draws with those of before. Compare within one
machine only.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from compare import FLOOR, ROOT, Cost, median, run

FIRST = "importing what answers"
LABELS = 40
SCREENS = 40
"""Beside one more: what starting costs is left out."""


def main() -> None:
    """Measure, print each figure, and write them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--crops", type=int, default=800)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boxwright-bench-") as folder:
        figures = measure(Path(folder), crops=given.crops, rounds=given.rounds)
    found = {"date": datetime.date.today().isoformat(), "commit": _commit(), "machine": _machine(), "figures": figures}
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / f"{found['date']}-{found['commit']}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(path)


def measure(work: Path, *, crops: int, rounds: int) -> dict[str, float]:
    """Return figures by name; the name ends in the unit."""
    figures: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        figures[name] = round(value, 4)
        print(f"{name:52} {value:10.3f}", flush=True)

    floor = median([run([sys.executable, "-c", FLOOR], work) for _ in range(rounds)])
    note(f"{FIRST}, CPU s", floor.cpu_s)
    few, many = (_boxwright(work, "generate", f"set-{n}", "-n", str(n), "--seed", "0") for n in (20, crops))
    note("generate -n 20, CPU s", few.cpu_s)
    note("a further 1,000 crops, CPU s", 1000 * (many.cpu_s - few.cpu_s) / (crops - 20))
    drawn = work / f"set-{crops}"
    one = next(iter(sorted(drawn.rglob("*.png"))))
    first = median([_boxwright(work, "classify", str(one), "--model", "pretrained") for _ in range(rounds)])
    note("classify one picture, CPU s", first.cpu_s)
    note("classify one picture, MB", first.memory_mb)
    speed = _json(work, "benchmark", "pretrained", str(drawn), "--rounds", "3", "--json")
    note("a folder, share of the decode-only floor", speed["images_per_s"] / speed["floor_per_s"])
    trained = [
        _boxwright(work, "train", "--synthetic", str(drawn), "--epochs", str(epochs), "--out", f"run-{epochs}")
        for epochs in (1, 4)
    ]
    note("training, crops a CPU s", 3 * crops * 0.9 / (trained[1].cpu_s - trained[0].cpu_s))
    labels = work / "labels"
    _sample(drawn, labels, LABELS)
    tuned = _boxwright(work, "train", "--real", str(labels), "--init", "pretrained", "--epochs", "20", "--out", "tuned")
    note(f"fine-tuning on {LABELS} labels, s", tuned.wall_s)
    size = ("--format", "coco", "--screen-size", "1920x1080")
    _boxwright(work, "generate", "screens", "-n", str(1 + SCREENS), *size, "--seed", "0")
    screen = min((work / "screens").rglob("*.png"))
    alone, together = (_boxwright(work, "scan", str(path)) for path in (screen, work / "screens"))
    note("a further screen of 1920 x 1080, CPU s", (together.cpu_s - alone.cpu_s) / SCREENS)
    help_ = median([_boxwright(work, "labels", "--help") for _ in range(rounds)])
    note("labels --help, CPU s", help_.cpu_s)
    return figures


def _boxwright(work: Path, *words: str) -> Cost:
    return run([sys.executable, str(ROOT / "cli.py"), *words], work)


def _json(work: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=work, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _sample(source: Path, out: Path, count: int) -> None:
    """Link some crops of each class into class folders."""
    pictures = sorted(source.rglob("*.png"))
    for path in pictures[:: max(1, len(pictures) // count)][:count]:
        (out / path.parent.name).mkdir(parents=True, exist_ok=True)
        (out / path.parent.name / path.name).hardlink_to(path)


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--", ":!bench/results")
    return git("rev-parse", "--short", "HEAD") + ("-changed" if changed else "")


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
