"""How often a widget gets its own label, and how long reading takes.

    python bench/labels_of_widgets.py SCREENS [--n 120] [--ocr] [--layouts]

SCREENS is what `boxwright generate SCREENS -n 300 --format coco` writes; the widgets are the true ones. Without --ocr
the true boxes of the labels are the only text there is; with it, text is found and read. What was tuned was tuned on
the layouts of one half, and both halves are printed, by script; with --layouts, each layout too.
"""

import argparse
import difflib
import hashlib
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from PIL import Image

from boxwright import FoundWidget, label_widgets
from model.captioning.label_assignment import choose_lines
from model.captioning.text_reader import load_text_reader
from model.captioning.widget_search import fold_label
from model.finding.cells import FOUND_KINDS

ALIKE = 0.8

EACH = 5
"""Of so many screens, all text of one is read to see how long that takes."""

Judged = list[tuple[str, bool]]
"""For each widget how its label came out, and whether it has one."""


def is_held_out(layout: str) -> bool:
    """Return whether a layout is of the half that nothing was tuned on."""
    return hashlib.sha256(layout.encode()).digest()[0] % 2 == 0


def true_widgets(objects: dict[str, Any]) -> list[int]:
    """Return the numbers of what a scanner should find."""
    return [
        index for index, kind in enumerate(objects["kind"]) if kind in FOUND_KINDS and not objects["ignored"][index]
    ]


def as_found(objects: dict[str, Any], numbers: list[int]) -> list[FoundWidget]:
    """Return the true widgets as a scanner would."""
    return [FoundWidget(objects["kind"][n], objects["state"][n], tuple(objects["bbox"][n]), 1.0, 1.0) for n in numbers]


def judge_boxes(row: dict[str, Any]) -> Judged:
    """Return how the true boxes of labels are dealt to the widgets."""
    objects, numbers = row["objects"], true_widgets(row["objects"])
    owners = [number for number in numbers if objects["label_bbox"][number]]
    chosen = choose_lines(as_found(objects, numbers), [tuple(objects["label_bbox"][number]) for number in owners])
    judged: Judged = []
    for number, lines in zip(numbers, chosen, strict=True):
        given = [owners[line] for line in lines]
        if number in owners:
            judged.append(("right" if given == [number] else "wrong" if given else "none", True))
        else:
            judged.append(("given" if given else "none", False))
    return judged


def judge_texts(row: dict[str, Any], image: Image.Image) -> Judged:
    """Return how the labels that are read compare with the true ones."""
    objects, numbers = row["objects"], true_widgets(row["objects"])
    judged: Judged = []
    for number, widget in zip(numbers, label_widgets(image, as_found(objects, numbers)), strict=True):
        wanted, read = (fold_label(text or "").replace(" ", "") for text in (objects["label"][number], widget.label))
        if not objects["label_bbox"][number]:
            judged.append(("given" if read else "none", False))
        elif read == wanted:
            judged.append(("right", True))
        elif not read:
            judged.append(("none", True))
        else:
            near = difflib.SequenceMatcher(None, wanted, read).ratio() >= ALIKE
            judged.append(("alike" if near else "wrong", True))
    return judged


def show(name: str, judged: Judged) -> None:
    """Print one line of the table."""
    labelled = Counter(how for how, has in judged if has)
    bare = Counter(how for how, has in judged if not has)
    counts = ", ".join(f"{how} {count}" for how, count in labelled.most_common())
    right = (labelled["right"] + labelled["alike"]) / max(1, labelled.total())
    exact = labelled["right"] / max(1, labelled.total())
    print(f"{name:28} {exact:6.1%} exact {right:6.1%} exact or alike; {counts}", end="")
    print(f"; without label: given {bare['given']} of {bare.total()}")


def time_full_reading(image: Image.Image) -> float:
    """Return the CPU seconds that reading every line takes."""
    reader, start = load_text_reader(), time.process_time()
    reader.read_lines(image, reader.find_lines(image))
    return time.process_time() - start


def main() -> None:
    """Print accuracies by half, by script and by layout, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("screens", type=Path)
    parser.add_argument("--n", type=int)
    parser.add_argument("--ocr", action="store_true")
    parser.add_argument("--layouts", action="store_true", help="a line for each layout, too")
    options = parser.parse_args()
    lines = (options.screens / "metadata.jsonl").read_text(encoding="utf-8").splitlines()[: options.n]
    groups: dict[str, Judged] = defaultdict(list)
    spent, full, read = 0.0, 0.0, 0
    for number, line in enumerate(lines):
        row = json.loads(line)
        if options.ocr:
            image = Image.open(options.screens / row["file_name"]).convert("RGB")
            full += time_full_reading(image) if number % EACH == 0 else 0.0
        start = time.process_time()
        judged = judge_texts(row, image) if options.ocr else judge_boxes(row)
        spent, read = spent + time.process_time() - start, read + bool(judged)
        half = "held-out layouts" if is_held_out(row["layout"]) else "tuned layouts"
        for group in (half, f"{half}, {row['theme']['script']}", *([f"  {row['layout']}"] if options.layouts else [])):
            groups[group] += judged
    for name, judged in sorted(groups.items()):
        show(name, judged)
    print(f"{spent / max(1, read):.2f} CPU s a screen that has widgets ({read} of {len(lines)})", end="")
    print(f"; {full / -(-len(lines) // EACH):.2f} to read all of a screen" if options.ocr else "")


if __name__ == "__main__":
    main()
