import os
from pathlib import Path

import pytest

from active.labelling import screen
from active.labelling.keys import LabelSettings, key_map
from active.store.events import Counts, QueueItem

COUNTS = Counts(labelled={"on": 7}, discarded=0, open=30, skipped=0, done=10)


def item(path: Path) -> QueueItem:
    return QueueItem("a", path, 0.9, "margin 0.04, +3 like this", "on", {"off": 0.48, "on": 0.52})


def test_progress_says_done_left_skipped_and_pace() -> None:
    line = screen.progress_lines(COUNTS, 31.4, 200).plain
    assert line == "━" * 24 + "   10 of 40 done   30 left   31 a minute"
    skipped = Counts(labelled={}, discarded=0, open=30, skipped=2, done=10)
    assert "30 left (2 skipped)" in screen.progress_lines(skipped, None, 200).plain


def test_lines_break_between_parts_where_the_screen_is_narrow() -> None:
    keys = {"1": "checked", "2": "unchecked"}
    assert screen.class_lines(keys, COUNTS, 80).plain == " 1  checked 0    2  unchecked 0"
    assert screen.class_lines(keys, COUNTS, 20).plain == " 1  checked 0\n 2  unchecked 0"


def test_classes_carry_their_counts_and_discards_stand_apart() -> None:
    counts = Counts(labelled={"on": 7}, discarded=3, open=0, skipped=0, done=10)
    assert screen.class_lines({"1": "off", "2": "on"}, counts, 80).plain == (" 1  off 0    2  on 7   discarded 3")


def test_a_long_path_is_cut_on_the_left() -> None:
    line = screen.path_line(item(Path("/a/very/long/folder/name.png")), (10, 20), 24).plain
    assert line == "…der/name.png   10×20 px"


def test_a_path_below_the_working_folder_is_shown_from_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert screen.path_line(item(tmp_path / "pool" / "a.png"), None, 80).plain == "pool/a.png"


def test_the_suggestion_is_likeliest_first_with_the_reason() -> None:
    lines = screen.suggestion_lines(item(Path("a.png")), suggestion=True, why=True).plain.split("\n")
    assert [line.split() for line in lines] == [
        ["model", "on", "0.52", "off", "0.48"],
        ["why", "margin", "0.04,", "+3", "like", "this"],
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("caf\xe9.png", "café.png"), (os.fsdecode(b"caf\xe9.png"), "caf�.png"), ("\x1b[31m.png", "�[31m.png")],
)
def test_names_cannot_break_or_steer_the_terminal(name: str, shown: str) -> None:
    assert screen.printable(name) == shown


def test_keys_without_a_picture_are_those_that_still_do_something() -> None:
    keys = key_map(["on"], LabelSettings())
    assert screen.help_lines(keys, 80, picture=False).plain == "⌫ undo   ← back   q quit"
    assert "s skip" in screen.help_lines(keys, 80, picture=True).plain


def test_what_was_not_asked_for_is_not_said() -> None:
    shown = item(Path("a.png"))
    assert screen.suggestion_lines(shown, suggestion=False, why=False).plain == ""
    assert "0.52" not in screen.suggestion_lines(shown, suggestion=False, why=True).plain


def test_flips_disputes_and_what_others_hold_are_said() -> None:
    counts = Counts(open=9, disputed=1, held=2, done=12, compared=12, flipped=3)
    line = screen.progress_lines(counts, None, 200).plain
    assert line.endswith("9 left (1 disputed, 2 with others)   flips 25%")
    counts = Counts(open=9, done=12, compared=12, flipped=3, audited=4, audit_flipped=1)
    line = screen.progress_lines(counts, None, 200, "the next 50 labels: about +0.8 points (0.1 to 1.6)").plain
    assert line.endswith("flips 25%, 1 of 4 at random   the next 50 labels: about +0.8 points (0.1 to 1.6)")
    assert "flips" not in screen.progress_lines(Counts(compared=9, flipped=9), None, 200).plain


def test_in_a_loop_the_end_of_the_queue_says_what_leaving_leads_to() -> None:
    assert screen.nothing_left(COUNTS, "q: leave, and train on them").plain.endswith("q: leave, and train on them")
    assert "boxwright queue" not in screen.nothing_left(COUNTS, "q: leave").plain


def test_remarks_stand_at_the_end_of_the_path() -> None:
    remarks = screen.remarks_text(flagged=True, note="blurred\x1b")
    assert screen.path_line(item(Path("/a.png")), None, 80, remarks).plain == "/a.png   ⚑   ✎ blurred�"
