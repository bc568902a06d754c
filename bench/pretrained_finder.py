"""Builds the finder in the box from nothing: from synthetic screenshots alone, no real picture.

    python bench/pretrained_finder.py [--out build/finder] [--n 4000] [--steps 8000] [--stages 2] [--seed 0] [--install]

Installs component libraries and icon sets by npm, draws screenshots, trains the finder on them, goes on with as many
fresh ones in each further stage, and fits how sure to be of a candidate on others: of layouts and libraries that were
held out, read by the model in the box. These are then measured. With --install the finder goes into
model/pretrained/finder/. What is there already is not made again.
"""

import argparse
import shutil
from itertools import chain
from pathlib import Path

from pretrained import HELD_OUT, learned_libraries

from boxwright import (
    FinderSettings,
    GenerateSettings,
    evaluate_screens,
    generate,
    load_scanner,
    read_screen_set,
)
from generator.libraries.installed import library_family_names, library_of
from model.finder_learning.belief_fit import fit_belief, save_belief
from model.finder_learning.finder_training import train_finder
from model.finder_learning.known_screens import read_known_screens
from model.finding.finder_files import FINDER_FILE, PRETRAINED_FINDER
from model.networks.model_folders import GRAPH, WEIGHTS

HELD_OUT_LAYOUTS = (
    *("calendar", "desktop", "editor_toolbar", "game_options", "kiosk", "legacy_dialog", "menu", "mobile_form"),
)
"""Layouts of which no training sees a screenshot: 8 of 49, drawn by random.Random(0).sample from their sorted names."""

LATER_RATE = 1.5e-3
"""The height of the learning rate in stages after the first."""


def main() -> None:
    """Build, measure, and install if asked for."""
    arguments = _arguments()
    learned = learned_libraries()
    unseen, unseen_libraries = (arguments.out / name for name in ("unseen", "unseen-libraries"))
    held = GenerateSettings(n=240, seed=77, format="coco", libraries=HELD_OUT, layouts=HELD_OUT_LAYOUTS)
    generate(unseen, held, resume=True)
    of_libraries = tuple(name for name in library_family_names() if library_of(name) in HELD_OUT)
    generate(unseen_libraries, held.model_copy(update={"seed": 78, "families": of_libraries}), resume=True)
    run: Path | None = None
    for stage in range(arguments.stages):
        run = _train_stage(stage, run, arguments, learned)
    assert run is not None
    known = chain(read_known_screens(unseen), read_known_screens(unseen_libraries))
    save_belief(run, fit_belief(load_scanner(finder=run), known))
    for folder in (unseen, unseen_libraries):
        print(evaluate_screens(load_scanner(finder=run).scan, read_screen_set(folder)).to_text())
    if arguments.install:
        PRETRAINED_FINDER.mkdir(exist_ok=True)
        for name in (FINDER_FILE, WEIGHTS, GRAPH):
            shutil.copyfile(run / name, PRETRAINED_FINDER / name)


def _train_stage(stage: int, before: Path | None, arguments: argparse.Namespace, learned: tuple[str, ...]) -> Path:
    """Draw the stage's screenshots, the same for every seed, and train on them; return the finder's folder."""
    screens, run = (arguments.out / name for name in (f"screens-{stage}", f"run-{arguments.seed}-{stage}"))
    drawn = GenerateSettings(
        n=arguments.n, seed=stage, format="coco", libraries=learned, without_layouts=HELD_OUT_LAYOUTS
    )
    generate(screens, drawn, resume=True)
    if not (run / FINDER_FILE).exists():
        rate = None if before is None else LATER_RATE
        settings = FinderSettings(seed=arguments.seed, steps=arguments.steps, init=before, learning_rate=rate)
        train_finder(list(read_known_screens(screens)), out=run, settings=settings, overwrite=True)
    return run


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/finder"))
    parser.add_argument("--n", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--stages", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--install", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
