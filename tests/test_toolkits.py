"""Exams by toolkits: what needs no toolkit always, and each toolkit where it is installed."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from base.arrays import Pixels
from base.errors import InputError, MissingError, OutputExistsError, TemplateError, ToolkitError
from generator.crops.manifest import read_manifest
from generator.datasets.exam import ExamSettings
from generator.toolkits.paint_loop import read_window
from generator.toolkits.painted_boxes import painted_edges, widen
from generator.toolkits.painter_process import ShownWindow, open_painter
from generator.toolkits.toolkit import Toolkit, choose_toolkits, find_interpreter, find_missing, load_toolkits
from generator.toolkits.toolkit_exam import write_toolkit_exam
from generator.toolkits.toolkit_names import TOOLKIT_NAMES
from generator.toolkits.toolkit_rows import WindowOrigin, cut_crops, describe_left_out, picture_window
from generator.toolkits.virtual_display import SIZE_PX
from generator.toolkits.window_examination import ALIKE, CUT_OFF, MOVED, STUCK, UNSEEN, examine_window
from generator.toolkits.window_plan import PlannedItem, PlannedWindow, plan_windows
from model.screen_evaluation.screen_sets import read_screen_set

TOOLKITS = load_toolkits()
TK = TOOLKITS["tk"].declared
ORIGIN = WindowOrigin("paper", "Paper 1", 1, 0, 0)


def item(kind: str = "checkbox", state: str = "checked", **changes: Any) -> PlannedItem:
    values = {"text": "Wi-Fi", "enabled": True, "x": 20, "y": 20, "width": 60, "height": 30} | changes
    return PlannedItem(kind, state, **values)


class Paper:
    """A toolkit that paints squares of 10 px, with what its settings say is wrong with it."""

    scale = 1

    def __init__(self, **wrong: bool) -> None:
        self.wrong = wrong

    def show(self, window: PlannedWindow) -> ShownWindow:
        pixels = np.full((window.height, window.width, 3), 240, np.uint8)
        shown = [one for one in window.items if one.shown]
        for one in shown:
            self.paint(pixels, one)
        return ShownWindow(pixels, tuple((self.read(one), one.enabled) for one in shown))

    def read(self, one: PlannedItem) -> str:
        return "unchecked" if one.state and self.wrong.get("stuck") else one.state

    def paint(self, pixels: Pixels, one: PlannedItem) -> None:
        if self.wrong.get("unseen"):
            return
        left, top = one.x, one.y + 10
        if self.wrong.get("moved") and one.text:
            left += 12
        width = 200 if self.wrong.get("long") else 10
        pixels[top : top + 10, left : left + width] = 40
        if one.state == "unchecked" and not self.wrong.get("alike"):
            pixels[top + 1 : top + 9, left + 1 : left + 9] = 255
        if one.state and one.text:
            pixels[top + 4 : top + 7, left + 20 : left + 40] = 0


def window(*items: PlannedItem) -> PlannedWindow:
    return PlannedWindow(0, "white", 160, 80, 13, items)


def test_a_widget_is_boxed_without_its_words_and_labelled_by_what_the_toolkit_says() -> None:
    found = examine_window(
        Paper(), window(item(), item("radio", "mixed", enabled=False, x=90), item("button", "", y=50))
    )
    assert [one.edges for one in found.items] == [(20, 30, 30, 40), (90, 30, 100, 40), (20, 60, 30, 70)]
    assert [one.words for one in found.items] == [(40, 34, 60, 37), (110, 34, 130, 37), None]
    assert [one.shown_state for one in found.items] == ["checked", "checked", ""]
    assert [one.enabled for one in found.items] == [True, False, True]
    assert not [one.fault for one in found.items if one.fault]


@pytest.mark.parametrize(
    ("wrong", "fault"), {"alike": ALIKE, "stuck": STUCK, "moved": MOVED, "unseen": UNSEEN, "long": CUT_OFF}.items()
)
def test_a_widget_whose_state_cannot_be_seen_is_left_out_and_listed(wrong: str, fault: str) -> None:
    found = examine_window(Paper(**{wrong: True}), window(item(state="unchecked")))
    [line] = describe_left_out(found, ORIGIN)
    told = json.loads(line)
    assert (told["reason"], told["theme"], told["family"], told["state"]) == (
        fault,
        "white",
        "paper/checkbox",
        "unchecked",
    )
    assert not list(cut_crops(found, ORIGIN))
    assert picture_window(found, ORIGIN).row.objects.ignored == ([] if wrong == "unseen" else [True])


def test_a_crop_shows_the_whole_widget_and_its_row_says_where() -> None:
    found = examine_window(Paper(), window(item(), item("button", "", y=50)))
    crops = list(cut_crops(found, ORIGIN))
    assert [crop.row.label for crop in crops] == ["checked", "other"]
    assert [crop.row.kind for crop in crops] == ["checkbox", "none"]
    row = crops[0].row
    left, top, wide, high = (int(length) for length in row.box)
    assert found.pixels[30:40, 20:30].tolist() == _decoded(crops[0].png)[top : top + high, left : left + wide].tolist()
    assert crops == list(cut_crops(found, ORIGIN))


def _decoded(png: bytes) -> Pixels:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)))


def test_edges_are_those_of_what_was_added_within_the_room() -> None:
    before = np.zeros((20, 20, 3), np.uint8)
    after = before.copy()
    after[5:9, 3:7, 1] = 9
    after[18, 18] = 255
    after[0, 0] = 4
    assert painted_edges(after, before, (0, 0, 15, 15)) == (3, 5, 7, 9)
    assert painted_edges(before, before, (0, 0, 20, 20)) is None
    assert widen((3, 5, 7, 9), (5, 1, 1, 20), (0, 0, 15, 15)) == (0, 4, 8, 15)


def test_classes_are_even_and_the_same_seed_plans_the_same() -> None:
    planned = list(plan_windows("tk", TK, ("a", "b"), n=100, seed=3))
    states = [one.state for each in planned for one in each.items]
    checked, others = sum(state in ("checked", "mixed") for state in states), states.count("")
    assert (len(states), checked, others, states.count("unchecked")) == (100, 34, 33, 33)
    assert "mixed" in states
    assert {each.theme for each in planned} == {"a", "b"}
    assert planned == list(plan_windows("tk", TK, ("a", "b"), n=100, seed=3))
    assert planned != list(plan_windows("tk", TK, ("a", "b"), n=100, seed=4))


def test_items_keep_out_of_each_others_room_and_on_the_display() -> None:
    for planned in plan_windows("tk", TK, ("a",), n=400, seed=0):
        assert planned.width <= SIZE_PX[0] and planned.height <= SIZE_PX[1]
        boxes = [one.box for one in planned.items]
        for place, (left, top, wide, high) in enumerate(boxes):
            assert left + wide + 10 <= planned.width and top + high + 10 <= planned.height
            for other in boxes[place + 1 :]:
                assert other[0] >= left + wide + 10 or other[1] >= top + high + 10 or other[0] + wide + 10 <= left


def test_what_a_painter_reads_is_what_was_planned() -> None:
    planned = window(item(), item("slider", "", enabled=False), item(shown=False))
    asked = io.StringIO(planned.to_lines())
    read = read_window(asked)
    assert read is not None
    assert (read.theme, read.width, read.height, read.font_px) == ("white", 160, 80, 13)
    assert [(one.kind, one.state, one.enabled, one.x, one.text) for one in read.items] == [
        ("checkbox", "checked", True, 20, "Wi-Fi"),
        ("slider", "", False, 20, "Wi-Fi"),
    ]
    assert read_window(asked) is None


DECLARED = '"""Paper.\n\n+++\nabout = "paper"\nothers = ["a"]\n[widgets]\ncheckbox = ["checked"]\n+++\n"""\n'
PAINTS = """
def show(window):
    return [[item.state, item.enabled] for item in window.items]
PAINTER = {"describe": lambda: ("Paper 1", ["white"]), "show": show, "settle": lambda: None}
"""


@pytest.fixture
def painted(tmp_path: Path) -> Callable[[str], Toolkit]:
    def make(code: str) -> Toolkit:
        from generator.toolkits.toolkit import read_toolkit

        (tmp_path / "paper.py").write_text(DECLARED + code)
        return read_toolkit(tmp_path / "paper.py")

    return make


def test_a_painter_that_stops_is_told_with_its_last_words(painted: Callable[[str], Toolkit]) -> None:
    with (
        pytest.raises(ToolkitError, match=r"^paper stopped: ValueError: no paper left$"),
        open_painter(painted("raise ValueError('no paper left')"), ":99", scale=1),
    ):
        pass


def test_a_painter_that_says_something_else_is_refused(painted: Callable[[str], Toolkit]) -> None:
    with (
        pytest.raises(ToolkitError, match="paper answered"),
        open_painter(painted(PAINTS.replace('["white"]', "7")), ":99", scale=1),
    ):
        pass


def test_a_toolkit_that_declares_nothing_or_nonsense_is_refused(tmp_path: Path) -> None:
    from generator.toolkits.toolkit import read_toolkit

    path = tmp_path / "paper.py"
    path.write_text("PAINTER = {}")
    with pytest.raises(TemplateError, match="declares nothing"):
        read_toolkit(path)
    path.write_text(DECLARED.replace("about", "abuot"))
    with pytest.raises(TemplateError, match="abuot: Extra inputs"):
        read_toolkit(path)


def test_what_is_missing_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown toolkit 'gtk2'; did you mean gtk\d\?"):
        choose_toolkits(["gtk2"])
    for name in ("Xvfb", "java"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [*choose_toolkits(["swing"])] == ["swing"]
    (tmp_path / "java").unlink()
    with pytest.raises(MissingError, match=r"^the toolkit swing needs java: apt install default-jre$"):
        choose_toolkits(["swing"])
    (tmp_path / "Xvfb").unlink()
    with pytest.raises(MissingError, match="Xvfb is not installed: apt install xvfb"):
        choose_toolkits(["all"])


def test_an_interpreter_is_one_that_can_run_the_probe() -> None:
    assert find_interpreter("import json") == sys.executable
    assert find_interpreter("import no_such_toolkit") == ""


@pytest.mark.parametrize("setting", [{"libraries": ("bootstrap",)}, {"templates": Path("mine")}, {"browser": "chrome"}])
def test_what_is_for_libraries_is_refused(setting: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is for component libraries"):
        write_toolkit_exam(tmp_path / "exam", ExamSettings(toolkits=("tk",), **setting))
    assert not (tmp_path / "exam").exists()


@pytest.mark.parametrize("name", TOOLKIT_NAMES)
def test_each_toolkit_declares_what_is_drawn_and_how_it_is_installed(name: str) -> None:
    toolkit = TOOLKITS[name]
    assert "checkbox" in toolkit.declared.widgets
    assert all({"checked", "unchecked"} <= {*states} for states in toolkit.declared.widgets.values())
    assert toolkit.remedy


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLKIT_NAMES)
def test_a_toolkit_draws_an_exam_that_is_read(name: str, tmp_path: Path) -> None:
    try:
        choose_toolkits([name])
    except MissingError as error:
        pytest.skip(str(error))
    out = tmp_path / "exam"
    summary = write_toolkit_exam(out, ExamSettings(n=12, seed=1, toolkits=(name,)))
    rows = list(read_manifest(out / "crops"))
    assert len(rows) + summary.rejected == 12
    assert {row.label for row in rows} == {"checked", "unchecked", "other"}
    assert {row.label for row in rows} == {path.name for path in (out / "crops").iterdir() if path.is_dir()}
    assert all(6 <= side / row.scale <= 60 for row in rows if row.kind != "none" for side in row.box[2:])
    known = read_screen_set(out / "screens")
    assert sum(len(screen.widgets) for screen in known.screens) == sum(row.kind != "none" for row in rows)
    with pytest.raises(OutputExistsError):
        write_toolkit_exam(out, ExamSettings(n=12, toolkits=(name,)))


def test_doctor_says_what_each_missing_toolkit_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from commands.support.installation import describe_toolkits

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("generator.toolkits.toolkit.find_interpreter", lambda probe: "")
    finding = describe_toolkits()
    assert (finding.name, finding.value, finding.fatal) == ("toolkits", "none of 7 found", False)
    assert "xvfb" in finding.mend and "swing: apt install default-jre" in finding.mend
    assert find_missing(TOOLKITS["swing"]) == "java"
