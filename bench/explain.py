"""Says of each method whether its heat maps point at the widget, and whether they mean anything, on held-out libraries.

    python bench/explain.py [--model MODEL ...] [--method NAME ...] [--crops 200] [--seed 1] [--out build/explain]

Draws an exam of the component libraries that the model in the box never saw (bench/pretrained.py names them), takes
--crops of its crops that show a widget, whose box is known, and explains each. Prints a row of a table for each model
and method: the share of peaks within the box, insertion and deletion with those of a random map and of a spot in the
middle, and the gain over the random map. Methods that do not fit a model are left out. The exam is not drawn again
where it is there. Its table is in docs/explaining.md.
"""

import argparse
import json
import random
import shutil
from pathlib import Path

from pretrained import HELD_OUT

from boxwright import (
    ExamSettings,
    ExplainResult,
    ExplainSettings,
    InputError,
    add_libraries,
    explain_pictures,
    installed_libraries,
    load_any_model,
    read_examples,
    write_exam,
)

METHODS = ("layer-cam", "grad-cam", "attention-rollout", "occlusion")

NO_WIDGET = "other"


def main() -> None:
    """Draw the exam, explain, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", nargs="*", default=["pretrained"])
    parser.add_argument("--method", nargs="*", default=METHODS, choices=METHODS)
    parser.add_argument("--crops", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/explain"))
    arguments = parser.parse_args()
    crops = draw_widgets(arguments.out, arguments.crops, arguments.seed)
    print("| model | method | right | peak in the box | insertion | deletion | gain over a random map |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name in arguments.model:
        model = load_any_model(name)
        for method in arguments.method:
            out = arguments.out / f"{Path(name).name}-{method}"
            settings = ExplainSettings(method=method)
            try:
                found = explain_pictures(model, [crops], out, settings=settings, overwrite=out.exists())
            except InputError as error:
                print(f"{name} has no {method}: {error}")
                continue
            print(f"| {model.backbone} | `{method}` | {to_cells(found)} |", flush=True)


def draw_widgets(out: Path, count: int, seed: int) -> Path:
    """Return a folder of as many crops of widgets, drawn at random from an exam, with their boxes."""
    folder = out / f"widgets-{count}-{seed}"
    if folder.exists():
        return folder
    if missing := tuple(sorted(set(HELD_OUT) - set(installed_libraries()))):
        add_libraries(missing)
    exam = out / f"exam-{count}-{seed}"
    write_exam(exam, ExamSettings(n=2 * count, seed=seed, libraries=HELD_OUT), resume=True)
    widgets = [example for example in read_examples(exam) if example.label != NO_WIDGET and example.box]
    rows = []
    for example in random.Random(seed).sample(widgets, count):
        place = folder / example.label / example.path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(example.path, place)
        rows.append(json.dumps({"file_name": f"{example.label}/{place.name}", "box": example.box}))
    (folder / "metadata.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def to_cells(found: ExplainResult) -> str:
    """Return the cells of a row."""
    boxes, gain = found.in_box, found.gain
    cells = [
        f"{1 - found.wrong / len(found.rows):.1%}",
        f"{boxes.share:.1%} ({boxes.interval[0]:.1%} to {boxes.interval[1]:.1%})",
        *(
            f"{getattr(own, name):.3f} (random {getattr(noise, name):.3f}, middle {getattr(middle, name):.3f})"
            for own, noise, middle in [(found.mean.own, found.mean.random, found.mean.centred)]
            for name in ("insertion", "deletion")
        ),
        f"{gain.mean:+.3f} ({gain.interval[0]:+.3f} to {gain.interval[1]:+.3f})",
    ]
    return " | ".join(cells)


if __name__ == "__main__":
    main()
