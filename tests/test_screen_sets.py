import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from base.errors import InputError, MissingError
from model.screen_evaluation.screen_sets import read_screen_set
from model.screen_evaluation.true_screens import TrueScreen, TrueWidget
from model.screen_evaluation.widget_words import name_kind, name_state

LINE: dict[str, Any] = {
    "file": "a.png",
    "width": 100,
    "height": 80,
    "widgets": [{"box": [1, 2, 16, 16], "kind": "checkbox", "state": "indeterminate", "enabled": True}],
    "complete": False,
    "lineage": "lvgl",
    "ignore": [[50, 0, 20, 20]],
}


def listed(folder: Path, *lines: dict[str, Any]) -> Path:
    (folder / "screens.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def coco(folder: Path, *annotations: tuple[str, str | None, dict[str, Any]]) -> Path:
    """Write a set of one picture with such annotations: category, supercategory and what else there is to say."""
    names = sorted({(name, above or "") for name, above, _ in annotations})
    numbers = {name: number for number, (name, _) in enumerate(names, start=1)}
    values = {
        "images": [{"id": 7, "file_name": "images/a.png", "width": 100, "height": 80, "layout": "menu"}],
        "categories": [
            {"id": numbers[name], "name": name} | ({"supercategory": up} if up else {}) for name, up in names
        ],
        "annotations": [
            {"id": number, "image_id": 7, "category_id": numbers[name], "bbox": [1, 2, 16, 16]} | more
            for number, (name, _, more) in enumerate(annotations, start=1)
        ],
    }
    (folder / "annotations.json").write_text(json.dumps(values), encoding="utf-8")
    return folder


def test_a_line_is_a_screen_and_indeterminate_is_checked(tmp_path: Path) -> None:
    found = read_screen_set(listed(tmp_path, LINE))
    assert found.origin_name == "lineage"
    widget = TrueWidget((1, 2, 16, 16), "checkbox", "checked")
    assert found.screens == (
        TrueScreen(tmp_path / "a.png", 100, 80, (widget,), ((50, 0, 20, 20),), complete=False, origin="lvgl"),
    )
    assert read_screen_set(tmp_path / "screens.jsonl") == found


def test_our_coco_says_kind_state_crowd_layout_and_library(tmp_path: Path) -> None:
    found = read_screen_set(
        coco(
            tmp_path,
            ("switch checked", "switch", {"iscrowd": 0, "family": "win98/switch"}),
            ("radio unchecked", "radio", {"iscrowd": 1, "family": "radio_ios"}),
            ("icon checked", "icon", {"bbox": [40, 40, 9, 9]}),
        )
    )
    [screen] = found.screens
    assert (found.origin_name, screen.origin, screen.path) == ("layout", "menu", tmp_path / "images" / "a.png")
    assert screen.widgets == (TrueWidget((1, 2, 16, 16), "switch", "checked", "win98"),)
    assert screen.ignore == ((1, 2, 16, 16), (40, 40, 9, 9))


def test_foreign_categories_are_understood_as_far_as_they_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ["checkbox_checked", "CheckBox", "RadioButton-Off", "checked", "button", "button", "selected_tab"]
    [screen] = read_screen_set(coco(tmp_path, *((name, "none", {}) for name in names))).screens
    assert [(widget.kind, widget.state) for widget in screen.widgets] == [
        ("checkbox", "checked"),
        ("checkbox", ""),
        ("radio", "unchecked"),
        ("", "checked"),
    ]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"{tmp_path}/annotations.json: 3 annotations are not used: 2 category 'button', 1 category 'selected_tab'",
        f"{tmp_path}/annotations.json: 1 state is not known: 1 category 'CheckBox'",
    ]


def test_what_a_line_says_that_is_not_understood_is_counted_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    widgets = [
        {"box": [1, 2, 16, 16], "kind": kind, "state": state} for kind, state in (("dial", "on"), ("radio", "?"))
    ]
    icon = {"box": [30, 2, 16, 16], "kind": "icon", "state": "checked"}
    [screen] = read_screen_set(listed(tmp_path, LINE | {"widgets": [*widgets, icon]})).screens
    assert screen.widgets == (TrueWidget((1, 2, 16, 16), "radio", ""),)
    assert screen.ignore == ((50, 0, 20, 20), (30, 2, 16, 16))
    place = f"{tmp_path}/screens.jsonl"
    assert [record.getMessage() for record in caplog.records] == [
        f"{place}: 1 annotation is not used: 1 kind 'dial' ({place}:1)",
        f"{place}: 1 state is not known: 1 '?' ({place}:1)",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("checkbox_unchecked", ("checkbox", "unchecked")),
        ("Tick Box (not ticked)", ("checkbox", "unchecked")),
        ("toggleOn", ("switch", "checked")),
        ("radio button", ("radio", "")),
        ("deselected-radio", ("radio", "unchecked")),
        ("partially checked checkbox", ("checkbox", "checked")),
        ("button", ("", "")),
        ("icon", ("icon", "")),
        ("iconic", ("", "")),
    ],
)
def test_words_name_kind_and_state(words: str, expected: tuple[str, str]) -> None:
    assert (name_kind(words), name_state(words)) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 0}, "screens.jsonl:1: width: Input should be greater"),
        ({"widgets": [{"box": [1, 2, 3], "kind": "radio"}]}, "screens.jsonl:1: widgets.0.box.3: Field required"),
        ({"widgets": [{"box": [1, 2, 0, 5], "kind": "radio"}]}, r"screens.jsonl:1: box \[1, 2, 0, 5\] has no area"),
        ({"widgets": [{"box": [98, 2, 9, 5], "kind": "radio"}]}, "lies beside the picture of 100 x 80 px"),
        ({"ignore": [[0, -90, 20, 20]]}, r"box \[0, -90, 20, 20\] lies beside the picture"),
    ],
)
def test_a_line_that_is_wrong_is_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_screen_set(listed(tmp_path, LINE | changes))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"bbox": [90, 70, 30, 30]}, r"annotation 1: box \[90, 70, 30, 30\] lies beside"),
        ({"image_id": 8}, "annotation 1: there is no image 8"),
        ({"category_id": 8}, "annotation 1: there is no category 8"),
        ({"bbox": "wide"}, "annotations.json: annotations.0.bbox: Input should be a valid tuple"),
    ],
)
def test_an_annotation_that_is_wrong_is_named(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_screen_set(coco(tmp_path, ("radio", None, more)))


@pytest.mark.parametrize("size", [{"width": None, "height": None}, {}, {"width": 64}])
def test_a_size_that_coco_does_not_say_is_the_pictures(size: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    values = {"images": [{"id": 0, "file_name": "a.png"} | size], "categories": [], "annotations": []}
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(InputError, match=r"image 0 lacks width or height, and a\.png, which would tell them"):
        read_screen_set(file)
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    [screen] = read_screen_set(file).screens
    assert (screen.width, screen.height, screen.widgets) == (64, 48, ())


def test_a_folder_without_a_set_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no folder .*nowhere"):
        read_screen_set(tmp_path / "nowhere")
    with pytest.raises(MissingError, match=r"has no annotations\.json or screens\.jsonl"):
        read_screen_set(tmp_path)
    with pytest.raises(InputError, match=r"has annotations\.json and screens\.jsonl; name the one"):
        read_screen_set(coco(listed(tmp_path, LINE), ("radio", None, {})))
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(InputError, match=r"a\.csv: a set of screens is a folder with"):
        read_screen_set(tmp_path / "a.csv")


def test_an_empty_set_and_what_is_no_json_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lists no screen"):
        read_screen_set(listed(tmp_path))
    (tmp_path / "screens.jsonl").write_text("[1]\n")
    with pytest.raises(InputError, match="expected an object"):
        read_screen_set(tmp_path)
    (tmp_path / "other.json").write_text("{")
    with pytest.raises(InputError, match=r"other\.json: is no JSON"):
        read_screen_set(tmp_path / "other.json")
    (tmp_path / "other.json").write_text('{"images": []}')
    with pytest.raises(InputError, match=r"other\.json: categories: Field required"):
        read_screen_set(tmp_path / "other.json")
