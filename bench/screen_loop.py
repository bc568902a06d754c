"""Have a program answer a round of `boxwright loop --screens` in a terminal, and measure it on other screens.

    python bench/screen_loop.py SET OUT [--pool 40] [--keys 40] [--seed 0]

SET is a set of screens as `evaluate --screens` takes, of one application; its first --pool are the pool, and the others
are measured on. For the table in docs/screen-pools.md:

    boxwright generate SET -n 60 --seed 5 --format coco --library win98 --family win98/checkbox ... (all of win98's)
        --layout legacy_dialog --layout preferences_tabs --layout print_dialog --layout form_columns
        --layout tree_view --layout wizard

`loop` runs in tmux, and each key is pressed when the screen shows that the one before is saved: the class of the widget
where the box of the crop has an IoU of 0.5 with it, `#` where they overlap by less, and `/` where no widget is. Prints
how many of each were pressed, what the round says of itself, and precision, recall and F1 on the other screens, before
and after. OUT keeps the pool, the label store and the loop.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from active.choosing.screen_pool import ScreenPlace, known_places
from active.labelling.keys import LabelSettings, key_map
from active.loop.loop_record import read_rounds, round_at
from boxwright import LabelStore, ScreenSet, evaluate_screens, load_scanner, read_screen_set
from model.finding.box_arrays import box_array, intersection_over_union
from model.networks.model_folders import PRETRAINED
from model.screen_evaluation.true_screens import TrueScreen
from model.screen_evaluation.widget_matching import LEAST_IOU

ROOT = Path(__file__).parents[1]

TOUCHING = 0.1
"""A box that overlaps a widget by less is beside it."""

PATIENCE_S = 3600


@dataclass(frozen=True)
class Terminal:
    """A tmux server of its own with one window."""

    name: str

    def call(self, *arguments: str) -> str:
        """Run a command of tmux and return what it prints."""
        command = ["tmux", "-L", self.name, "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def wait(self, pattern: str) -> str:
        """Return the screen as soon as the pattern is on it."""
        deadline = time.monotonic() + PATIENCE_S
        while not re.search(pattern, shown := self.call("capture-pane", "-p", "-J")):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{pattern} never came; the screen shows\n{shown}")
            time.sleep(0.1)
        return shown


def main() -> None:
    """Split the set, answer the round, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pool", type=int, default=40)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    whole = read_screen_set(arguments.set)
    pool, others = whole.screens[: arguments.pool], ScreenSet(whole.screens[arguments.pool :], whole.origin_name)
    (arguments.out / "pool").mkdir(parents=True)
    truth = {}
    for screen in pool:
        copied = arguments.out / "pool" / screen.path.name
        shutil.copyfile(screen.path, copied)
        truth[copied.resolve()] = screen
    terminal = Terminal(f"boxwright-screens-{os.getpid()}")
    try:
        _answer_round(terminal, arguments, truth)
    finally:
        terminal.call("kill-server")
    _measure(others, arguments.out / "loop")


def _answer_round(terminal: Terminal, arguments: argparse.Namespace, truth: dict[Path, TrueScreen]) -> None:
    out: Path = arguments.out.resolve()
    loop = [sys.executable, str(ROOT / "cli.py"), "loop", str(out / "pool"), "--screens", "-n", str(arguments.keys)]
    loop += ["--seed", str(arguments.seed), "--store", str(out / "labels.db"), "--out", str(out / "loop")]
    environment = ["env", "TERM=tmux-256color", f"PYTHONPATH={ROOT}"]
    terminal.call("new-session", "-d", "-x", "140", "-y", "40", "-c", str(ROOT), *environment, *loop)
    terminal.call("set-option", "-g", "remain-on-exit", "on")
    terminal.wait(r"\b0 of \d+ done")
    with LabelStore.open(out / "labels.db", create=False) as store:
        asked = [item.path for item in store.open_items()]
        keys = key_map(store.classes(), LabelSettings())
    places = {place.crop.resolve(): place for place in known_places(out / "loop" / "crops")}
    pressed: Counter[str] = Counter()
    by_class = {name: key for key, name in keys.classes.items()}
    for number, crop in enumerate(asked, start=1):
        place = places[crop.resolve()]
        word = _say(place, truth[place.screen])
        terminal.call("send-keys", by_class.get(word) or keys.key_of(word))
        terminal.wait(rf"\b{number} of \d+ done")
        pressed[word] += 1
    print(f"{len(places)} places on {len(truth)} screens; pressed: {dict(pressed)}", flush=True)
    terminal.call("send-keys", "q")
    terminal.wait(r"label the next|nothing is left|enough:|Error|Pane is dead")
    print("\n".join(record.to_text() for record in read_rounds(out / "loop")), flush=True)


def _say(place: ScreenPlace, screen: TrueScreen) -> str:
    """Return the state of the widget in a box, or the command that says what is wrong with it."""
    if not screen.widgets:
        return "no_widget"
    overlap = intersection_over_union(box_array([place.box]), box_array(each.box for each in screen.widgets))[0]
    if overlap.max() >= LEAST_IOU:
        return screen.widgets[int(overlap.argmax())].state
    return "wrong_box" if overlap.max() > TOUCHING else "no_widget"


def _measure(others: ScreenSet, loop: Path) -> None:
    models, finders = [PRETRAINED], [None]
    for record in read_rounds(loop):
        here = round_at(loop, record.number)
        models += [here.model] if here.model.exists() else []
        finders += [here.finder] if here.finder.exists() else []
    for name, model, finder in (("before", PRETRAINED, None), ("after", models[-1], finders[-1])):
        lines = evaluate_screens(load_scanner(model, finder=finder).scan, others).to_text().splitlines()
        print(f"{name}: {model}, {finder or 'the finder in the box'}", *lines[:5], sep="\n  ", flush=True)


if __name__ == "__main__":
    main()
