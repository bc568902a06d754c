"""COCO's JSON of a scan: other programs read it, and it says what the table says."""

import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from generator.screens.rows import Objects
from model.scanning.scan import ScanSettings, scan_to_table
from tests.scanners import FrameScanner, write_screens
from tests.test_scan import read

SCANNER = FrameScanner()


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_screens(Path("shots"), 9)
    (Path("shots") / "text.png").write_text("I am a text")
    return Path("shots")


def test_pycocotools_reads_what_the_table_says(shots: Path) -> None:
    scan_to_table(SCANNER, [shots], output="out.coco.json")
    scan_to_table(SCANNER, [shots], output="out.csv")
    coco = COCO("out.coco.json")
    rows = read("out.csv")[:-1]
    annotations = coco.loadAnns(coco.getAnnIds())
    assert len(annotations) == len(rows) > 5
    for row, each in zip(rows, annotations, strict=True):
        [image], [category] = coco.loadImgs(each["image_id"]), coco.loadCats(each["category_id"])
        assert (image["file_name"], image["width"], image["height"]) == (row["path"], 320, 200)
        assert (category["name"], category["supercategory"]) == (f"{row['kind']} {row['state']}", row["kind"])
        sides = [float(row[name]) for name in ("left_px", "top_px", "width_px", "height_px")]
        assert (each["bbox"], each["area"], each["iscrowd"]) == (sides, sides[2] * sides[3], 0)
        assert (each["score"], each["state_confidence"]) == (float(row["confidence"]), 0.9)
    scores = COCOeval(coco, coco.loadRes([dict(each) for each in annotations]), "bbox")
    scores.evaluate()
    scores.accumulate()
    scores.summarize()
    assert scores.stats[0] == 1


def test_screens_without_widgets_are_images_and_what_cannot_be_read_is_named_apart(shots: Path) -> None:
    scan_to_table(SCANNER, [shots], output="out.coco.json", settings=ScanSettings(kind=("radio",)))
    found = json.loads(Path("out.coco.json").read_text())
    assert len(found["images"]) == 9
    assert found["annotations"] == []
    assert found["unreadable"] == [{"file_name": "shots/text.png", "error": "is not a picture"}]


def test_categories_are_named_as_in_generated_screens_and_numbered_alike_for_all_runs(shots: Path) -> None:
    named = []
    for sources in ("shots/a", "shots/b"):
        scan_to_table(SCANNER, [sources], output="out.coco.json")
        named.append(json.loads(Path("out.coco.json").read_text())["categories"])
    assert named[0] == named[1]
    assert [each["name"] for each in named[0]] == [
        f"{kind} {state}" for kind in ("checkbox", "radio", "switch") for state in SCANNER.states
    ]
    assert {"category", "kind", "state"} <= Objects.model_fields.keys()
