"""What exports of Label Studio leave to guess is asked, and what is not taken is said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from active.exchange.labels import import_labels
from active.store.store import LabelStore
from base.errors import InputError

AT = "2024-01-01T00:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def take(store: LabelStore, tmp_path: Path, content: Any, **more: Any) -> dict[str, int]:
    source = tmp_path / "export"
    source.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return dict(import_labels(store, source, format_name="label-studio", **more).reasons)


def said(store: LabelStore) -> list[tuple[str, str, str | None]]:
    return sorted((each.path.name, each.annotator, each.label) for each in store.records())


def row(picture: str, **own: Any) -> dict[str, Any]:
    """Return a row as JSON-MIN has it: data, id, controls, and what Label Studio knows."""
    rest = {"annotator": 3, "annotation_id": 1, "created_at": AT, "updated_at": AT, "lead_time": 1.5}
    return {"image": picture, **own.pop("data", {}), "id": 1, **own, **rest}


def annotation(label: str, **more: Any) -> dict[str, Any]:
    result = {"type": "choices", "from_name": "state", "to_name": "image", "value": {"choices": [label]}}
    return {"result": [result], "created_at": AT, "completed_by": 3} | more


def task(picture: str, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": {"image": picture}, "annotations": [*annotations]} | more


# Which column is the control


def test_data_before_the_id_is_no_control(store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert take(store, tmp_path, [row("0.png", data={"site": "shop"}, state="on")]) == {}
    assert said(store) == [("0.png", "3", "on")]
    assert "export: 1 column is not read: 'site'" in caplog.text


def test_rows_in_which_nobody_chose_anything_have_no_label(store: LabelStore, tmp_path: Path) -> None:
    assert take(store, tmp_path, [row("0.png", data={"site": "shop"})]) == {"annotated without a choice of anything": 1}
    assert said(store) == []


def test_a_column_that_is_only_left_over_is_asked_about(store: LabelStore, tmp_path: Path) -> None:
    table = f"annotation_id,annotator,created_at,id,image,site,updated_at\n1,3,{AT},1,0.png,shop,{AT}\n"
    with pytest.raises(InputError, match=r"cannot be told; --control NAME says it, of site \(1 value, as 'shop'\)"):
        take(store, tmp_path, table)
    named = table.replace("site", "state").replace("shop", "on")
    assert take(store, tmp_path, named, control="state") == {}
    assert said(store) == [("0.png", "3", "on")]
    with pytest.raises(InputError, match="no control 'annotator'; there are state"):
        take(store, tmp_path, named, control="annotator")


def test_choices_as_an_object_are_a_control_in_any_order(store: LabelStore, tmp_path: Path) -> None:
    answer = {"annotation_id": 1, "image": "0.png", "state": {"choices": ["on"]}, "annotator": 3}
    assert take(store, tmp_path, [answer]) == {}
    assert said(store) == [("0.png", "3", "on")]


def test_none_is_a_choice_in_json_and_no_value_in_a_table(store: LabelStore, tmp_path: Path) -> None:
    take(store, tmp_path, [row("0.png", state="None")])
    assert said(store) == [("0.png", "3", "None")]
    fields = row("1.png", state="None")
    table = ",".join(fields) + "\n" + ",".join(map(str, fields.values())) + "\n"
    assert take(store, tmp_path, table) == {"annotated without a choice of state": 1}


# Who


def test_a_user_is_one_by_number_and_by_address(store: LabelStore, tmp_path: Path) -> None:
    take(
        store,
        tmp_path,
        [
            task("0.png", annotation("on", completed_by={"id": 3, "email": "eve@x.org"})),
            task("1.png", annotation("off", completed_by=3)),
            task("2.png", annotation("on", completed_by={"id": 4})),
        ],
    )
    assert said(store) == [("0.png", "eve@x.org", "on"), ("1.png", "eve@x.org", "off"), ("2.png", "4", "on")]


def test_a_number_with_two_addresses_is_refused(store: LabelStore, tmp_path: Path) -> None:
    users = ({"id": 3, "email": "eve@x.org"}, {"id": 3, "email": "bob@x.org"})
    with pytest.raises(InputError, match=r"user 3 is eve@x\.org as well as bob@x\.org"):
        take(store, tmp_path, [task("0.png", *(annotation("on", completed_by=who) for who in users))])


# What else a task holds


def test_ground_truth_counts_and_is_said(store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    take(store, tmp_path, [task("0.png", annotation("on", ground_truth=True))])
    assert said(store) == [("0.png", "3", "on")]
    assert "1 annotation marked as ground truth counts as any other does (first: task 1)" in caplog.text


def test_completions_of_old_exports_are_annotations(store: LabelStore, tmp_path: Path) -> None:
    old = [annotation("on", created_at=1577836800), {"result": [], "skipped": True, "created_at": 1577836801}]
    tasks = [{"data": {"image": f"{number}.png"}, "completions": [each]} for number, each in enumerate(old)]
    take(store, tmp_path, tasks)
    assert [(each.path.name, each.action, each.at) for each in store.records()] == [
        ("0.png", "label", "2020-01-01T00:00:00.000+00:00"),
        ("1.png", "skip", "2020-01-01T00:00:01.000+00:00"),
    ]
    with pytest.raises(InputError, match="task 1 has annotations as well as completions"):
        take(store, tmp_path, [task("0.png", annotation("on"), completions=[annotation("off")])])


def test_results_that_are_no_choices_are_counted(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    both = annotation("on")
    both["result"].append({"type": "textarea", "from_name": "why", "to_name": "image", "value": {"text": ["dim"]}})
    take(store, tmp_path, [task("0.png", both)])
    assert said(store) == [("0.png", "3", "on")]
    assert "1 result of type textarea not read (first: task 1)" in caplog.text


def test_what_is_no_task_is_refused(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="task 1 is not a task for choices of an image: it has no data"):
        take(store, tmp_path, [{"file": "0.png", "label": "on"}])


# What is no label of the picture


@pytest.mark.parametrize(
    ("reviews", "rejected"),
    [
        ([{"accepted": False}], True),
        ([{"accepted": True}], False),
        ([{"accepted": False, "created_at": AT}, {"accepted": True, "created_at": "2025"}], False),
        ([{"accepted": True, "created_at": "2025"}, {"accepted": False, "created_at": "2026"}], True),
        ([{"accepted": True}, {"accepted": False}], True),
        ([], False),
    ],
)
def test_what_a_review_rejected_is_passed_over(
    store: LabelStore, tmp_path: Path, reviews: list[dict[str, Any]], rejected: bool
) -> None:
    tasks = [task("0.png", annotation("on", reviews=reviews)), task("1.png", annotation("off"))]
    assert take(store, tmp_path, tasks) == ({"annotated and rejected in a review": 1} if rejected else {})
    assert said(store) == [*([] if rejected else [("0.png", "3", "on")]), ("1.png", "3", "off")]


def test_a_choice_for_a_text_beside_the_picture_is_passed_over(store: LabelStore, tmp_path: Path) -> None:
    chosen = annotation("on")
    chosen["result"][0]["to_name"] = "text"
    tasks = [{"data": {"image": "0.png", "text": "Accept all"}, "annotations": [chosen]}]
    assert take(store, tmp_path, tasks) == {"annotated with a choice for text, which is no picture": 1}
    assert said(store) == []


def test_a_picture_behind_the_id_is_no_control(store: LabelStore, tmp_path: Path) -> None:
    values = row("0.png", state="on")
    assert take(store, tmp_path, [{"id": 1, **values}]) == {}
    assert said(store) == [("0.png", "3", "on")]


def test_uploads_without_a_picture_are_explained(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert take(store, tmp_path, [task("/data/upload/3/1a2b-0.png", annotation("on"))]) == {"without a picture": 1}
    assert "1 name is that of an upload in Label Studio (first: /data/upload/3/1a2b-0.png)" in caplog.text


@pytest.mark.parametrize("time", ["NaN", "1e300"])
def test_a_number_that_is_no_time_is_said(store: LabelStore, tmp_path: Path, time: str) -> None:
    with pytest.raises(InputError, match=r"labelled_at is '.*'; expected a time with its zone"):
        take(store, tmp_path, json.dumps([row("0.png", state="on") | {"updated_at": 0}]).replace(
            '"updated_at": 0', f'"updated_at": {time}'))  # fmt: skip
