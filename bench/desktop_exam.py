"""Measures finders on whole desktop screens of 1920 x 1080 pixels such as no training saw.

    python bench/desktop_exam.py [--out build/desktop-exam] [--n 100] [--seed 1920] [--finder FOLDER ...]

Draws screens, a pixel of theirs to one of the picture, of the layouts that were held out from training and can be so
large, with the families of the templates and of the libraries that were held out, and has their widgets found: by the
finder in the box, or by each --finder. Prints precision, recall and F1 with intervals by bootstrap over screens, and
the rest of what `boxwright evaluate --screens` says. What is drawn already is not drawn again.
"""

import argparse
import sys
from pathlib import Path

from pretrained import HELD_OUT
from pretrained_finder import HELD_OUT_LAYOUTS

from boxwright import (
    BoxwrightError,
    GenerateSettings,
    evaluate_screens,
    generate,
    load_layouts,
    load_scanner,
    read_screen_set,
)

SIZE = (1920, 1080)


def main() -> None:
    """Draw the exam, and measure on it; what is wrong with it is one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/desktop-exam"))
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1920)
    parser.add_argument("--finder", type=Path, action="append")
    arguments = parser.parse_args()
    try:
        draw(arguments.out, arguments.n, arguments.seed)
        screens = read_screen_set(arguments.out)
        for finder in arguments.finder or [None]:
            print(f"{finder or 'the finder in the box'}:")
            print(evaluate_screens(load_scanner(finder=finder).scan, screens).to_text())
    except (BoxwrightError, OSError) as error:
        sys.exit(f"Error: {error}")


def draw(folder: Path, n: int, seed: int) -> None:
    """Draw the exam, or what is missing of it."""
    layouts = load_layouts(HELD_OUT_LAYOUTS)
    able = tuple(name for name, layout in layouts.items() if layout.declared.takes(SIZE))
    size = f"{SIZE[0]}x{SIZE[1]}"
    settings = GenerateSettings(n=n, seed=seed, format="coco", libraries=HELD_OUT, layouts=able, screen_size=size)
    generate(folder, settings, resume=True)


if __name__ == "__main__":
    main()
