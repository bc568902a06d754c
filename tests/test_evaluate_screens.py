import json
import re
from pathlib import Path

import pytest
from PIL import Image

from base.errors import InputError
from model.finding import scanner
from model.screen_evaluation import evaluate_screens as module
from model.screen_evaluation import screen_gallery
from model.screen_evaluation.evaluate_screens import evaluate_screens
from model.screen_evaluation.screen_gallery import FALSE, MISSED, WRONG_STATE, draw_errors, write_screen_report
from model.screen_evaluation.screen_result import ScreenEvaluation
from model.screen_evaluation.screen_sets import read_screen_set
from tests.test_cli import run
from tests.true_screens import find_squares, found, outcome, screen, true, write_screens

RIGHT = {"box": [10, 10, 16, 16], "kind": "checkbox", "state": "checked"}
MISSING = {"box": [50, 50, 20, 20], "kind": "radio", "state": "hatched"}
UNCHECKED = {"box": [70, 10, 12, 12], "kind": "checkbox", "state": "unchecked"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three screens: a square that is found, one with another that is not, and a picture that is broken."""
    lines = [
        {"file": "good.png", "widgets": [RIGHT]},
        {"file": "bad <b>.png", "widgets": [RIGHT, UNCHECKED, MISSING], "lineage": "y"},
        {"file": "broken.png", "widgets": []},
    ]
    write_screens(tmp_path / "set", lines)
    (tmp_path / "set" / "broken.png").write_text("I am a text")
    return tmp_path / "set"


@pytest.fixture
def evaluation(folder: Path) -> ScreenEvaluation:
    return evaluate_screens(find_squares, read_screen_set(folder))


def test_any_callable_is_measured_on_what_can_be_read(evaluation: ScreenEvaluation) -> None:
    assert (evaluation.whole.screens, evaluation.whole.widgets, evaluation.answers) == (2, 4, 3)
    assert evaluation.whole.figures["recall"].value == 0.75
    assert evaluation.whole.figures["precision"].value == 1
    assert evaluation.whole.figures["end_to_end_recall"].value == 1
    assert [(item.path.name, item.reason) for item in evaluation.unreadable] == [("broken.png", "is not a picture")]
    assert [one.screen.path.name for one in evaluation.outcomes] == ["bad <b>.png", "good.png"]


def test_the_result_is_json_and_text(evaluation: ScreenEvaluation, folder: Path) -> None:
    values = json.loads(json.dumps(evaluation.to_dict()))
    assert values["figures"]["recall"]["value"] == 0.75
    assert values["slices"]["kind"][1]["name"] == "radio"
    assert values["errors"] == [
        {
            "path": f"{folder}/bad <b>.png",
            "missed": [{"box": [50, 50, 20, 20], "kind": "radio", "state": ""}],
            "false": [],
            "wrong_states": [],
        }
    ]
    lines = evaluation.to_text().splitlines()
    assert lines[0] == "4 widgets on 2 screens; 3 found"
    assert lines[1].startswith("found at IoU 0.5: precision 100.0% (100.0% to 100.0%), recall 75.0% (")
    [radio] = [line.split() for line in lines if line.startswith("radio")]
    assert radio == ["radio", "1", "0.0%", "–", "0.000", "0.0%", "–", "–", "–", "0.00", "0.000"]
    assert f"  1 missed: {folder}/bad <b>.png" in lines
    assert f"  could not be read: {folder}/broken.png: is not a picture" in lines


def test_a_picture_of_another_size_and_a_set_of_which_nothing_can_be_read_are_errors(folder: Path) -> None:
    screens = read_screen_set(folder)
    for path in folder.glob("*.png"):
        path.unlink()
    with pytest.raises(InputError, match=r"none of 3 screens can be read; .*good\.png: "):
        evaluate_screens(find_squares, screens)
    Image.new("RGB", (40, 30)).save(folder / "good.png")
    with pytest.raises(InputError, match=r"good\.png: has 40 x 30 px, and the set says 100 x 100 px"):
        evaluate_screens(find_squares, screens)


def test_without_pycocotools_average_precision_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "has_pycocotools", lambda: False)
    result = module.measure_outcomes([outcome([true((0, 0, 9, 9))], [found((0, 0, 9, 9))])], "lineage")
    assert result.whole.average_precision is None
    assert "average precision" not in result.to_text()
    assert "pip install 'boxwright[screens]'" in caplog.text


def test_what_is_wrong_is_drawn_in_its_colour() -> None:
    one = outcome(
        [true((10, 10, 10, 10)), true((40, 10, 10, 10))],
        [found((40, 10, 10, 10), "unchecked"), found((70, 70, 10, 10))],
    )
    image = draw_errors(one, Image.new("RGB", (100, 100), "white"))
    drawn = {place: "#{:02x}{:02x}{:02x}".format(*image.getpixel(place)) for place in ((8, 8), (38, 8), (68, 68))}
    assert drawn == {(8, 8): MISSED, (38, 8): WRONG_STATE, (68, 68): FALSE}
    assert image.getpixel((15, 15)) == (255, 255, 255)


def test_a_large_screen_is_drawn_smaller_with_its_boxes_in_place() -> None:
    image = draw_errors(outcome([true((1000, 500, 100, 100))], []), Image.new("RGB", (2000, 1000), "white"))
    assert image.size == (1000, 500)
    assert image.getpixel((498, 270)) == (224, 0, 0)


def test_the_page_has_every_figure_and_the_worst_screens_first(
    evaluation: ScreenEvaluation, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_screen_report(evaluation, tmp_path / "page.html", model="a&b", folder=folder)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert len(sources) == 1
    assert sources[0].startswith("data:image/png;base64,")
    assert "a&amp;b" in page
    assert "<b>.png" not in page
    assert {"By kind", "By size", "By lineage", "What is wrong"} <= set(re.findall("<h2>([^<,]*)", page))
    assert "1 missed" in page
    assert "broken.png" in page
    monkeypatch.setattr(screen_gallery, "MOST_SCREENS_SHOWN", 0)
    write_screen_report(evaluation, tmp_path / "page.html", model="a", folder=folder)
    assert "the first 0 shown" in (tmp_path / "page.html").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="is a folder; name an HTML file"):
        write_screen_report(evaluation, tmp_path, model="a", folder=folder)


def test_a_page_without_errors_says_so_and_a_picture_that_is_gone_has_a_card(tmp_path: Path) -> None:
    for answers, words in (([found((0, 0, 9, 9))], "every widget is found"), ([], "1 missed")):
        result = module.measure_outcomes([outcome([true((0, 0, 9, 9))], answers)], "lineage")
        write_screen_report(result, tmp_path / "page.html", model="a", folder=tmp_path)
        assert words in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not screen().path.exists()


class Squares:
    """What finds squares, as a scanner."""

    scan = staticmethod(find_squares)


def test_the_command_gives_what_the_library_gives(
    evaluation: ScreenEvaluation, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scanner, "load_scanner", lambda *model, finder: Squares())
    code, stdout, stderr = run("evaluate", "--screens", folder, "--report", "page.html")
    assert (code, stdout) == (3, evaluation.to_text() + "\n")
    assert "1 state is not known: 1 'hatched'" in stderr
    assert "1 missed" in Path("page.html").read_text(encoding="utf-8")
    (folder / "broken.png").unlink()
    code, stdout, _ = run("evaluate", "--screens", folder / "screens.jsonl", "--json")
    assert code == 3
    assert json.loads(stdout)["figures"] == json.loads(json.dumps(evaluation.to_dict()))["figures"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model", "crops"], "FOLDER: for crops, not for --screens"),
        (["--split", "a.csv", "--fold", "0"], "--split, --fold: for crops"),
        (["--compare", "other", "--robustness"], "--compare, --robustness: for crops"),
        ([], "no folder nowhere"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_line(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, stdout, stderr = run("evaluate", "--screens", "nowhere", *words)
    assert (code, stdout) == (1, "")
    assert stderr.startswith("Error: ")
    assert message in stderr
    assert stderr.count("\n") == 1


def test_without_screens_a_model_and_crops_are_needed() -> None:
    for words in ([], ["pretrained"]):
        code, _, stderr = run("evaluate", *words)
        assert code == 2
        assert "FOLDER" in stderr
