"""The columns are one list: what is added there is in every format, can be sorted by, and survives an interruption."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from base.errors import ImageError, InputError
from model.classifying import columns, kept_rows
from model.classifying.classify import ClassifySettings, classify_to_table
from model.classifying.columns import AnswerField, ClassifiedRow, Column, Header
from model.classifying.copy_to import copy_picture
from model.classifying.kept_rows import classified_keeper
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.reading.images import content_hash
from model.reading.picture_reference import file_picture
from model.running import predict as predict_module
from model.running.readings import Classification, Reading
from model.tables.journal import open_journal
from service.answered_columns import answered_fields, answered_values
from tests.crops import draw_crop, write_crops
from tests.test_predict import CLASSES, model

TABLE = Header(CLASSES, "f" * 16, locates=True)


def aspect(row: ClassifiedRow, _: Header) -> float | None:
    size = row.result.size
    return None if size is None else size[0] / size[1]


ASPECT = Column(("aspect",), float, aspect, decimals=2, order="aspect IS NULL, aspect DESC, seq")


def test_a_column_that_is_added_to_the_list_is_answered_by_the_service_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = replace(ASPECT, answer=AnswerField("aspect", "Width over height."))
    monkeypatch.setattr(columns, "ROW_COLUMNS", (*columns.ROW_COLUMNS, answered))
    row = ClassifiedRow("a.png", "", Classification(CLASSES, Reading((0.5, 0.25, 0.25), size=(72, 48))))
    body = answered_fields("Body")(**answered_values(row, TABLE))
    assert body.model_dump()["aspect"] == 1.5
    assert body.model_dump() | {"aspect": None} == {
        "name": "a.png", "prediction": "checked", "confidence": 0.5,
        "probabilities": {"checked": 0.5, "other": 0.25, "unchecked": 0.25},
        "kind": None, "box": None, "error": None, "note": None, "aspect": None,
    }  # fmt: skip
    assert "Width over height." in str(answered_fields("Body").model_json_schema())


@pytest.fixture
def loaded(tmp_path: Path) -> Model:
    save_model(model(), tmp_path, training={})
    return load_model(tmp_path)


def interrupt(done: int, _: int) -> None:
    if done >= 8:
        raise KeyboardInterrupt


def test_a_column_that_is_added_to_the_list_is_in_all_formats_and_in_a_run_that_goes_on(
    loaded: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "ROW_COLUMNS", (*columns.ROW_COLUMNS, ASPECT))
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 4)
    pool = write_crops(tmp_path / "pool", 4)
    (pool / "text.png").write_text("I am a text")
    settings = ClassifySettings(sort="aspect")
    found = {}
    for ending in ("csv", "jsonl", "parquet"):
        output, whole = tmp_path / f"out.{ending}", tmp_path / f"whole.{ending}"
        classify_to_table(loaded, [pool], output=whole, settings=settings)
        with pytest.raises(KeyboardInterrupt):
            classify_to_table(loaded, [pool], output=output, settings=settings, on_progress=interrupt)
        classify_to_table(loaded, [pool], output=output, settings=settings, resume=True)
        assert output.read_bytes() == whole.read_bytes()
        found[ending] = output
    rows = list(csv.DictReader(found["csv"].read_text().splitlines()))
    lines = [json.loads(line) for line in found["jsonl"].read_text().splitlines()]
    values = [line["aspect"] for line in lines]
    assert values[:-1] == sorted(values[:-1], reverse=True)
    assert values[-1] is None
    assert 0.5 < values[0] < 4
    assert [row["aspect"] for row in rows] == [f"{value:.2f}" for value in values[:-1]] + [""]
    assert pq.read_table(found["parquet"]).to_pylist() == lines


def test_a_journal_gives_back_the_very_rows_that_it_was_given(tmp_path: Path) -> None:
    # Rounded to four decimals both would be 0.5, and the first class the likelier.
    close = Reading((0.49996, 0.50004, 0.0), kind="radio", box=(0.123456, 2.0, 3.0, 4.5), size=(72, 48))
    rows = [
        ClassifiedRow("a.png", "a" * 64, Classification(CLASSES, close), Path("a.png")),
        ClassifiedRow("caf\udce9.png", "b" * 64, Classification(CLASSES, close), Path("out/b.png"), "disk is full"),
        ClassifiedRow("c.png", "", Classification(CLASSES, Reading(None, "is empty"))),
    ]
    with open_journal(tmp_path / "journal", classified_keeper(TABLE), begun={}) as opened:
        opened.add(rows)
        assert list(opened.rows()) == rows
        assert [row.prediction for row in opened.rows(sort="prediction")] == ["other", "other", None]
        assert [row.error for row in opened.rows()] == [None, "disk is full", "is empty"]


def test_a_journal_of_readings_that_had_other_fields_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ClassifiedRow("a.png", "a" * 64, Classification(CLASSES, Reading((1.0, 0.0, 0.0))))
    with (
        pytest.raises(KeyboardInterrupt),
        open_journal(tmp_path / "journal", classified_keeper(TABLE), begun={}) as opened,
    ):
        opened.add([row])
        raise KeyboardInterrupt
    monkeypatch.setattr(kept_rows, "KEPT", (*kept_rows.KEPT, "tilt"))
    with (
        pytest.raises(InputError, match=r"kept of a picture: .* leave out --resume to begin again"),
        open_journal(tmp_path / "journal", classified_keeper(TABLE), begun={}, resume=True),
    ):
        pass


def test_columns_of_place_are_there_only_where_the_model_tells_it() -> None:
    bare = Header(CLASSES, "f" * 16, locates=False)
    assert set(TABLE.columns) - set(bare.columns) == {"kind", "left_px", "top_px", "width_px", "height_px"}
    row = ClassifiedRow("a.png", "a" * 64, Classification(CLASSES, Reading((0.5, 0.25, 0.25), size=(72, 48))))
    for header in (TABLE, bare):
        assert len(header.cells(row)) == len(header.columns)


def test_a_class_that_is_called_as_a_column_has_another_name() -> None:
    header = Header(("error", "other"), "f" * 16, locates=False)
    assert list(header.columns)[3:5] == ["probability_error", "other"]
    row = ClassifiedRow("a.png", "a" * 64, Classification(header.classes, Reading((0.75, 0.25), size=(7, 5))))
    assert dict(zip(header.columns, header.cells(row), strict=True)) == {
        **{"path": "a.png", "prediction": "error", "confidence": 0.75, "probability_error": 0.75, "other": 0.25},
        **{
            "image_width_px": 7,
            "image_height_px": 5,
            "content_hash": "a" * 16,
            "model": "f" * 16,
            "error": None,
            "note": None,
        },
    }


def test_what_changed_since_it_was_classified_is_not_copied_as_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    draw_crop("checked", 0).save(path)
    row = ClassifiedRow("a.png", content_hash(path), Classification(CLASSES, Reading((1.0, 0.0, 0.0))), path)
    draw_crop("other", 0).save(path)
    with pytest.raises(ImageError, match="the file has changed since it was classified"):
        copy_picture(file_picture(path), row, tmp_path / "copies")
    assert not (tmp_path / "copies").exists()
