import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from active.store.database import APPLICATION_ID
from active.store.holders import lock_holders
from active.store.patience import Patience
from active.store.store import LabelStore
from base.errors import StoreError
from tests.test_store import add

ROOT = Path(__file__).parents[1]
HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_somebody_else(place: str) -> Iterator[str]:
    """Hold the store's writing lock from elsewhere; give what a message must name."""
    if "://" in place:
        with psycopg.connect(place) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", (APPLICATION_ID,))
            yield "is locked by ann from 127.0.0.1 (process "
            other.rollback()
        return
    command = [sys.executable, "-c", HOLD, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        known = Path("/proc/locks").exists()
        yield f"is locked by process {process.pid} (" if known else "another process may hold it"
        process.communicate()


def wait_until(happens: Callable[[], object]) -> None:
    end_s = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_who_waits_for_a_locked_store_says_for_whom_after_two_seconds_and_goes_on(place: str) -> None:
    told: list[tuple[float, str]] = []
    opened, may_label = threading.Event(), threading.Event()

    def label_both() -> float:
        with LabelStore.open(place, annotator="ann") as store:
            store.tell_waits(lambda message: told.append((time.monotonic(), message)))
            opened.set()
            may_label.wait(30)
            start_s = time.monotonic()
            for item in ("a", "b"):
                store.record(item, "label", "checked")
            return start_s

    with LabelStore.open(place) as store, ThreadPoolExecutor(1) as pool:
        add(store, "a", "b")
        labelling = pool.submit(label_both)
        assert opened.wait(30)
        with held_by_somebody_else(place) as who:
            may_label.set()
            wait_until(lambda: told)
            assert not labelling.done()
        start_s = labelling.result(30)
        assert [each.label for each in store.labels()] == ["checked", "checked"]
    [(told_s, message)] = told
    assert 1.9 < told_s - start_s < 10
    assert who in message
    assert "secret" not in message


def test_opening_a_locked_store_warns_in_the_log(place: str, caplog: pytest.LogCaptureFixture) -> None:
    LabelStore.open(place).close()
    with ThreadPoolExecutor(1) as pool:
        with held_by_somebody_else(place) as who:
            opening = pool.submit(lambda: LabelStore.open(place).close())
            wait_until(lambda: caplog.records)
        opening.result(30)
    assert [(each.name, each.levelno) for each in caplog.records] == [("boxwright.active", logging.WARNING)]
    assert who in caplog.text


def test_a_command_says_on_stderr_what_it_waits_for(tmp_path: Path) -> None:
    place = str(tmp_path / "labels.db")
    LabelStore.open(place).close()
    command = [sys.executable, str(ROOT / "cli.py"), "labels", "disputes", "--store", place]
    with held_by_somebody_else(place) as who:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stderr is not None
        line = process.stderr.readline()
    _, rest = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
    assert line.startswith(f"warning: label store {place} {who}")
    assert line.endswith("waiting, for 60 s at most\n")


def test_a_store_that_stays_locked_is_an_error_that_names_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("active.store.database.BUSY_TIMEOUT_S", 0.1)
    place = str(tmp_path / "labels.db")
    LabelStore.open(place).close()
    with held_by_somebody_else(place) as who, pytest.raises(StoreError, match="end what holds it, and try again") as no:
        LabelStore.open(place)
    assert who.removeprefix("is locked by ") in str(no.value)


def test_nobody_is_told_of_calls_that_are_answered() -> None:
    told: list[str] = []
    patience = Patience(lambda: "slow", quiet_s=0.2)
    patience.tell = told.append
    for _ in range(20):
        with patience.call():
            time.sleep(0.02)
    assert told == []
    for _ in range(2):
        with patience.call():
            time.sleep(0.7)
    patience.close()
    assert told == ["slow", "slow"]


def test_a_file_that_nobody_holds_has_no_holders(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert lock_holders([tmp_path / "a", tmp_path / "absent"]) == ()
