"""Builds the finder in the box from nothing: from synthetic screenshots alone, no real picture.

    python bench/pretrained_finder.py [--out build/finder] [--n 4000] [--steps 8000] [--seed 0] [--install]

Installs component libraries by npm, draws screenshots, trains the finder on them, and fits how sure to be of a
candidate on others: of layouts and libraries that were held out, read by the model in the box. These are then measured.
With --install the finder goes into model/pretrained/finder/. What is there already is not made again.
"""

import argparse
import random
import shutil
from pathlib import Path

from pretrained import HELD_OUT

from boxwright import (
    GenerateSettings,
    add_libraries,
    evaluate_screens,
    generate,
    installed_libraries,
    list_libraries,
    load_layouts,
    load_scanner,
    read_screen_set,
)
from model.finder_learning.belief_fit import fit_belief, save_belief
from model.finder_learning.finder_training import FinderSettings, train_finder
from model.finder_learning.known_screens import read_known_screens
from model.finding.finder_files import FINDER_FILE, PRETRAINED_FINDER
from model.networks.model_folders import GRAPH, WEIGHTS

HELD_OUT_LAYOUTS = tuple(random.Random(0).sample(sorted(load_layouts()), 8))
"""Layouts of which no training sees a screenshot."""


def main() -> None:
    """Build, measure, and install if asked for."""
    arguments = _arguments()
    components = [status.library.name for status in list_libraries() if not status.library.is_icon_set]
    missing = [name for name in components if name not in installed_libraries()]
    if missing:
        add_libraries(tuple(missing))
    learned = tuple(name for name in components if name not in HELD_OUT)
    screens, unseen, run = (arguments.out / name for name in ("screens", "unseen", f"run-{arguments.seed}"))
    drawn = GenerateSettings(n=arguments.n, format="coco", libraries=learned, without_layouts=HELD_OUT_LAYOUTS)
    generate(screens, drawn, resume=True)
    held = GenerateSettings(n=240, seed=77, format="coco", libraries=HELD_OUT, layouts=HELD_OUT_LAYOUTS)
    generate(unseen, held, resume=True)
    if not (run / FINDER_FILE).exists():
        settings = FinderSettings(seed=arguments.seed, steps=arguments.steps)
        train_finder(list(read_known_screens(screens)), out=run, settings=settings, overwrite=True)
    save_belief(run, fit_belief(load_scanner(finder=run), read_known_screens(unseen)))
    print(evaluate_screens(load_scanner(finder=run).scan, read_screen_set(unseen)).to_text())
    if arguments.install:
        PRETRAINED_FINDER.mkdir(exist_ok=True)
        for name in (FINDER_FILE, WEIGHTS, GRAPH):
            shutil.copyfile(run / name, PRETRAINED_FINDER / name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/finder"))
    parser.add_argument("--n", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--install", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
