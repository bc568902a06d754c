"""The labeller in a real terminal."""

import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from active.store.store import LabelStore
from tests.drive_labeller import drive, fill, log
from tests.test_patience import held_by_somebody_else
from tests.tmux import Tmux, wait_until

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.terminal


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    tmux = Tmux(f"boxwright-test-{os.getpid()}")
    yield tmux
    tmux.close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with LabelStore.open(tmp_path / "labels.db") as store:
        fill(store, tmp_path, 25)
    return tmp_path / "labels.db"


def test_two_people_press_keys_and_are_killed_and_nothing_is_lost_or_doubled(place: Path, tmux: Tmux) -> None:
    done = drive(place, tmux, keys=20, kills=2, people=("ann", "bob"))
    assert (done.kills, done.keys >= 20) == (2, True)


def test_the_store_is_never_behind_the_screen(place: Path, tmux: Tmux) -> None:
    process = tmux.start(place)
    assert "▀" in tmux.wait("0 of 25 done")
    tmux.send(*"123" * 7)
    shown = wait_until(lambda: re.search(r"([1-9]\d*) of 25 done", tmux.screen()))
    os.kill(process, signal.SIGKILL)
    tmux.wait_for_end()
    pressed = ["label checked", "label other", "label unchecked"] * 7
    saved = log(place, "ann")
    assert len(saved) >= int(shown[1])
    assert saved == pressed[: len(saved)]


def test_a_smaller_window_breaks_the_lines_and_256_colours_do(place: Path, tmux: Tmux) -> None:
    tmux.start(place)
    tmux.wait("0 of 25 done")
    assert "38;5;" in tmux("capture-pane", "-p", "-e", "-t", "ann")
    before = tmux.wait("q quit").rstrip().count("\n")
    tmux("resize-window", "-t", "ann", "-x", "50", "-y", "20")
    assert wait_until(
        lambda: shown if "q quit" in (shown := tmux.screen()) and shown.rstrip().count("\n") < 20 else None
    )
    assert before == 23
    tmux.send("q")
    tmux.wait_for_end()


FAILING = """
import sys
from pathlib import Path
from active.labelling.labeller import LabelApp, run_labeller

def fail(app): raise LookupError("cannot draw")

LabelApp._write_lines = fail
try:
    run_labeller(sys.argv[1], annotator="ann")
except Exception as error:
    Path(sys.argv[2]).write_text(f"{error!r} {error.__notes__}")
"""


def test_an_error_nobody_foresaw_is_raised_once_the_screen_is_left(place: Path, tmux: Tmux, tmp_path: Path) -> None:
    program = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-c", FAILING, str(place), str(tmp_path / "raised")]
    tmux("new-session", "-d", "-s", "ann", "-x", "80", "-y", "24", *program)
    tmux.wait_for_end()
    assert (tmp_path / "raised").read_text() == "LookupError('cannot draw') ['every label up to it is saved']"


def test_a_dumb_terminal_gets_a_prompt(place: Path, tmux: Tmux) -> None:
    tmux.start(place, term="dumb")
    tmux.wait("0 of 25 done")
    for line in ("1", "undo", "other", "s"):
        tmux.send(line, "Enter")
    shown = tmux.wait("skipped")
    assert "▀" not in shown
    tmux.send("q", "Enter")
    tmux.wait_for_end()
    assert log(place, "ann") == ["label checked", "undo", "label other", "skip"]


def test_a_store_that_somebody_holds_is_named_below_and_the_key_counts_when_it_is_free(place: Path, tmux: Tmux) -> None:
    tmux.start(place)
    tmux.wait("0 of 25 done")
    with held_by_somebody_else(str(place)):
        tmux.send("1")
        assert "label store " in tmux.wait("waiting, for 60 s at most")
        assert log(place, "ann") == []
    tmux.wait("1 of 25 done")
    wait_until(lambda: "label store " not in tmux.screen() or None, within_s=10)
    tmux.send("q")
    tmux.wait_for_end()
    assert log(place, "ann") == ["label checked"]
