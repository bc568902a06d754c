"""Measure how fast screens are rendered by one process, and what stands on them.

    python bench/screens.py [--n 120] [--seed 0] [--library NAME ...]

Renders --n screens of all layouts as `generate --format coco --workers 1` does, without writing them. Prints seconds
and CPU seconds a screen (the whole process tree; starting the browser does not count), the sizes of the pictures, and
how many widgets stand on them, by kind.
"""

import argparse
import statistics
import time
from collections import Counter

import psutil

from boxwright import Screenshot, load_layouts
from generator.crops.recipe import Recipe
from generator.libraries.installed import load_catalogue
from generator.rendering.browser import find_browser
from generator.rendering.studio import Studio, survey, with_studio
from generator.sampling.cell import Palette
from generator.screens.rows import ScreenRow
from generator.screens.screenshots import render_screen

WARM_UP = 8
"""Screens rendered before the clock runs: templates are compiled, words drawn, pages opened."""


def main() -> None:
    """Render and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--library", action="append", default=[])
    arguments = parser.parse_args()
    choice = find_browser()
    around = survey(choice)
    palette = Palette(load_catalogue(arguments.library), around.fonts, around.scripts)
    recipe = Recipe(palette, arguments.seed, arguments.n, layouts=load_layouts())
    with_studio(choice, lambda studio: _measure(recipe, studio))


def _measure(recipe: Recipe, studio: Studio) -> None:
    for index in range(WARM_UP):
        list(render_screen(recipe, recipe.n + index, studio))
    before, begun, rows, seconds = _cpu_s(), time.perf_counter(), [], []
    for index in range(recipe.n):
        start = time.perf_counter()
        rows += [item.row for item in render_screen(recipe, index, studio) if isinstance(item, Screenshot)]
        seconds.append(time.perf_counter() - start)
    wall = time.perf_counter() - begun
    print(f"{wall / recipe.n:.2f} s a screen (median {statistics.median(seconds):.2f})")
    print(f"{(_cpu_s() - before) / recipe.n:.2f} CPU s a screen")
    _describe(rows)


def _describe(rows: list[ScreenRow]) -> None:
    pixels = sorted(row.width * row.height / 1e6 for row in rows)
    middle = statistics.median(pixels)
    print(f"{statistics.mean(pixels):.2f} megapixels a screen (median {middle:.2f}, most {pixels[-1]:.2f})")
    counts = [sum(not ignored for ignored in row.objects.ignored) for row in rows]
    ignored = sum(sum(row.objects.ignored) for row in rows)
    print(f"{statistics.mean(counts):.1f} widgets a screen (median {statistics.median(counts):g}, most {max(counts)})")
    print(f"{counts.count(0)} of {len(rows)} screens without a widget; {ignored} boxes to be ignored")
    states = Counter(category for row in rows for category in row.objects.category)
    print(", ".join(f"{category} {count}" for category, count in sorted(states.items())))


def _cpu_s() -> float:
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


if __name__ == "__main__":
    main()
