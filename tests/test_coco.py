import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pycocotools.coco import COCO

from base.errors import InputError
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.rerender import rerender
from generator.formats.crop_formats import read_crops
from tests.kept_worker import draw
from tests.kits import EMPTY_WHEN_MIXED, install_kit, write_kit

pytestmark = pytest.mark.browser

FAMILIES = ("checkbox_native", "switch_ios", "radio_material", "button_filled", "text_paragraph")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coco") / "screens"
    draw(out, GenerateSettings(n=6, workers=1, format="coco", families=FAMILIES))
    return out


def test_every_state_of_every_kind_survives_into_coco_and_back(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = COCO(made / "annotations.json")
    capsys.readouterr()
    names = {category["id"]: category["name"] for category in coco.loadCats(coco.getCatIds())}
    assert set(names.values()) == {
        f"{kind} {state}" for kind in ("checkbox", "switch", "radio") for state in ("checked", "unchecked")
    }
    for screenshot in read_crops(made):
        found = coco.loadAnns(coco.getAnnIds(imgIds=[screenshot.row.index]))
        assert [one["bbox"] for one in found] == [list(box) for box in screenshot.row.objects.bbox]
        assert [names[one["category_id"]] for one in found] == screenshot.row.objects.category


def test_an_annotation_says_what_a_finder_learns_and_what_it_is_not_asked_for(made: Path) -> None:
    annotations = json.loads((made / "annotations.json").read_text(encoding="utf-8"))["annotations"]
    for one in annotations:
        assert one["kind"] in ("checkbox", "radio", "switch")
        assert one["state"] in ("checked", "unchecked")
        assert isinstance(one["enabled"], bool)
        assert (one["label"] == "") == (one["label_bbox"] is None)
        assert one["iscrowd"] == 1 or one["visible"] >= 0.75
    assert any(one["label"] for one in annotations)


def test_layouts_are_chosen_held_out_and_told_in_the_description(tmp_path: Path) -> None:
    screens = GenerateSettings(n=3, workers=1, format="coco", families=FAMILIES, layouts=("cutout", "login", "menu"))
    draw(tmp_path / "some", screens.model_copy(update={"without_layouts": ("menu",)}))
    described = json.loads((tmp_path / "some" / "dataset.json").read_text(encoding="utf-8"))
    assert set(described["layouts"]) == {"cutout", "login"}
    assert described["command"].endswith("--layout cutout --layout login --layout menu --without-layout menu")
    assert {shot.row.layout for shot in read_crops(tmp_path / "some")} <= {"cutout", "login"}
    with pytest.raises(InputError, match="layouts and sizes are for screens"):
        generate(tmp_path / "crops", GenerateSettings(n=1, layouts=("cutout",)))
    with pytest.raises(InputError, match="no layout is left"):
        generate(tmp_path / "none", screens.model_copy(update={"without_layouts": ("cutout", "login", "menu")}))


def test_a_screen_is_rendered_again_to_the_same_bytes(made: Path) -> None:
    shot = list(read_crops(made))[4]
    again = rerender(made, shot.row.file_name)
    assert again.same
    assert again.png == shot.png
    with pytest.raises(InputError, match=r"has no screen images/9\.png"):
        rerender(made, "images/9.png")


def test_boxes_lie_on_the_screen_and_hold_a_widget(made: Path) -> None:
    for screenshot in read_crops(made):
        with Image.open(made / screenshot.row.file_name) as image:
            assert image.size == (screenshot.row.width, screenshot.row.height)
            for x, y, width, height in screenshot.row.objects.bbox:
                assert -0.1 <= x < x + width <= image.width + 0.1
                assert -0.1 <= y < y + height <= image.height + 0.1
                inside = image.convert("RGB").crop((int(x), int(y), int(x + width) + 1, int(y + height) + 1))
                assert len(inside.getcolors(100_000) or ()) > 1


def test_things_that_are_no_widgets_are_not_annotated(made: Path) -> None:
    families = {family for screenshot in read_crops(made) for family in screenshot.row.objects.family}
    assert families == {"checkbox_native", "switch_ios", "radio_material"}


def test_a_hidden_widget_has_no_box_and_a_screen_has_a_page_of_its_own(made: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (made / "metadata.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({(row["width"], row["height"]) for row in rows}) > 1
    generate(tmp_path / "two", GenerateSettings(n=6, workers=2, format="coco", families=FAMILIES))
    for row in rows:
        again = (tmp_path / "two" / row["file_name"]).read_bytes()
        assert hashlib.sha256(again).hexdigest() == row["sha256"]


def test_views_and_pairs_are_for_crops(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pairs and views are for crops"):
        generate(tmp_path / "out", GenerateSettings(n=1, format="coco", pairs=True))
    with pytest.raises(InputError, match="needs a family of widgets"):
        generate(tmp_path / "out", GenerateSettings(n=1, format="coco", families=("button_filled",)))


def test_the_summary_counts_screens_and_widgets(tmp_path: Path) -> None:
    summary = draw(tmp_path / "out", GenerateSettings(n=2, workers=1, format="coco", families=FAMILIES))
    assert summary.pictures == 2
    assert str(replace(summary, classes={"checked": 2})).startswith("2 screens with 2 widgets")
    assert f"2 screens with {sum(summary.classes.values())} widgets of " in str(summary)


def test_a_screen_shows_no_widget_that_looks_alike_in_two_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    install_kit(write_kit(tmp_path / "t"), css=EMPTY_WHEN_MIXED)
    screens = GenerateSettings(
        n=3,
        workers=1,
        format="coco",
        families=("kit/checkbox", "kit/switch", "text_paragraph"),
        templates=tmp_path / "t",
    )
    summary = draw(tmp_path / "out", screens)
    lines = (tmp_path / "out" / "rejected.jsonl").read_text().splitlines()
    objects = [screenshot.row.objects for screenshot in read_crops(tmp_path / "out")]
    assert summary.rejected == len(lines) > 0
    assert {json.loads(line)["family"] for line in lines} == {"kit/checkbox"}
    shown = [state for one in objects for family, state in zip(one.family, one.state, strict=True) if "check" in family]
    assert {"checked", "unchecked"} == set(shown)
    for screenshot in read_crops(tmp_path / "out"):
        with Image.open(tmp_path / "out" / screenshot.row.file_name) as image:
            for box, family, state in zip(
                screenshot.row.objects.bbox, screenshot.row.objects.family, screenshot.row.objects.state, strict=True
            ):
                x, y, width, height = box
                red, _, blue = image.convert("RGB").getpixel((int(x + width / 2), int(y + height / 2)))
                if family == "kit/checkbox":
                    assert (abs(red - blue) > 60) == (state == "checked")
