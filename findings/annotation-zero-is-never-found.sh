#!/usr/bin/env bash
# One would guess: if a detector finds every widget at exactly its box and nothing else, COCO's evaluation gives it an
# average precision of 1; and what an annotation tool exports as COCO can be handed to it as it is.
# In truth: Label Studio's exporter numbers annotations from 0, and pycocotools takes 0 for "no match". The widget with number 0
# is counted as missed and its exact detection as a false one, without a word. With all numbers one higher, the same
# boxes give 1.
# Why it matters: test sets of rare widgets are small: half-checked boxes, one kit, a few screens. Where a class has two
# widgets and one of them is number 0, a perfect reader gets 0.25; where it has more it is less, and stays unseen. It is
# always the first widget of the first screen, so one class looks harder than it is. Add 1 to each annotation's number
# before anything is evaluated.
# Seen with label-studio-sdk 2.1.2 (its converter) and pycocotools 2.0.11 on 2026-11-30:
#   numbers [0, 1, 2, 3] AP of exact boxes: {'checked': 0.25, 'unchecked': 1.0}
#   one higher:          AP of exact boxes: {'checked': 1.0, 'unchecked': 1.0}
# Needs python3.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet label-studio-sdk==2.1.2 pycocotools==2.0.11 2>/dev/null
cat > export.py <<'PY'
import contextlib, io, json
from importlib.metadata import version
from label_studio_sdk.converter import Converter
from label_studio_sdk.converter.converter import Format
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CONFIG = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
<Label value="checked"/><Label value="unchecked"/></RectangleLabels></View>"""
WIDTH, HEIGHT = 1000, 500
SCREENS = {"a.png": [("checked", 20, 20), ("unchecked", 20, 60)], "b.png": [("checked", 40, 80), ("unchecked", 40, 120)]}

def result(label, left, top, side=16):
    value = {"x": left / WIDTH * 100, "y": top / HEIGHT * 100, "width": side / WIDTH * 100, "height": side / HEIGHT * 100}
    return {"type": "rectanglelabels", "from_name": "box", "to_name": "image", "original_width": WIDTH,
            "original_height": HEIGHT, "value": {**value, "rotation": 0, "rectanglelabels": [label]}}

def average_precisions(path):
    """Evaluate detections that are the annotations themselves, by class."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(path)
        kept = ("image_id", "category_id", "bbox")
        found = [{name: one[name] for name in kept} | {"score": 0.9} for one in truth.dataset["annotations"]]
        judge = COCOeval(truth, truth.loadRes(found), "bbox")
        judge.evaluate()
        judge.accumulate()
    by_class = judge.eval["precision"][:, :, :, 0, -1].mean((0, 1))
    return {truth.cats[number]["name"]: round(float(value), 2) for number, value in zip(judge.params.catIds, by_class)}

tasks = []
for number, (name, widgets) in enumerate(SCREENS.items(), start=1):
    Image.new("RGB", (WIDTH, HEIGHT), "white").save(name)
    drawn = [{"id": number, "completed_by": 1, "result": [result(*widget) for widget in widgets]}]
    tasks.append({"id": number, "data": {"image": name}, "annotations": drawn})
with open("tasks.json", "w") as file:
    json.dump(tasks, file)
Converter(config=CONFIG, project_dir=".").convert("tasks.json", "out", Format.COCO, is_dir=False)
with open("out/result.json") as file:
    exported = json.load(file)
print("label-studio-sdk", version("label-studio-sdk"), "pycocotools", version("pycocotools"))
numbers = [one["id"] for one in exported["annotations"]]
as_exported = average_precisions("out/result.json")
print("numbers", numbers, "AP of exact boxes:", as_exported)
for one in exported["annotations"]:
    one["id"] += 1
with open("renumbered.json", "w") as file:
    json.dump(exported, file)
renumbered = average_precisions("renumbered.json")
print("one higher:         AP of exact boxes:", renumbered)
assert numbers == [0, 1, 2, 3]
assert renumbered == {"checked": 1.0, "unchecked": 1.0}
assert as_exported["checked"] < 0.5 and as_exported["unchecked"] == 1.0
PY
venv/bin/python export.py
