"""Explaining folders: what is written, what it is worth, and how reports show it."""

import csv
import html
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from base.errors import ImageError, InputError, OutputExistsError
from cli import app
from model.classifying.classifier import Classifier, load_classifier
from model.explaining.explain import ExplainSettings, explain_pictures
from model.explaining.explained_rows import EXPLAINED_COLUMNS, _mean_gain
from model.explaining.faithfulness import centred_map, measure_faithfulness, random_map
from model.explaining.heat_map import HeatMap
from model.explaining.overlay import beside, draw_over
from model.networks.checkpoint import save_model
from model.networks.trained_model import load_model
from model.running.stages import Fitted
from tests.crops import draw_crop, write_crops
from tests.test_predict import model

MARK = (slice(10, 26), slice(70, 86))
"""Rows and columns of the dark square that `OnlyTheMark` goes by."""


class OnlyTheMark:
    """Stands for a classifier whose answer is the share of one dark square that can be seen."""

    model = SimpleNamespace(classes=("on", "off"))

    def probabilities(self, pictures: list[np.ndarray]) -> np.ndarray:  # type: ignore[type-arg]
        dark = np.array([(picture[MARK] < 60).mean() for picture in pictures], np.float32)
        return np.stack([dark, 1 - dark], axis=1)


def marked() -> Fitted:
    pixels = np.full((48, 128, 3), 250, np.uint8)
    pixels[MARK] = 20
    return Fitted(pixels, (128, 48))


def test_a_map_that_is_right_gains_and_one_that_is_wrong_loses() -> None:
    right = np.zeros((48, 128), np.float32)
    right[MARK] = 1
    classify = cast(Classifier, OnlyTheMark())
    good = measure_faithfulness(classify, marked(), HeatMap("on", right), name="a.png")
    bad = measure_faithfulness(classify, marked(), HeatMap("on", 1 - right), name="a.png")
    assert good.own.insertion > 0.9 > 0.1 > good.own.deletion
    assert good.gain > 0.9
    assert good.gain_over_centred > 0.15
    assert bad.gain < -0.3
    assert bad.random == good.random
    other = measure_faithfulness(classify, marked(), HeatMap("off", right), name="a.png")
    assert other.own.insertion == pytest.approx(1 - good.own.insertion, abs=1e-5)


def test_random_maps_follow_seed_and_name_alone() -> None:
    first = random_map((48, 100), 0, "a.png")
    assert first.shape == (48, 100)
    assert np.array_equal(first, random_map((48, 100), 0, "a.png"))
    assert not np.array_equal(first, random_map((48, 100), 1, "a.png"))
    assert not np.array_equal(first, random_map((48, 100), 0, "b.png"))


def test_the_spot_in_the_middle_is_hottest_there() -> None:
    heat = centred_map((49, 101))
    assert np.unravel_index(heat.argmax(), heat.shape) == (24, 50)
    assert centred_map((1, 1)).shape == (1, 1)


def test_a_gain_of_one_picture_proves_nothing() -> None:
    assert not _mean_gain([0.5]).is_proved
    assert "none that is proved" in _mean_gain([0.5]).to_text()
    many = _mean_gain([0.0, 1.0] * 50)
    assert 0.40 < many.interval[0] < 0.41 < 0.59 < many.interval[1] < 0.60


@pytest.mark.parametrize("size", [(1, 1), (9, 9), (900, 30), (30, 400), (1600, 50)])
def test_overlays_have_room_for_every_shape(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "white")
    for heat in (np.zeros((3, 4), np.float32), np.eye(4, dtype=np.float32), -np.ones((2, 2), np.float32)):
        drawn = draw_over(image, HeatMap("a", heat), (size[0] / 2, size[1] / 2))
        whole = beside(image, drawn, "checked 98% · label unchecked")
        assert drawn.width <= 720
        assert whole.width >= drawn.width


def test_an_even_map_leaves_a_grey_picture_as_it_is() -> None:
    image = Image.new("RGB", (60, 60), (200, 200, 200))
    drawn = draw_over(image, HeatMap("a", np.zeros((4, 4), np.float32)), (30, 30))
    assert drawn.getcolors() == [(drawn.width * drawn.height, (200, 200, 200))]


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn crops, one in a wrong class folder, one of a known box, one that is no picture."""
    folder = write_crops(tmp_path_factory.mktemp("crops") / "set", 2)
    draw_crop("checked", 77).save(folder / "unchecked" / "wrong <b>.png")
    (folder / "other" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    boxes = {"checked/0000.png": [0, 0, 200, 200], "checked/0001.png": [0, 0, 1, 1]}
    rows = [json.dumps({"file_name": name, "box": box}) for name, box in boxes.items()]
    (folder / "metadata.jsonl").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def explained(crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "maps"
    result = explain_pictures(load_model("pretrained"), [crops], out)
    assert (len(result.rows), len(result.unreadable), result.method) == (7, 1, "layer-cam")
    return out


def read_rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "explained.csv").open(newline="") as file:
        return {row["path"].split("/")[-2] + "/" + row["path"].split("/")[-1]: row for row in csv.DictReader(file)}


def test_each_picture_has_a_row_and_an_overlay(explained: Path, crops: Path) -> None:
    rows = read_rows(explained)
    assert len(rows) == 7
    for row in rows.values():
        assert list(row) == list(EXPLAINED_COLUMNS)
        with Image.open(explained / row["overlay"]) as overlay, Image.open(row["path"]) as picture:
            assert overlay.width > picture.width
            assert 0 <= float(row["peak_x_px"]) <= picture.width
            assert 0 <= float(row["peak_y_px"]) <= picture.height
    classify = load_classifier()
    row = rows["unchecked/wrong <b>.png"]
    [result] = classify([crops / "unchecked" / "wrong <b>.png"])
    assert (row["label"], row["prediction"]) == ("unchecked", result.label)
    assert float(row["confidence"]) == pytest.approx(result.confidence, abs=1e-4)


def test_boxes_of_metadata_say_whether_the_peak_is_on_the_widget(explained: Path) -> None:
    rows = read_rows(explained)
    assert [rows[f"checked/000{place}.png"]["in_box"] for place in (0, 1)] == ["true", "false"]
    assert rows["other/0000.png"]["in_box"] == ""


def test_errors_come_first_on_the_page(explained: Path) -> None:
    page = (explained / "explained.html").read_text(encoding="utf-8")
    groups = [html.unescape(name.strip()) for name in re.findall("<h3>([^<]+)", page)]
    wrong = [row for row in read_rows(explained).values() if row["label"] != row["prediction"]]
    assert groups[0] == f"{wrong[0]['label']} → {wrong[0]['prediction']}"
    assert sum("→" in name for name in groups) < len(groups)
    assert all("→" not in name for name in groups[sum("→" in name for name in groups) :])
    assert "wrong <b>" not in page
    assert "broken.png" in page
    sources = re.findall(r'src="([^"]{0,22})', page)
    assert sources == ["data:image/png;base64,"] * 7


def test_another_class_than_the_predicted_one_can_be_explained(crops: Path, explained: Path, tmp_path: Path) -> None:
    settings = ExplainSettings(label="other", method="grad-cam")
    result = explain_pictures(load_model("pretrained"), [crops / "checked"], tmp_path / "o", settings=settings)
    assert {(row.explained, row.method) for row in result.rows} == {("other", "grad-cam")}
    assert [row.label for row in result.rows] == ["checked", "checked"]  # by the name of the folder
    before = read_rows(explained)
    assert [row.faithfulness.own.insertion for row in result.rows] != [
        float(before[f"checked/000{place}.png"]["insertion"]) for place in (0, 1)
    ]


@pytest.mark.parametrize("classes", [("on", "off"), ("a", "b", "c", "d")])
def test_any_classes_will_do(classes: tuple[str, ...], tmp_path: Path) -> None:
    for name in classes:
        (tmp_path / "set" / name).mkdir(parents=True)
        draw_crop("checked", len(name)).save(tmp_path / "set" / name / "a.png")
    base = model()
    network = base.network
    network.head = torch.nn.Linear(network.head.in_features, len(classes))
    result = explain_pictures(replace(base, classes=classes), [tmp_path / "set"], tmp_path / "out")
    assert sorted(row.label for row in result.rows) == sorted(classes)
    assert {row.prediction for row in result.rows} <= set(classes)


def test_folders_that_are_no_classes_give_no_labels(crops: Path, tmp_path: Path) -> None:
    for site in ("site-a", "site-b"):
        (tmp_path / "pool" / site).mkdir(parents=True)
        (tmp_path / "pool" / site / "a.png").write_bytes((crops / "checked" / "0000.png").read_bytes())
    result = explain_pictures(load_model("pretrained"), [tmp_path / "pool"], tmp_path / "out")
    assert ([row.label for row in result.rows], result.wrong) == (["", ""], 0)
    assert "No picture has a label" in (tmp_path / "out" / "explained.html").read_text(encoding="utf-8")


def test_what_cannot_go_well_is_refused_before_anything_is_written(crops: Path, tmp_path: Path) -> None:
    loaded = load_model("pretrained")
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"unknown class 'on'.*checked, other, unchecked"):
        explain_pictures(loaded, [crops], out, settings=ExplainSettings(label="on"))
    with pytest.raises(InputError, match="no attention"):
        explain_pictures(loaded, [crops], out, settings=ExplainSettings(method="attention-rollout"))
    with pytest.raises(InputError, match="is searched; name a folder beside it"):
        explain_pictures(loaded, [crops], crops / "maps")
    assert not out.exists()
    out.mkdir()
    (out / "mine.txt").touch()
    with pytest.raises(OutputExistsError, match="is not empty"):
        explain_pictures(loaded, [crops], out)


def test_pictures_none_of_which_can_be_read_are_an_error(crops: Path, tmp_path: Path) -> None:
    with pytest.raises((InputError, ImageError), match="none of the pictures can be read"):
        explain_pictures(load_model("pretrained"), [crops / "other" / "broken.png"], tmp_path / "out")


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_the_bytes_that_the_library_does(crops: Path, explained: Path, tmp_path: Path) -> None:
    code, out, err = run("explain", "pretrained", crops, "-o", tmp_path / "maps")
    assert code == 3
    assert "7 pictures explained by layer-cam" in out
    assert "peak in the widget's box: 50.0% (9.5% to 90.5%) of 2" in out
    assert "gain over a random map: +" in out
    assert "broken.png" in out
    assert "explained.html" in err
    for file in ("explained.csv", "explained.html", *[row["overlay"] for row in read_rows(explained).values()]):
        assert (tmp_path / "maps" / file).read_bytes() == (explained / file).read_bytes(), file


def test_wrong_input_is_one_line(crops: Path, tmp_path: Path) -> None:
    for words, message in (
        (["pretrained", tmp_path / "nowhere"], "no file or folder"),
        (["nowhere", crops], "no model nowhere"),
        (["pretrained", crops, "--class", "on"], "unknown class 'on'"),
        (["pretrained", crops, "--method", "gradcam"], "did you mean grad-cam"),
    ):
        code, out, err = run("explain", *words, "-o", tmp_path / "out")
        assert (code, out) == (1, "")
        assert message in err
        assert err.count("\n") == 1


def test_reports_show_maps_when_asked_to(crops: Path, tmp_path: Path) -> None:
    save_model(model(), tmp_path / "run", training={})
    counts = {}
    for flag in ((), ("--explain",)):
        page = tmp_path / f"page{len(flag)}.html"
        for words in (
            ("evaluate", tmp_path / "run", crops, "--report", page),
            ("classify", crops, "--model", tmp_path / "run", "-o", tmp_path / "t.csv", "--report", page),
        ):
            assert run(*words, *flag)[0] == 3
            text = page.read_text(encoding="utf-8")
            counts[words[0], len(flag)] = len(re.findall('<img alt="" ', text))
            assert ("warm is what speaks for the prediction" in text) == bool(flag)
    assert counts["evaluate", 1] == 2 * counts["evaluate", 0] > 0
    assert counts["classify", 1] == 2 * counts["classify", 0] > 0


@pytest.mark.parametrize("words", [["evaluate", "pretrained"], ["classify", "--model", "pretrained"]])
def test_maps_without_a_report_are_refused(words: list[str], crops: Path) -> None:
    code, _, err = run(*words, crops, "--explain")
    assert code == 1
    assert "--explain draws on the page of --report; name one" in err
