#!/usr/bin/env bash
# One would guess: a converter of annotations may drop what a format has no place for, but reading a COCO file and writing it as
# COCO gives the same boxes; and what comes back under the same name, `disabled`, comes back with the same value.
# In truth: pylabel, for every picture without a widget, writes the box before it once more, its number included: two empty
# screens at the end give the last widget three times. globox and datumaro do not. datumaro takes attributes through COCO
# and LabelMe and back as they were, and through Pascal VOC as text: False comes back as 'False', which counts as true,
# so every widget is disabled.
# Why it matters: screens without widgets are kept to measure what is found wrongly. With the copies, a detector that finds each
# widget once misses two of five here, and no picture with boxes drawn on it shows why, as copies lie on each other. And
# who leaves out disabled widgets by `if box.attributes["disabled"]` is left with none.
# Count boxes before and after, and compare attributes with their types.
# Seen with pylabel 0.1.55, globox 2.9.0, datumaro 1.13.12, pandas 2.3.3 on 2026-11-30:
#   boxes as annotated:       {'first': 2, 'second': 1, 'third': 0, 'fourth': 0}
#   COCO to COCO by pylabel:  {'first': 2, 'second': 3, 'third': 0, 'fourth': 0}
#   disabled, by datumaro through label_me   False (counts as False)  True (counts as True)  False (counts as False)
#   disabled, by datumaro through voc        'False' (counts as True)  'True' (counts as True)  'False' (counts as True)
# Needs python3 of 3.11.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet pylabel==0.1.55 datumaro==1.13.12 globox==2.9.0 pandas==2.3.3 pillow==12.0.0 2>/dev/null
cat > convert.py <<'PY'
import contextlib, io, json, logging, os
from importlib.metadata import version
import datumaro, globox
from PIL import Image
from pylabel import importer

# Screens with their widgets: category, top edge, disabled.
SCREENS = {"first": [(1, 10, False), (2, 30, True)], "second": [(1, 10, False)], "third": [], "fourth": []}

def made():
    """Write the screens and their COCO file; on the last two there is no widget."""
    os.makedirs("screens/images/train")
    os.makedirs("screens/annotations")
    images, annotations = [], []
    for number, (name, widgets) in enumerate(SCREENS.items(), 1):
        Image.new("RGB", (100, 60), "white").save(f"screens/images/train/{name}.png")
        images.append({"id": number, "file_name": f"{name}.png", "width": 100, "height": 60})
        for category, top, disabled in widgets:
            box = {"id": len(annotations) + 1, "image_id": number, "category_id": category, "bbox": [10, top, 13, 13]}
            more = {"area": 169, "iscrowd": 0, "segmentation": [], "attributes": {"disabled": disabled}}
            annotations.append(box | more)
    categories = [{"id": 1, "name": "checked"}, {"id": 2, "name": "unchecked"}]
    with open(COCO, "w", encoding="utf-8") as file:
        json.dump({"images": images, "annotations": annotations, "categories": categories}, file)

def counted(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    names = {one["id"]: one["file_name"].removesuffix(".png") for one in document["images"]}
    boxes = [names[one["image_id"]] for one in document["annotations"]]
    return {name: boxes.count(name) for name in SCREENS}

def through(kind):
    """Export by datumaro to another format and give the attribute of each widget as it comes back."""
    datumaro.Dataset.import_from("screens", "coco").export(f"as_{kind}", kind, save_media=True)
    back = datumaro.Dataset.import_from(f"as_{kind}", kind)
    names = [one.name for one in back.categories()[datumaro.AnnotationType.label].items]
    boxes = [(item.id, names[box.label], box.attributes.get("disabled")) for item in back for box in item.annotations]
    return sorted(boxes)

logging.disable(logging.WARNING)
COCO = "screens/annotations/instances_train.json"
made()
print(*(f"{name} {version(name)}" for name in ("pylabel", "globox", "datumaro", "pandas")))
meant = counted(COCO)
print("boxes as annotated:      ", meant)
datumaro.Dataset.import_from("screens", "coco").export("datumaro", "coco")
print("COCO to COCO by datumaro:", counted("datumaro/annotations/instances_train.json"))
assert counted("datumaro/annotations/instances_train.json") == meant
globox.AnnotationSet.from_coco(COCO).save_coco("globox.json", auto_ids=True)
print("COCO to COCO by globox:  ", counted("globox.json"))
with contextlib.redirect_stderr(io.StringIO()):
    importer.ImportCoco(COCO, path_to_images="../images/train").export.ExportToCoco("pylabel.json")
print("COCO to COCO by pylabel: ", counted("pylabel.json"))
assert counted("globox.json") == meant == {"first": 2, "second": 1, "third": 0, "fourth": 0}
assert counted("pylabel.json") == meant | {"second": 3}
found = {kind: through(kind) for kind in ("coco", "datumaro", "label_me", "voc")}
for kind, boxes in found.items():
    values = [value for _, _, value in boxes]
    print(f"disabled, by datumaro through {kind:9}", *(f"{value!r} (counts as {bool(value)})" for value in values), sep="  ")
    labels = [("first", "checked"), ("first", "unchecked"), ("second", "checked")]
    assert [(screen, label) for screen, label, _ in boxes] == labels
    assert values == (["False", "True", "False"] if kind == "voc" else [False, True, False]), kind
PY
venv/bin/python -W ignore convert.py
