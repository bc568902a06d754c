"""Drives the labeller as a person would, through tmux, and kills it on the way.

By hand, for the long version: `python -m tests.drive_labeller --keys 200 --kills 10`.
"""

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from active.store.events import QueueItem
from active.store.store import LabelStore
from model.reading.images import content_hash
from tests.crops import LABELS, draw_crop
from tests.tmux import Tmux, wait_until

ACTIONS = {"1": "label checked", "2": "label other", "3": "label unchecked", "s": "skip", "d": "discard"}
UNDO = "BSpace"
SIZES = [(80, 24), (60, 16), (120, 40), (40, 12), (100, 30)]


@dataclass
class Drive:
    """What was pressed and what came of it."""

    keys: int = 0
    kills: int = 0
    resizes: int = 0


def fill(store: LabelStore, folder: Path, count: int) -> None:
    """Queue crops that all differ."""
    items = []
    for number in range(count):
        path = folder / f"{number:04}.png"
        image = draw_crop(LABELS[number % 3], number)
        image.paste((number % 256, number // 256, 9), (0, 0, 2, 2))
        image.save(path)
        items.append(QueueItem(content_hash(path), path, 0.9, "margin 0.04", LABELS[0], dict.fromkeys(LABELS, 1 / 3)))
    store.add_batch(classes=LABELS, strategy="margin", model="m", items=items)


def log(place: Path, who: str) -> list[str]:
    """Return what the store says `who` did, in order."""
    reader = sqlite3.connect(place, timeout=60)
    rows = reader.execute("SELECT action, label FROM events WHERE annotator = ? ORDER BY seq", (who,)).fetchall()
    reader.close()
    return [action if label is None else f"{action} {label}" for action, label in rows]


def drive(place: Path, tmux: Tmux, *, keys: int, kills: int, seed: int = 0, people: tuple[str, ...]) -> Drive:
    """Press keys in the labellers of `people`, resize and kill them, and check after each step what the store holds.

    Each key must give one event, in the order of the keys; of the keys that were in flight when a labeller is killed,
    the store must hold the first ones, and at least those that the screen showed.
    """
    rng, done = random.Random(seed), Drive()
    expected: dict[str, list[str]] = {who: [] for who in people}
    processes = {who: tmux.start(place, who=who) for who in people}
    for who in people:
        tmux.wait(" done", who=who)
    deadly = set(rng.sample(range(keys // 4, keys), kills))
    while done.keys < keys:
        who = rng.choice(people)
        burst = [_key(rng, expected[who]) for _ in range(rng.randrange(1, 6))]
        burst = burst[:1] if burst[0] == UNDO else [key for key in burst if key != UNDO]
        tmux.send(*burst, who=who)
        done.keys += len(burst)
        wanted = expected[who] + ["undo" if key == UNDO else ACTIONS[key] for key in burst]
        if any(number in deadly for number in range(done.keys - len(burst), done.keys)):
            time.sleep(rng.random() / 5)
            os.kill(processes[who], signal.SIGKILL)
            tmux.wait_for_end(who)
            saved = log(place, who)
            assert len(saved) >= len(expected[who]), f"{who} lost what was saved"
            assert saved == wanted[: len(saved)], f"{who} pressed {wanted[-9:]}, the store has {saved[-9:]}"
            expected[who], done.kills = saved, done.kills + 1
            processes[who] = tmux.start(place, who=who)
            tmux.wait(" done", who=who)
            continue
        wait_until(lambda who=who, wanted=wanted: True if len(log(place, who)) >= len(wanted) else None)  # type: ignore[misc]
        assert log(place, who) == wanted, f"{who} pressed {wanted[-9:]}, the store has {log(place, who)[-9:]}"
        expected[who] = wanted
        if rng.random() < 0.1:
            width, height = rng.choice(SIZES)
            tmux("resize-window", "-t", who, "-x", str(width), "-y", str(height))
            done.resizes += 1
    for who in people:
        tmux.send("q", who=who)
        tmux.wait_for_end(who)
        assert log(place, who) == expected[who]
    check(place)
    return done


def _key(rng: random.Random, past: list[str]) -> str:
    undoable = sum(1 if event != "undo" else -1 for event in past)
    return rng.choices([*ACTIONS, UNDO], [6, 6, 6, 2, 2, 3 if undoable else 0])[0]


def check(place: Path) -> None:
    """See that the file is sound, that no picture was decided twice, and that nobody holds one any more."""
    reader = sqlite3.connect(place)
    assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
    twice = reader.execute(
        "SELECT item, count(*) FROM live_events WHERE action IN ('label', 'discard') GROUP BY item HAVING count(*) > 1"
    ).fetchall()
    assert twice == []
    assert reader.execute("SELECT count(*) FROM tasks WHERE holder IS NOT NULL").fetchone() == (0,)
    reader.close()


def main() -> None:
    """Run the long version and keep pictures of the screen as text."""
    options = argparse.ArgumentParser()
    options.add_argument("--keys", type=int, default=200)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    tmux = Tmux(f"boxwright-drive-{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "labels.db"
            with LabelStore.open(place) as store:
                fill(store, Path(folder), chosen.keys)
            done = drive(place, tmux, keys=chosen.keys, kills=chosen.kills, seed=chosen.seed, people=("ann", "bob"))
            with LabelStore.open(place) as store:
                sys.stdout.write(f"{done}\n{store.counts()}\n")
    finally:
        tmux.close()


if __name__ == "__main__":
    main()
