"""Tables of labels as programs write them: what says nothing, what says two things, what cannot be a class."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from active.exchange.labels import LabelImport, export_labels, import_labels
from active.store.store import LabelStore
from base.errors import InputError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def take(store: LabelStore, tmp_path: Path, content: str, format_name: str = "csv", **more: Any) -> LabelImport:
    source = tmp_path / "rows"
    source.write_text(content, encoding="utf-8")
    return import_labels(store, source, format_name=format_name, **more)


def labels(store: LabelStore) -> dict[str, str]:
    return {each.path.name: each.label for each in store.labels()}


# No value


@pytest.mark.parametrize("word", ["nan", "NaN", "NULL", "null", "None", "N/A", "NA", "?", "-", "#N/A"])
def test_a_word_for_no_label_is_no_class_and_counted(store: LabelStore, tmp_path: Path, word: str) -> None:
    result = take(store, tmp_path, f"file,label\n0.png,on\n1.png,{word}\n2.png,{word}\n")
    assert labels(store) == {"0.png": "on"}
    assert result.passed_over_text() == (
        f"2 rows passed over: 2 labelled {word!r}, which is taken for no label (first: 1.png)"
    )


def test_a_row_without_a_label_is_passed_over_and_named(store: LabelStore, tmp_path: Path) -> None:
    assert take(store, tmp_path, "file,label\n0.png,on\n1.png,\n").passed_over_text() == (
        "1 row passed over: 1 without a label (first: 1.png)"
    )
    lines = '{"file": "0.png", "label": "on"}\n{"file": "2.png", "label": NaN}\n{"file": "1.png", "label": null}\n'
    assert take(store, tmp_path, lines, "jsonl").reasons == {
        "labelled 'nan', which is taken for no label": 1,
        "without a label": 1,
    }


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "label-studio", "folders", "imagefolder"])
def test_a_class_that_is_called_none_goes_out_and_comes_in(store: LabelStore, tmp_path: Path, format_name: str) -> None:
    take(store, tmp_path, "file,label,action\n0.png,none,label\n1.png,on,\n")
    assert labels(store) == {"0.png": "none", "1.png": "on"}
    export_labels(store, tmp_path / "out", format_name=format_name)
    with LabelStore.open(tmp_path / "second.db", annotator="ann") as second:
        import_labels(second, tmp_path / "out", format_name=format_name)
        assert labels(second) == {"0.png": "none", "1.png": "on"}


def test_nobody_is_called_nan(store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    take(store, tmp_path, "file,label,annotator,labelled_at\n0.png,on,NaN,NaN\n")
    assert [record.annotator for record in store.records()] == ["ann"]
    assert "rows: annotator 'NaN' is nobody" in caplog.text


@pytest.mark.parametrize(("one", "two"), [("0", "0.0"), ("1.0", "1"), ("True", "true")])
def test_spellings_of_one_value_are_refused(store: LabelStore, tmp_path: Path, one: str, two: str) -> None:
    with pytest.raises(InputError, match="differ in their spelling alone \\(line"):
        take(store, tmp_path, f"file,label\n0.png,{one}\n1.png,{two}\n")


# Two things


def test_two_columns_that_name_different_pictures_are_refused(store: LabelStore, tmp_path: Path) -> None:
    for column in ("file", "file_name", "filename"):
        with pytest.raises(InputError, match=r"rows \(line 3\): two columns name .*, path '1.png' .* '2.png'; remove"):
            take(store, tmp_path, f"path,{column},label\n0.png,0.png,on\n1.png,2.png,off\n")
    assert labels(store) == {}


def test_two_columns_that_name_one_picture_are_read(store: LabelStore, tmp_path: Path) -> None:
    (tmp_path / "copy.png").write_bytes((tmp_path / "1.png").read_bytes())
    rows = f"path,file,label\n/elsewhere/0.png,0.png,on\n{tmp_path}/1.png,copy.png,off\n"
    assert take(store, tmp_path, rows).reasons == Counter()
    assert sorted(labels(store).values()) == ["off", "on"]


def test_a_column_that_could_be_the_picture_or_the_label_is_named(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    take(store, tmp_path, "path,label,image,class,split\n0.png,on,x/0.png,on,train\n1.png,off,2.png,on,test\n")
    assert labels(store) == {"0.png": "on", "1.png": "off"}
    assert "rows: 3 columns are not read: 'image', 'class', 'split'" in caplog.text
    assert (
        "rows: column 'image' is not read, though it says another picture than column path in 1 row, "
        "as '2.png' and not '1.png' (line 3)" in caplog.text
    )
    assert "column 'class' is not read, though it says another label than column label in 1 row" in caplog.text


def test_a_name_that_is_given_twice_in_an_object_is_refused(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows:1: label is given twice, as 'on' and 'off'; keep one"):
        take(store, tmp_path, '{"file": "0.png", "label": "on", "label": "off"}', "jsonl")


# What columns hold


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("labelled_at", "27.11.2026 14:03", "rows:2: labelled_at is '27.11.2026 14:03'; expected a time with its zone"),
        ("labelled_at", "2026-11-27", "rows:2: labelled_at is '2026-11-27'; expected a time with its zone, as 2026-"),
        ("labelled_at", "20261127", "rows:2: labelled_at is '20261127'; expected a time with its zone"),
        ("hinted", "perhaps", "rows:2: hinted is 'perhaps'; expected true or false"),
        ("action", "delete", "rows:2: action is 'delete'; expected label, discard, no_widget, wrong_box, skip or none"),
        ("action", "skip", "rows:2: label 'on' does not go with action skip"),
    ],
)
def test_a_value_that_is_not_what_its_column_holds_is_said_in_a_sentence(
    store: LabelStore, tmp_path: Path, column: str, value: str, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        take(store, tmp_path, f"file,label,{column}\n0.png,on,{value}\n")
    assert message in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_an_action_to_label_needs_a_label(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows:2: there is no label, though the action is to label"):
        take(store, tmp_path, "file,label,action\n0.png,,label\n")


def test_numbers_are_labels_and_truth_values_are_refused(store: LabelStore, tmp_path: Path) -> None:
    take(store, tmp_path, '{"file": "0.png", "label": 1}', "jsonl")
    assert labels(store) == {"0.png": "1"}
    with pytest.raises(InputError, match="rows:1: label is True; expected a text"):
        take(store, tmp_path, '{"file": "1.png", "label": true}', "jsonl")


@pytest.mark.parametrize("label", ["on/off", ".", "..", ".on", "on\noff", "o" * 300, "labels.csv"])
@pytest.mark.parametrize("format_name", ["jsonl", "label-studio"])
def test_a_label_that_could_not_be_exported_is_refused(
    store: LabelStore, tmp_path: Path, label: str, format_name: str
) -> None:
    result = {"type": "choices", "from_name": "state", "to_name": "image", "value": {"choices": [label]}}
    task = {"data": {"image": "0.png"}, "annotations": [{"result": [result]}]}
    content = json.dumps({"file": "0.png", "label": label} if format_name == "jsonl" else [task])
    with pytest.raises(InputError, match=r"label .* \(.*1\) cannot be the name of a class folder: it "):
        take(store, tmp_path, content, format_name)
    assert store.records() == []
