"""What an earlier version wrote still opens: tests/data/before says what is there, and who wrote it."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from active.loop.loop_record import read_rounds
from active.store.store import LabelStore
from base.errors import InputError
from generator.crops.manifest import read_manifest
from generator.crops.recipe import Recipe
from generator.datasets.dataset import GenerateSettings
from generator.datasets.rerender import rerender
from generator.families.screen_layout import load_layouts
from generator.formats.crop_formats import CROP_FORMATS, read_crops
from generator.formats.dataset_json import describe_dataset, read_description
from generator.libraries.installed import load_catalogue
from generator.rendering.studio import find_surroundings
from generator.sampling.cell import Palette
from model.networks.trained_model import load_model
from model.splitting.folds import read_split
from tests.kept_worker import draw
from tests.test_cli import run

BEFORE = Path(__file__).parent / "data" / "before"
SETS = sorted(path.name for path in (BEFORE / "sets").iterdir())

CLOSE = 2e-3
"""Processors add up in different orders; what is shown has four digits."""


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of everything, which is the working folder."""
    place = shutil.copytree(BEFORE, tmp_path / "before")
    monkeypatch.chdir(place)
    return place


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(row: dict[str, str]) -> Iterator[float]:
    yield from (float(row[name]) for name in ("confidence", "checked", "other", "unchecked"))


def near(value: Any, expected: Any) -> bool:
    """Tell whether two JSON values are the same but for rounding."""
    if isinstance(expected, dict):
        return value.keys() == expected.keys() and all(near(value[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(value) == len(expected) and all(map(near, value, expected))
    return bool(value == pytest.approx(expected, abs=CLOSE) if isinstance(expected, float) else value == expected)


@pytest.mark.parametrize("model", ["runs/pruned", "pruned.onnx"])
def test_the_run_and_its_export_classify_as_they_did(before: Path, model: str) -> None:
    code, _, errors = run("classify", "pool", "-m", model, "-o", "now.csv")
    assert code == 0, errors
    then, now = rows_of(Path("kept/predictions.csv")), rows_of(Path("now.csv"))
    assert len(then) == 12
    for old, new in zip(then, now, strict=True):
        assert list(new)[: len(old)] == list(old)
        assert list(numbers(new)) == pytest.approx(list(numbers(old)), abs=CLOSE)
        for name in ("path", "kind", "image_width_px", "image_height_px", "content_hash", "error"):
            assert new[name] == old[name]
        if sorted(numbers(old))[-2] < float(old["confidence"]) - CLOSE:
            assert new["prediction"] == old["prediction"]


def test_the_run_is_evaluated_as_it_was(before: Path) -> None:
    code, out, errors = run("evaluate", "runs/pruned", "val", "--json")
    assert code == 0, errors
    then = json.loads(Path("kept/evaluation.json").read_text(encoding="utf-8"))
    now = json.loads(out)
    assert then.keys() <= now.keys()
    assert near({name: now[name] for name in then}, then)
    assert "9 of 9 pictures were in the training or validation data" in errors  # seen.npz was read


def test_the_stopped_run_goes_on_to_what_it_would_have_come_to(before: Path) -> None:
    code, _, errors = run("train", "--resume", "--out", "runs/stopped")
    assert code == 0, errors
    then, now = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (Path("kept/resumed.jsonl"), Path("runs/stopped/metrics.jsonl"))
    )
    clock = {"seconds", "images_per_s"}
    for old, new in zip(then, now, strict=True):
        assert near({name: new[name] for name in old.keys() - clock}, {name: old[name] for name in old.keys() - clock})
    assert load_model(Path("runs/stopped")).classes == ("checked", "other", "unchecked")


def test_a_run_may_start_from_the_run(before: Path) -> None:
    words = ("--real", "real", "--val", "val", "--init", "runs/pruned", "--epochs", "1", "--threads", "1")
    code, _, errors = run("train", *words, "--out", "runs/new")
    assert code == 0, errors
    assert load_model(Path("runs/new")).widths == load_model(Path("runs/pruned")).widths


def test_the_split_holds_out_what_it_did(before: Path) -> None:
    rows = rows_of(Path("split.csv"))
    split = read_split(Path("split.csv"))
    assert [(row.file_name, row.fold) for row in split.rows] == [(row["file_name"], int(row["fold"])) for row in rows]
    code, out, errors = run("evaluate", "runs/pruned", "real", "--split", "split.csv", "--fold", "1", "--json")
    assert code == 0, errors
    assert json.loads(out)["n"] == sum(row["fold"] == "1" for row in rows)


@pytest.mark.parametrize("kept", sorted((BEFORE / "kept").glob("labels.*")), ids=lambda path: path.suffix)
def test_the_store_exports_what_it_did_and_what_was_skipped(before: Path, kept: Path) -> None:
    code, _, errors = run("labels", "export", "now", "--format", kept.suffix.removeprefix("."), "--store", "labels.db")
    assert code == 0, errors
    then, now = exported_rows(kept), exported_rows(Path("now"))
    assert len(then) == 11
    assert not [row for row in then if row not in now]
    assert {row["action"] for row in now if row not in then} == {"skip"}


@pytest.mark.parametrize("kept", sorted((BEFORE / "kept").glob("labels.*")), ids=lambda path: path.suffix)
def test_a_new_store_takes_in_what_was_exported(before: Path, kept: Path) -> None:
    LabelStore.open(Path("new.db")).close()
    code, _, errors = run("labels", "import", kept, "--format", kept.suffix.removeprefix("."), "--store", "new.db")
    assert code == 0, errors
    with LabelStore.open(Path("new.db"), create=False) as new, LabelStore.open(Path("labels.db"), create=False) as old:
        said = [{(each.item, each.annotator, each.label, each.at) for each in store.labels()} for store in (new, old)]
        assert said[0] == said[1]


def exported_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an export, whatever their order and what they stand in."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("["):
        return [row for task in json.loads(text) for row in task["meta"]["boxwright"]]
    return [json.loads(line) for line in text.splitlines()] if text.startswith("{") else rows_of(path)


def test_the_store_keeps_every_kind_of_event(before: Path) -> None:
    with LabelStore.open(Path("labels.db"), create=False, annotator="ann") as store:
        events = store.events()
        assert {event.action for event in events} == {"label", "skip", "discard", "flag", "unflag", "note"}
        assert {event.annotator for event in events} == {"ann", "bob", "carol"}
        assert [event.settles for event in events].count(True) == 1
        assert [event.hinted for event in events].count(True) == 1
        [noted] = [event.item for event in events if event.action == "note"]
        assert store.remarks(noted) == (True, "a box in a box")
        assert store.counts().discarded == 1
    code, out, _ = run("labels", "disputes", "--store", "labels.db")
    assert code == 0
    assert out == Path("kept/disputes.txt").read_text(encoding="utf-8")


def test_the_store_takes_more_labels_and_takes_them_back(before: Path) -> None:
    with LabelStore.open(Path("labels.db"), create=False, annotator="ann") as store:
        [item, *_] = store.open_items()
        count = len(store.events())
        store.record(item.item, "label", "other")
        undone = store.undo()
        assert undone is not None
        assert (undone.item, len(store.events())) == (item.item, count)


def test_the_store_finds_pictures_that_were_moved_and_queues_the_rest(before: Path) -> None:
    code, out, errors = run("queue", "pool", "-m", "runs/pruned", "-n", "12", "--store", "labels.db")
    assert code == 0, errors
    assert out.count("pool/") == 12 - 9  # what is labelled, discarded or in dispute is not offered again
    with LabelStore.open(Path("labels.db"), create=False) as store:
        assert {item.path.parent for item in store.open_items()} >= {before / "pool"}


def test_the_loop_knows_its_round_and_its_model(before: Path) -> None:
    [record] = read_rounds(Path("loop"))
    assert record.number == 1
    words = ("pool", "--init", "runs/pruned", "-n", "6", "--out", "loop", "--store", "loop.db")
    code, out, errors = run("loop", *words)
    assert code == 0, errors
    assert "nothing is left to choose" in out
    assert "model: loop/round-01/model" in out


@pytest.mark.parametrize("name", SETS)
def test_the_data_sets_are_read(name: str) -> None:
    folder = BEFORE / "sets" / name
    described = read_description(folder)
    assert described.format == name
    items = list(read_crops(folder))
    assert len(items) == described.n
    for item in items:
        assert isinstance(item.row, CROP_FORMATS[name].row)
        assert item.row.family if name != "coco" else item.row.objects.family


def test_a_network_learns_from_the_data_set(before: Path) -> None:
    words = ("--synthetic", "sets/folder", "--val", "val", "--backbone", "tiny", "--epochs", "1", "--threads", "1")
    code, _, errors = run("train", *words, "--out", "runs/new")
    assert code == 0, errors


@pytest.mark.browser
@pytest.mark.usefixtures("rendered_by_studio")
@pytest.mark.parametrize("name", [name for name in SETS if name != "coco"])
def test_a_crop_is_rendered_again_to_the_same_bytes_or_its_templates_have_changed(name: str) -> None:
    folder = BEFORE / "sets" / name
    row = next(iter(read_manifest(folder)))
    changed = changed_since(folder)
    if {"families", "shared"} & set(changed):
        with pytest.raises(InputError, match="families have changed since"):
            rerender(folder, row.file_name)
    elif changed:
        pytest.skip(f"crops look different here: {', '.join(changed)} are not what they were")
    else:
        assert rerender(folder, row.file_name).same


@pytest.mark.browser
@pytest.mark.parametrize("name", SETS)
def test_a_data_set_is_completed_to_the_same_bytes_or_what_has_changed_is_named(before: Path, name: str) -> None:
    folder = before / "sets" / name
    then = read_description(folder)
    settings = GenerateSettings(n=then.n, seed=then.seed, format=name, families=tuple(then.families), workers=1)
    whole = content(folder)
    for part in (folder / ".shards").iterdir():
        part.unlink()
    if changed := changed_since(folder):
        with pytest.raises(InputError, match=re.escape(f"begun with other settings ({', '.join(sorted(changed))})")):
            draw(folder, settings, resume=True)
    else:
        draw(folder, settings, resume=True)
        assert content(folder) == whole


def content(folder: Path) -> dict[str, bytes]:
    """Return a data set's files but for its card, whose words may change."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.parent.name != ".card"}


def changed_since(folder: Path) -> list[str]:
    """Return what decides pixels and is not as it was: templates, or browser, fonts and packages of this machine."""
    then = read_description(folder)
    families = {name: load_catalogue()[name] for name in then.families}
    choice, around = find_surroundings()
    layouts = load_layouts() if then.format == "coco" else {}
    palette = Palette(families, around.fonts, around.scripts)
    recipe = Recipe(palette, then.seed, then.n, then.views, then.pairs, layouts=layouts)
    now = describe_dataset(recipe, {"chromium": choice}, format_name=then.format, command=then.command)
    return [name for name in type(then).model_fields if getattr(then, name) != getattr(now, name)]
