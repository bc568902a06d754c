"""What the first answer costs in two versions: processor seconds, seconds and memory, side by side on this machine.

    python bench/compare.py OLD [NEW] --pictures DIR [--rounds 5] [--work build/compare] [--only NAME ...]

OLD and NEW are commits; NEW is the work tree as it is when left out. Each commit is checked out into a folder of its
own below --work and installed into an environment of its own, which is left there for the next time. The commands take
turns, OLD and NEW, after a first round that is not counted. Processor seconds are of the command and all processes that
it started, user and system; memory is that of the largest of them. Ratios are of medians, NEW to OLD.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOME = 37
"""Pictures of a small folder."""

FLOOR = "import numpy, PIL.Image, onnxruntime"


@dataclass(frozen=True)
class Version:
    """A version's name, the folder it lies in and the Python that runs it."""

    name: str
    folder: Path
    python: Path


@dataclass(frozen=True)
class Cost:
    """What a command took; `memory_mb` is that of its largest process."""

    cpu_s: float
    wall_s: float
    memory_mb: float


Words = Callable[[Path], list[str]]
"""Takes a folder to write into; gives the words after `boxwright`."""


def main() -> None:
    """Measure, and print the table and where it is kept as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new", nargs="?")
    parser.add_argument("--pictures", type=Path, required=True, help="class folders of real crops")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path("build/compare"))
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    given = parser.parse_args()
    work = given.work.absolute()
    versions = [prepare(given.old, work), prepare(given.new, work) if given.new else here()]
    pictures = small_folder(given.pictures, work / "pictures")
    table = {}
    for name, words in commands(pictures).items():
        if not given.only or name in given.only:
            table[name] = compare(versions, words, work / "out", given.rounds)
            print(line(name, *table[name]), flush=True)
    floor = median([run([str(version.python), "-c", FLOOR], work) for version in versions[1:] * given.rounds])
    print(f"{'importing what answers':24} {floor.cpu_s:30.2f} CPU s {floor.memory_mb:28.0f} MB")
    kept = {name: [vars(cost) for cost in costs] for name, costs in table.items()} | {"floor": [vars(floor)]}
    (work / "compare.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def commands(pictures: Path) -> dict[str, Words]:
    """Return what is measured, by name."""
    one = str(next(path for path in sorted(pictures.rglob("*")) if path.is_file()))
    return {
        "classify one": lambda _: ["classify", one, "--model", "pretrained"],
        "classify a folder": lambda _: ["classify", str(pictures), "--model", "pretrained"],
        "evaluate": lambda _: ["evaluate", "pretrained", str(pictures)],
        "queue": lambda out: ["queue", str(pictures), "--model", "pretrained", "--store", str(out / "labels.db")],
        "generate -n 20": lambda out: ["generate", str(out / "set"), "-n", "20", "--seed", "0"],
        "split": lambda out: ["split", str(pictures), "--folds", "5", "--by", "crop", "--out", str(out / "split.csv")],
        "doctor": lambda _: ["doctor"],
        "labels --help": lambda _: ["labels", "--help"],
    }


def compare(versions: list[Version], words: Words, out: Path, rounds: int) -> tuple[Cost, ...]:
    """Return the median cost of a command in each version; they take turns."""
    found: dict[str, list[Cost]] = {version.name: [] for version in versions}
    for number in range(rounds + 1):
        for version in versions:
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            cost = run([str(version.python), str(version.folder / "cli.py"), *words(out)], out)
            if number:
                found[version.name].append(cost)
    return tuple(median(costs) for costs in found.values())


def run(command: list[str], folder: Path) -> Cost:
    """Run a command to its end, and return what it and all its children took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    per_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / per_mb)


def median(costs: list[Cost]) -> Cost:
    """Return the median of each figure."""
    columns = ([getattr(cost, name) for cost in costs] for name in ("cpu_s", "wall_s", "memory_mb"))
    return Cost(*map(statistics.median, columns))


def line(name: str, old: Cost, new: Cost) -> str:
    """Return a row of the table."""
    pairs = (
        ("CPU s", old.cpu_s, new.cpu_s, 2),
        ("s", old.wall_s, new.wall_s, 2),
        ("MB", old.memory_mb, new.memory_mb, 0),
    )
    cells = [f"{a:8.{digits}f} -> {b:7.{digits}f} {unit:5} = 1/{a / b:<4.1f}" for unit, a, b, digits in pairs]
    return f"{name:24} " + "  ".join(cells)


def here() -> Version:
    """Return the work tree as it is, and the Python that runs this."""
    return Version("new", ROOT, Path(sys.executable))


def prepare(commit: str, work: Path) -> Version:
    """Check a commit out and install it, unless that was done before."""
    folder, environment = work / commit, work / f"{commit}-env"
    python = environment / "bin" / "python"
    if not (environment / "ready").exists():
        work.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        folder.mkdir(exist_ok=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(folder / "constraints.txt")]
        subprocess.run([*install, "-e", str(folder), "onnxruntime"], check=True)
        (environment / "ready").touch()
    return Version(commit, folder, python)


def small_folder(pictures: Path, out: Path) -> Path:
    """Copy some pictures of each class."""
    shutil.rmtree(out, ignore_errors=True)
    for path in spread(sorted(path for path in pictures.rglob("*") if path.is_file())):
        (out / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, out / path.parent.name / path.name)
    return out


def spread(paths: list[Path]) -> Iterator[Path]:
    """Yield some of the paths, from all over."""
    yield from (paths[number * len(paths) // SOME] for number in range(SOME))


if __name__ == "__main__":
    main()
