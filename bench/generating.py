"""CPU seconds of `boxwright generate` in two versions, on the same families, in turns on this machine.

    python bench/generating.py OLD [--crops 400 2000] [--rounds 3] [--seed 0]

OLD is a folder with another version checked out, whose commands run with this environment's packages. Each drawing is
one process of work, the families are those that both versions have. A first round of few crops is not counted. CPU
seconds are of the command and of all that descends from it, which is looked at twenty times a second.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

HERE = Path(__file__).parents[1]
LOOK_S = 0.05


def main() -> None:
    """Measure and print a line for each number of crops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("--crops", type=int, nargs="+", default=[400, 2000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    versions = [given.old.absolute(), HERE]
    families = shared_families(versions)
    print(
        f"{len(families)} families, seed {given.seed}, {given.rounds} rounds; CPU s per 1,000 crops, lowest to highest"
    )
    for version in versions:
        generate(version, families, crops=20, seed=given.seed)
    for crops in given.crops:
        costs: list[list[float]] = [[], []]
        for _ in range(given.rounds):
            for version, found in zip(versions, costs, strict=True):
                found.append(1000 / crops * generate(version, families, crops=crops, seed=given.seed))
        old, new = (f"{statistics.median(found):6.2f} ({min(found):.2f} to {max(found):.2f})" for found in costs)
        ratio = statistics.median(costs[0]) / statistics.median(costs[1])
        print(f"{crops:7} crops  old {old}  new {new}  {ratio:.2f} times the crops per CPU second", flush=True)


def shared_families(versions: Sequence[Path]) -> list[str]:
    """Return the names of the catalogue's families that all versions have."""
    several = [{path.stem for path in (version / "templates").glob("[!_]*.html")} for version in versions]
    return sorted(set.intersection(*several))


def generate(version: Path, families: Sequence[str], *, crops: int, seed: int) -> float:
    """Draw crops with a version's command; return its CPU seconds.

    Raises:
        RuntimeError: it failed.
    """
    named = [word for name in families for word in ("--family", name)]
    with tempfile.TemporaryDirectory() as folder:
        words = ["generate", folder + "/set", "-n", str(crops), "--seed", str(seed), "--workers", "1"]
        return cpu_seconds([*words, "--format", "webdataset", *named], version)


def cpu_seconds(words: Sequence[str], version: Path = HERE) -> float:
    """Run a version's command; return the CPU seconds of it and of all that descends from it.

    Raises:
        RuntimeError: it failed.
    """
    environment = {**os.environ, "PYTHONPATH": str(version)}
    command = [sys.executable, str(version / "cli.py"), *words]
    process = psutil.Popen(
        command, cwd=tempfile.gettempdir(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    spent: dict[tuple[int, float], float] = {}
    while process.poll() is None:
        look(process, spent)
        time.sleep(LOOK_S)
    if process.returncode:
        raise RuntimeError(f"{version}: {words[0]} ended with {process.returncode}")
    return sum(spent.values())


def look(process: psutil.Popen, spent: dict[tuple[int, float], float]) -> None:
    """Note the CPU seconds of a process and of all that descends from it, by their ids and their starts."""
    try:
        several = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for one in several:
        try:
            times = one.cpu_times()
            spent[one.pid, one.create_time()] = times.user + times.system
        except psutil.Error:
            continue  # it has just ended


if __name__ == "__main__":
    main()
