"""A round that a process of its own trains, by one thread and at low priority, while something else is done here."""

import contextlib
import multiprocessing
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from active.gaps.gaps import GapsSettings
from active.loop.loop import Loop
from active.loop.loop_record import RoundRecord, round_at
from active.loop.loop_round import finish_round
from active.loop.round_recipe import offer_recipe
from active.loop.takeover import JUDGING_FOLDS
from base.errors import WorkerDiedError
from base.progress import OnProgress, mute_bar
from base.timing import are_stages_shown, show_stages, show_warnings
from base.work import end_with_parent
from model.running.torch_scorer import torch_threads
from model.training.crossval import FINAL
from model.training.epochs import TrainingProgress

NICENESS = 10
"""How far the process steps back behind whoever labels."""

LOOK_S = 0.2
"""How often a wait looks how far the process is."""


class RoundProcess:
    """Trains the round of a loop that is under way; it ends with the block, or with the process that began it.

    What was trained by then is gone on with by whoever trains the round next.
    """

    def __init__(self, loop: Loop, *, recipe: GapsSettings) -> None:
        self.number = len(loop.records()) + 1
        self._log = loop.current().log
        context = multiprocessing.get_context("spawn")
        self._share = context.RawValue("d", 0.0)
        self._answer, theirs = context.Pipe(duplex=False)
        arguments = (loop, recipe, self._log, are_stages_shown(), self._share, theirs)
        self._process = context.Process(target=_train, args=arguments, daemon=True)
        with _one_thread():
            self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Return the number of the process."""
        return self._process.pid

    def is_done(self) -> bool:
        """Tell whether waiting would take no time."""
        return self._answer.poll()

    def wait(self, on_progress: OnProgress) -> str:
        """Return what to do with the round's recipe, as `offer_recipe`, once the round is trained.

        Raises:
            WorkerDiedError: the process was killed.
            BoxwrightError: what the training raised.
        """
        while not self._answer.poll(LOOK_S):
            on_progress(round(100 * self._share.value), 100)
        try:
            answer = self._answer.recv()
        except EOFError:
            raise WorkerDiedError(
                f"the process that trained round {self.number} was killed, or ran out of memory ({self._log}); the "
                "same command goes on with it"
            ) from None
        self._process.join()
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._answer.close()


def take_report(loop: Loop) -> tuple[RoundRecord, str] | None:
    """Return the last round, and what the process that trained it wrote; None where that was taken before.

    Nobody trains meanwhile.
    """
    records = loop.records()
    log = round_at(loop.out, len(records)).log
    if not records or not log.exists():
        return None
    said = log.read_text(encoding="utf-8", errors="replace")
    log.unlink()
    return records[-1], said


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Have a process that is started inside the block compute by one thread, which several libraries read once."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _train(
    loop: Loop,
    recipe: GapsSettings,
    log: Path,
    with_stages: bool,
    share: Any,  # noqa: ANN401  a number in shared memory, for which there is no public type
    answer: Connection,
) -> None:
    """Train, and send what to do with the recipe, or the error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits ends this process
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    _write_to(log)
    (show_stages if with_stages else show_warnings)()

    def tell(what: str, progress: TrainingProgress) -> None:
        share.value = (_parts_before(what) + _share_of(progress)) / (JUDGING_FOLDS + 1)

    try:
        with torch_threads(1):
            finish_round(loop, on_train=tell, on_progress=mute_bar)
            advice = offer_recipe(loop, settings=recipe, on_progress=mute_bar)
    except Exception as error:
        # Raised from here, it would be told to the log alone.
        traceback.print_exc()
        answer.send(error)
    else:
        answer.send(advice)


def _write_to(log: Path) -> None:
    """Write what this process says into a file: the screen is somebody else's."""
    with log.open("w", encoding="utf-8") as file:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
                os.dup2(file.fileno(), stream.fileno())


def _parts_before(what: str) -> int:
    """Return how many trainings come before the one of that name, see `OnFoldEpoch`."""
    fold = re.match(r"fold (\d+)", what)
    return JUDGING_FOLDS if what == FINAL else int(fold[1]) - 1 if fold else 0


def _share_of(progress: TrainingProgress) -> float:
    return progress.done / progress.total if progress.stage == "training" and progress.total else 0.0
