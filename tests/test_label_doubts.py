"""Rows of labels of which nobody can tell what is meant: they are refused, or passed over and said."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from active.exchange.labels import LabelImport, export_labels, import_labels
from active.store.store import LabelStore
from base.errors import InputError
from base.spelling import fold_spelling


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def take(store: LabelStore, tmp_path: Path, content: str, format_name: str = "csv") -> LabelImport:
    source = tmp_path / "rows"
    source.write_text(content, encoding="utf-8")
    return import_labels(store, source, format_name=format_name)


def labels(store: LabelStore) -> dict[str, str]:
    return {each.path.name: each.label for each in store.labels()}


# Spellings


@pytest.mark.parametrize(
    ("one", "two"),
    [("1", "1,0"), ("0.5", "0,50"), ("on", '=""on""'), ("off", "'off"), ("on", "оn"), ("ON", "ΟΝ"), ("off", "оff")],
)
def test_what_spreadsheets_and_other_keyboards_make_of_a_label_is_no_class_beside_it(
    store: LabelStore, tmp_path: Path, one: str, two: str
) -> None:
    with pytest.raises(InputError, match=r"differ in their spelling alone \(line [23] and line [23]\)"):
        take(store, tmp_path, f'file,label\n0.png,"{one}"\n1.png,"{two}"\n')
    assert labels(store) == {}


def test_letters_that_look_alike_are_shown_by_their_numbers(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the labels 'on' and '\\u043en' differ"):
        take(store, tmp_path, "file,label\n0.png,on\n1.png,оn\n")


@pytest.mark.parametrize(
    ("one", "two"), [("on", "off"), ("да", "нет"), ("1,0", "10"), ("вкл", "выкл"), ("ναι", "όχι"), ("'", '"')]
)
def test_names_that_nobody_mistakes_are_two(one: str, two: str) -> None:
    assert fold_spelling(one) != fold_spelling(two)


# No label


@pytest.mark.parametrize("word", ["#NAME?", "#REF!", "#VALUE!", "#DIV/0!", r"\N", "(null)", "-1", "-1.0"])
def test_errors_of_spreadsheets_and_minus_one_are_no_class(store: LabelStore, tmp_path: Path, word: str) -> None:
    result = take(store, tmp_path, f"file,label\n0.png,on\n1.png,{word}\n")
    assert labels(store) == {"0.png": "on"}
    assert result.reasons == {f"labelled {word!r}, which is taken for no label": 1}


def test_minus_one_is_a_class_where_the_row_means_it(store: LabelStore, tmp_path: Path) -> None:
    take(store, tmp_path, "file,label,action\n0.png,-1,label\n")
    assert labels(store) == {"0.png": "-1"}


def test_the_classes_are_counted_so_that_a_word_that_is_none_is_seen(store: LabelStore, tmp_path: Path) -> None:
    rows = "file,label\n0.png,on\n1.png,TBD\n2.png,on\n2.png,on\nx.png,on\n"
    assert take(store, tmp_path, rows).classes_text() == "classes: TBD 1, on 2"
    assert take(store, tmp_path, rows).classes == {"TBD": 1, "on": 2}
    assert take(store, tmp_path, "file,label\nx.png,on\n").classes_text() == "classes: none"


# Several values


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ("on|off", "label 'on|off' is 2 values, 'on', 'off' (line 3)"),
        ("on, off", "label 'on, off' is 2 values, 'on', 'off' (line 3)"),
        ("off;ON", "label 'off;ON' is 2 values, 'off', 'ON' (line 3)"),
        ('[""on""]', """label '["on"]' is a list or an object of JSON (line 3)"""),
        ('{""choices"": [""on""]}', "is a list or an object of JSON (line 3)"),
    ],
)
def test_several_values_in_a_cell_are_refused(store: LabelStore, tmp_path: Path, label: str, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        take(store, tmp_path, f'file,label\n0.png,on\n1.png,"{label}"\n')
    assert fault in str(caught.value)
    assert labels(store) == {}


def test_a_comma_may_be_part_of_a_name_and_a_row_may_mean_what_it_says(store: LabelStore, tmp_path: Path) -> None:
    take(store, tmp_path, 'file,label,action\n0.png,"on, really",\n1.png,off,\n2.png,off|on,label\n')
    assert labels(store) == {"0.png": "on, really", "1.png": "off", "2.png": "off|on"}
    export_labels(store, tmp_path / "out.csv", format_name="csv")
    with LabelStore.open(tmp_path / "again.db", annotator="ann") as again:
        import_labels(again, tmp_path / "out.csv", format_name="csv")
        assert labels(again) == labels(store)


# Values of a kind that no column holds


@pytest.mark.parametrize("field", ["file", "file_name", "path", "sha256", "label", "annotator", "action", "note"])
@pytest.mark.parametrize("value", [{"a": "0.png"}, ["0.png"], [{}], True])
def test_a_value_of_another_kind_is_refused_by_its_line(
    store: LabelStore, tmp_path: Path, field: str, value: Any
) -> None:
    row = {"path": "0.png", "label": "on"} | {field: value}
    with pytest.raises(InputError, match=rf"rows:1: {field} is .*; expected |rows:1: file is .*; expected the name"):
        take(store, tmp_path, json.dumps(row), "jsonl")


def test_half_a_letter_is_refused_by_its_line(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rows:1: has the half of a letter, '\\ud83d'"):
        take(store, tmp_path, '{"file": "0.png", "label": "on", "annotator": "\\ud83d"}', "jsonl")


# Pictures


def test_a_picture_that_is_another_by_now_is_said(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hashes = [hashlib.sha256((tmp_path / f"{number}.png").read_bytes()).hexdigest() for number in range(3)]
    rows = [f"{number}.png,{item},on" for number, item in enumerate(hashes)]
    Image.new("RGB", (8, 8), "white").save(tmp_path / "1.png")
    (tmp_path / "2.png").unlink()
    assert take(store, tmp_path, "\n".join(["path,sha256,label", *rows])).new == 3
    changed = f"{tmp_path}: 1 picture is not the one that the rows' sha256 says (first: {tmp_path / '1.png'})"
    assert [line for line in caplog.messages if "sha256" in line] == [
        f"{changed}; labels are those of the pictures that were there then, and not of these"
    ]


def test_rows_without_a_field_of_the_picture_are_refused(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no field says which picture; one of .*; found image, label"):
        take(store, tmp_path, '{"image": "0.png", "label": "on"}', "jsonl")


@pytest.mark.parametrize("format_name", ["csv", "jsonl"])
def test_a_file_without_rows_is_said(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, format_name: str
) -> None:
    take(store, tmp_path, "file,label\n" if format_name == "csv" else "\n", format_name)
    assert "rows: has no rows" in caplog.text


def test_a_column_of_times_is_named_with_the_one_that_is_read(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    take(store, tmp_path, "file,label,Timestamp\n0.png,on,2026-11-27T10:00:00Z\n")
    assert "column 'Timestamp' is not read; times, by which the newest label counts, are in labelled_at" in caplog.text
