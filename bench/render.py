"""Measure how fast crops are rendered, beside a naive script and beside Chromium's own work, in one run.

    python bench/render.py [--crops 2000] [--naive 150] [--seed 0] [--rounds 3] [--firefox]

Prints, for the same random widgets, crops per second and CPU seconds per 1,000 crops of the whole process tree:
(a) a script as one would write it: set_content and an element screenshot for each crop; (b) an element screenshot
each on a page shared by many; (c) boxwright with one process and with two; (d) the floor: Chromium lays out, paints
and hands over the same sheets, and nothing is done with them; (e) on request, boxwright with one process where
Firefox paints, which has to compare every widget in all its states. Every way runs once a round, the rounds one after
another, and medians are printed: machines are noisy, and ratios within a run are what counts.

    python bench/render.py --endurance 200000

Renders that many crops with one process and prints speed, CPU seconds per 1,000 crops and memory at every tenth of the
way. Each figure but memory is of the crops since the line before; starting counts in the first.
"""

import argparse
import collections
import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from base.work import Processes
from generator.crops.recipe import Recipe
from generator.datasets.shard import ShardJob
from generator.datasets.workers import render_shards
from generator.families.family import load_families
from generator.rendering.browser import BrowserChoice, find_browser, launch_browser
from generator.rendering.firefox_studio import find_firefox
from generator.rendering.sheet import SHEET_WIDTH_PX, STYLE, sheet_html
from generator.rendering.studio import Studio, survey
from generator.sampling.cell import Palette

SLOTS_A_SHARED_PAGE = 50


@dataclass(frozen=True)
class Cost:
    """What one way took for `crops` crops."""

    crops: int
    wall_s: float
    cpu_s: float


def main() -> None:
    """Run one of the two measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--naive", type=int, default=150, help="crops of the naive ways, which are slow")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--views", type=int, default=1)
    parser.add_argument("--firefox", action="store_true", help="measure Firefox too")
    parser.add_argument("--endurance", type=int)
    arguments = parser.parse_args()
    choice = find_browser()
    surroundings = survey(choice)
    palette = Palette(load_families(), surroundings.fonts, surroundings.scripts)
    crops = arguments.endurance or arguments.crops
    recipe = Recipe(palette, arguments.seed, crops, arguments.views)
    if arguments.endurance:
        endure(recipe, choice)
    else:
        compare(recipe, choice, naive=arguments.naive, rounds=arguments.rounds, firefox=arguments.firefox)


Work = Callable[[], None]
Way = Callable[[], Cost]


def compare(recipe: Recipe, choice: BrowserChoice, *, naive: int, rounds: int, firefox: bool) -> None:
    """Print a table of all ways, and the ratios between them."""
    few = replace(recipe, n=naive)
    ways: dict[str, Way] = {
        "a  set_content and element screenshot a crop": lambda: render_naively(few, choice),
        "b  element screenshot a crop, shared pages": lambda: render_from_shared_pages(few, choice),
        "c1 boxwright, one process": lambda: render(recipe, {"chromium": choice}, workers=1),
        "c2 boxwright, two processes": lambda: render(recipe, {"chromium": choice}, workers=2),
        "d  floor: Chromium alone, one process": paint_only(recipe, choice),
    }
    if firefox:
        by_firefox = replace(recipe, painters={"firefox": 1.0})
        choices = {"firefox": find_firefox()}
        ways["e  boxwright, one process, Firefox"] = lambda: render(by_firefox, choices, workers=1)
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            costs[name].append(way())
    print(f"{choice.how} {choice.version}; {recipe.n} crops ({naive} for a and b), seed {recipe.seed}, {rounds} rounds")
    print(f"{'':46}  crops/s  (lowest to highest)  CPU s per 1,000")
    for name, several in costs.items():
        rates = sorted(cost.crops / cost.wall_s for cost in several)
        print(
            f"{name:46}  {median_rate(several):7.1f}  ({rates[0]:.1f} to {rates[-1]:.1f})  {median_cpu(several):6.2f}"
        )
    a, _, one, two, floor, *others = costs.values()
    print(f"c1 / a     {median_rate(one) / median_rate(a):6.1f} times the crops per second")
    print(f"a / c1     {median_cpu(a) / median_cpu(one):6.1f} times the CPU")
    print(f"c1 / d     {median_rate(one) / median_rate(floor):6.0%} of the floor's crops per second")
    print(f"c2 / c1    {median_rate(two) / median_rate(one):6.2f} times one process")
    for other in others:
        print(f"e / c1     {median_rate(other) / median_rate(one):6.2f} times the crops per second")


def median_rate(costs: list[Cost]) -> float:
    """Return the median of crops per second."""
    return statistics.median(cost.crops / cost.wall_s for cost in costs)


def median_cpu(costs: list[Cost]) -> float:
    """Return the median of CPU seconds per 1,000 crops."""
    return statistics.median(1000 * cost.cpu_s / cost.crops for cost in costs)


def measure(work: Work, crops: int) -> Cost:
    """Run `work` and return its cost."""
    with _Meter() as meter:
        start = time.perf_counter()
        work()
        wall_s = time.perf_counter() - start
    return Cost(crops, wall_s, meter.cpu_s)


class _Meter:
    """Adds up the CPU time of this process and of all that descend from it.

    Chromium's processes are not all waited for by their parents, so that the kernel's own sum over children misses
    them: the tree is looked at ten times a second instead.
    """

    def __enter__(self) -> "_Meter":
        self._latest: dict[tuple[int, float], float] = {}
        self._look()
        self._start = dict(self._latest)
        self._ended = threading.Event()
        self._own = 0.0
        self._before = _cpu_of(psutil.Process())
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        descendants = sum(self._latest.values()) - sum(self._start.values())
        self.cpu_s = _cpu_of(psutil.Process()) - self._before - self._own + descendants

    def spent_s(self) -> float:
        """Return the CPU seconds until now, those of looking on included."""
        self._look()
        descendants = sum(self._latest.values()) - sum(self._start.values())
        return _cpu_of(psutil.Process()) - self._before + descendants

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._look()
        self._look()
        self._own = time.thread_time()

    def _look(self) -> None:
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                self._latest[process.pid, process.create_time()] = _cpu_of(process)


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def render(recipe: Recipe, choices: Mapping[str, BrowserChoice], *, workers: int) -> Cost:
    """Render as `boxwright generate` does, into tar shards; starting workers and browsers counts."""
    with tempfile.TemporaryDirectory() as folder:
        job = ShardJob(recipe, choices, Path(folder), "webdataset")
        return measure(
            lambda: collections.deque(render_shards(job, list(job.shards()), engine=Processes(workers))), recipe.n
        )


def render_naively(recipe: Recipe, choice: BrowserChoice) -> Cost:
    """Set a page's content and take a picture of its one widget, crop after crop; starting the browser is left out."""
    with sync_playwright() as playwright:
        browser = launch_browser(playwright, choice.launch)
        page = browser.new_page(device_scale_factor=2.0)

        def work() -> None:
            for number, html in enumerate(bodies(recipe, together=1)):
                page.set_content(document(html))
                page.locator(".cell").screenshot(path=Path(folder) / f"{number}.png")

        with tempfile.TemporaryDirectory() as folder:
            cost = measure(work, recipe.n)
        browser.close()
    return cost


def render_from_shared_pages(recipe: Recipe, choice: BrowserChoice) -> Cost:
    """Take a picture of each element of a page with many; starting the browser is left out."""
    with sync_playwright() as playwright:
        browser = launch_browser(playwright, choice.launch)
        page = browser.new_page(device_scale_factor=2.0)

        def work() -> None:
            for html in bodies(recipe, together=SLOTS_A_SHARED_PAGE):
                page.set_content(document(html))
                for number, cell in enumerate(page.locator(".cell").all()):
                    cell.screenshot(path=Path(folder) / f"{number}.png")

        with tempfile.TemporaryDirectory() as folder:
            cost = measure(work, recipe.n)
        browser.close()
    return cost


def bodies(recipe: Recipe, *, together: int) -> Iterator[str]:
    """Yield the HTML of the recipe's cells, so many together."""
    slots = [slot[:1] for page in recipe.pages() for slot in recipe.slots(page)]  # without what is only compared
    for start in range(0, len(slots), together):
        yield sheet_html(slots[start : start + together], recipe.palette.families)


def document(body: str) -> str:
    """Return a whole page."""
    style = f"{STYLE} .frame, .cell {{ position: relative }}"
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><body>{body}</body>"


def paint_only(recipe: Recipe, choice: BrowserChoice) -> Way:
    """Draw the sheets; return what lets Chromium show and hand them over, and drops what comes, its start included."""
    families = recipe.palette.families
    sheets = [(sheet_html(recipe.slots(page), families), recipe.display(page)) for page in recipe.pages()]

    def work() -> None:
        with Studio(choice) as studio:
            for html, screen in sheets:
                studio.shoot(html, display=screen)

    return lambda: measure(work, recipe.n)


def endure(recipe: Recipe, choice: BrowserChoice) -> None:
    """Render with one process and print speed, CPU and memory on the way."""
    with tempfile.TemporaryDirectory() as folder, _Meter() as meter:
        job = ShardJob(recipe, {"chromium": choice}, Path(folder), "webdataset")
        shards = list(job.shards())
        tenth = max(1, len(shards) // 10)
        done, shown, since, spent = 0, 0, time.perf_counter(), 0.0
        print("  crops  crops/s  CPU s per 1,000  memory of all processes, MB")
        for number, _ in enumerate(render_shards(job, shards, engine=Processes(1)), start=1):
            done += job.count(number - 1)
            if number % tenth == 0 or number in (1, len(shards)):
                now, cpu = time.perf_counter(), meter.spent_s()
                rate, cost = (done - shown) / (now - since), 1000 * (cpu - spent) / (done - shown)
                print(f"{done:7}  {rate:7.1f}  {cost:15.2f}  {tree_memory_mb():8.0f}", flush=True)
                shown, since, spent = done, now, cpu


def tree_memory_mb() -> float:
    """Return the proportional memory of this process and all that descend from it."""
    total = 0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # a page's process may end meanwhile
            total += process.memory_full_info().pss
    return total / 1e6


if __name__ == "__main__":
    print(f"screens {SHEET_WIDTH_PX} CSS px wide")
    main()
