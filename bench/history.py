"""Draw what `make bench` wrote down, a panel a figure, oldest first.

    python bench/history.py [--results bench/results] [--out bench/results/history.png]

A line joins results of one machine only: figures of two machines say nothing of two commits.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

COLUMNS = 3


def main() -> None:
    """Read all results and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(given.results.glob("*.json"))]
    if not results:
        raise SystemExit(f"no results in {given.results}; `make bench` writes one")
    out = given.out or given.results / "history.png"
    draw(results, out)
    print(out)


def draw(results: list[dict[str, Any]], out: Path) -> None:
    """Draw a panel for each figure, a line for each machine."""
    names = list(dict.fromkeys(name for result in results for name in result["figures"]))
    rows = -(-len(names) // COLUMNS)
    drawing, panels = plt.subplots(rows, COLUMNS, figsize=(4.5 * COLUMNS, 2.6 * rows), squeeze=False)
    ticks = [f"{result['date'][5:]}\n{result['commit']}" for result in results]
    for panel, name in zip(panels.flat, names, strict=False):
        lines: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, result in enumerate(results):
            if name in result["figures"]:
                lines[result["machine"]].append((place, result["figures"][name]))
        for machine, points in sorted(lines.items()):
            panel.plot(*zip(*points, strict=True), marker="o", label=machine)
        panel.set_title(name, fontsize=9)
        panel.set_ylim(bottom=0)
        panel.set_xticks(range(len(results)), ticks, fontsize=6)
    for panel in panels.flat[len(names) :]:
        panel.set_visible(False)
    panels.flat[0].legend(fontsize=6)
    drawing.tight_layout()
    out.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(out, dpi=110)


if __name__ == "__main__":
    main()
