"""What a round of `boxwright loop` takes and comes to: the last block taught alone, against all layers trained.

    python bench/round_time.py OUT DIR... [--model pretrained] [--labels 40] [--seeds 5] [--timed DIR --rounds 2]

Each DIR holds labelled crops that are new to the model, as class folders. For each seed half of their looks are held
out, `margin` chooses the labels among the rest, once for both ways, and each way learns them; then accuracies on the
held-out half are printed, and their paired differences with 95 % intervals (folders drawn anew, and seeds within them).

With --timed, rounds of the loop itself are run on all of that folder, in a process of their own for each way, in turns,
and the processor seconds of each stage are printed, and the seconds from the last key to the next picture. A third way
queues ahead, and trains all layers beside the labelling: here when a round's labels are given, so that nothing is
waited for but what somebody would wait for. OUT keeps what was found, and a second call goes on.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from makers import paired_interval

from active.choosing.choose import choose
from active.loop.loop import Loop, LoopSettings, open_loop, queue_round
from active.loop.loop_round import begin_round, train_round
from active.loop.round_process import RoundProcess
from active.replay.learners import FineTuning, fine_tuning
from active.replay.simulate import divide, read_pool
from base.arrays import Doubles
from base.files import write_json
from boxwright import GapsSettings, LabelStore, QueueSettings, SimulateSettings, load_model

WAYS = {"all layers": FineTuning(layers="all"), "last block": FineTuning(layers="last")}

AHEAD = "ahead"
TIMED = {**WAYS, AHEAD: WAYS["all layers"]}

BESIDE = "beside"
WAIT = "last key to next picture, s"
STAGES = ("start-up", "choosing", "labels", "folds", "final", "pool and outlook")


def main() -> None:
    """Compare the ways and print the tables, or run the rounds of one way."""
    arguments = _arguments()
    if arguments.way:
        print(json.dumps(_run_rounds(arguments)))
        return
    if arguments.timed:
        _print_stages(arguments)
    if arguments.folders:
        known = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
        for seed in range(arguments.seeds):
            for folder in arguments.folders:
                _compare(folder, seed, arguments, known)
        _print_accuracies(arguments, known)


def _compare(folder: Path, seed: int, arguments: argparse.Namespace, known: dict[str, Any]) -> None:
    """Let both ways learn the same labels of a folder, unless that was done."""
    place = f"{folder.name} {seed} {arguments.labels}"
    if place in known:
        return
    model = load_model(arguments.model)
    examples = read_pool(folder, model.classes)
    division = divide(examples, examples, SimulateSettings(test_share=0.5), seed)
    truth = np.array([model.classes.index(examples[row].label) for row in division.test])
    found: dict[str, Any] = {}
    rows = None
    for name, tuning in WAYS.items():
        learn = fine_tuning(model, examples, start=arguments.model, tuning=tuning, variations=False)(division)
        if rows is None:
            start = learn(np.empty(0, np.intp))
            settings = QueueSettings(n=arguments.labels, seed=seed)
            rows = np.array([pick.row for pick in choose(start.pool, classes=model.classes, settings=settings)])
            found |= {"labels": len(rows), "start": float((start.test.argmax(axis=1) == truth).mean())}
        began = time.process_time()
        seen = learn(rows)
        found |= {name: float((seen.test.argmax(axis=1) == truth).mean()), f"{name}, s": time.process_time() - began}
    known[place] = found
    write_json(arguments.out, known)


def _print_accuracies(arguments: argparse.Namespace, known: dict[str, Any]) -> None:
    old, new = WAYS
    print(f"| | labels | start | {old} | {new} | difference, points | CPU s, {old} | {new} |\n|{' --- |' * 8}")
    differences, everything = [], []
    for folder in arguments.folders:
        rows = [known[f"{folder.name} {seed} {arguments.labels}"] for seed in range(arguments.seeds)]
        differences.append([100 * (row[new] - row[old]) for row in rows])
        everything += rows
        print(_line(folder.name, rows, np.array([differences[-1]])))
    print(_line("mean", everything, np.array(differences)))


def _line(name: str, rows: Sequence[dict[str, Any]], differences: Doubles) -> str:
    old, new = WAYS
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    low, high = paired_interval(differences[:, :, np.newaxis])[:, 0]
    return (
        f"| {name} | {mean['labels']:.0f} | {mean['start']:.1%} | {mean[old]:.1%} | {mean[new]:.1%} | "
        f"{differences.mean():+.1f} ({low:+.1f} to {high:+.1f}) | {mean[f'{old}, s']:.1f} | {mean[f'{new}, s']:.1f} |"
    )


def _print_stages(arguments: argparse.Namespace) -> None:
    """Run the rounds of both ways in turns, and print medians over the turns."""
    found = defaultdict[str, list[list[dict[str, float]]]](list)
    for _ in range(arguments.turns):
        for way in TIMED:
            words = [str(arguments.out), "--way", way, "--timed", str(arguments.timed), "--model", str(arguments.model)]
            words += ["--labels", str(arguments.labels), "--rounds", str(arguments.rounds)]
            done = subprocess.run([sys.executable, __file__, *words], check=True, capture_output=True, text=True)
            found[way].append(json.loads(done.stdout.splitlines()[-1]))
    for number in range(arguments.rounds):
        print(f"round {number + 1} | {' | '.join(STAGES)} | all but start-up | {BESIDE} | {WAIT}")
        for way, turns in found.items():
            columns = (*STAGES, BESIDE, WAIT)
            cells = [float(np.median([turn[number].get(stage, 0.0) for turn in turns])) for stage in columns]
            cells.insert(len(STAGES), sum(cells[1 : len(STAGES)]))
            print(f"{way} | {' | '.join(f'{cell:.2f}' for cell in cells)}", flush=True)


class _Clock:
    """Adds up the processor seconds of this process and its threads by stage."""

    def __init__(self) -> None:
        self.stages = defaultdict[str, float](float)
        self._stage, self._since = "start-up", 0.0

    def enter(self, stage: str) -> None:
        """End the stage before, and begin one."""
        now = time.process_time()
        self.stages[self._stage] += now - self._since
        self._stage, self._since = stage, now

    def bar(self, _: str) -> Callable[[int, int], None]:
        """Take a bar of the loop's for the scoring of the pool, which comes last."""
        if self._stage in ("final", "folds"):
            self.enter("pool and outlook")
        return lambda _done, _total: None

    def train(self, what: str, _: object) -> None:
        """Take the name of what is trained for a stage."""
        self.enter(what if what == "final" else "folds" if what.startswith("fold") else "labels")


def _run_rounds(arguments: argparse.Namespace) -> list[dict[str, float]]:
    """Go round with a program that knows the labels; return the seconds of each round's stages."""
    clock, rounds = _Clock(), []
    place = Path(tempfile.mkdtemp())
    settings = LoopSettings(n=arguments.labels, fine_tuning=TIMED[arguments.way])
    choosing = QueueSettings()
    pool = (str(arguments.timed),)
    loop = open_loop(pool, place / "loop", start=arguments.model, settings=settings, choosing=choosing)
    with LabelStore.open(place / "labels.db", annotator="program") as store:
        clock.enter("choosing")
        queue_round(loop, store, clock.bar)
        for _ in range(arguments.rounds):
            clock.enter("typing")
            for item in store.open_items():
                store.record(item.item, "label", item.path.parent.name)
            clock.enter("labels")
            began = time.perf_counter()
            if arguments.way == AHEAD:
                begin_round(loop, store)
            else:
                train_round(loop, store, on_train=clock.train, on_progress=clock.bar)
            clock.enter("choosing")
            queue_round(loop, store, clock.bar)
            clock.enter("typing")
            clock.stages[WAIT] = time.perf_counter() - began
            clock.stages[BESIDE] = _train_beside(loop) if arguments.way == AHEAD else 0.0
            rounds.append(dict(clock.stages))
            clock.stages.clear()
    shutil.rmtree(place)
    return rounds


def _train_beside(loop: Loop) -> float:
    """Have a process train the round that is under way, and return its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with RoundProcess(loop, recipe=GapsSettings()) as process:
        process.wait(lambda _done, _total: None)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return now.ru_utime - before.ru_utime + now.ru_stime - before.ru_stime


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--labels", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--timed", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--way", choices=list(TIMED), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
