"""The loop ahead: the next batch is queued and labelled while a process of its own trains the round before."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import commands.loop as loop_command
from active.gaps.gaps import GapsSettings
from active.loop import round_process
from active.loop.loop import Loop, can_train, next_step, queue_round
from active.loop.loop_record import Predictions, RoundRecord, round_at, write
from active.loop.loop_round import begin_round, finish_round
from active.loop.round_process import RoundProcess, take_report
from active.store.events import Counts
from active.store.store import LabelStore
from base.errors import InputError, WorkerDiedError
from base.progress import OnProgress
from model.networks.checkpoint import save_model
from model.running.torch_scorer import torch_threads
from tests.crops import write_crops
from tests.test_cli import run
from tests.test_loop import answer, begin, opened, quiet, taken, train, words
from tests.test_predict import model

RECIPE = GapsSettings(threads=1)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a pool of 36, a model of random weights, and a loop whose first batch of 12 is labelled."""
    place = tmp_path_factory.mktemp("ready")
    write_crops(place / "pool", 12)
    (place / "start").mkdir()
    save_model(model(), place / "start", training={})
    with opened(place) as store:
        queue_round(begin(place), store, quiet)
        answer(store)
    return place


@pytest.fixture
def place(ready: Path, tmp_path: Path) -> Path:
    return shutil.copytree(ready, tmp_path / "place")


def finish(loop: Loop) -> RoundRecord:
    with torch_threads(1):  # as a process of its own has
        return finish_round(loop, on_train=lambda _what, _progress: None, on_progress=quiet)


def test_each_step_ahead_follows_from_what_is_on_disk(place: Path) -> None:
    with opened(place) as store:

        def step(*, ahead: bool = True) -> str:
            return next_step(begin(place), store, ahead=ahead)

        first = store.decided()
        assert step() == "train"
        begin_round(begin(place), store)
        assert (step(), step(ahead=False)) == ("queue", "train")
        queue_round(begin(place), store, quiet)
        assert (step(), step(ahead=False)) == ("label", "train")
        assert store.newest_batch() == 2
        assert not first & {item.item for item in store.open_items()}
        answer(store)
        assert (step(), step(ahead=False)) == ("train", "train")
        finish(begin(place))
        assert step() == "train"
        begin_round(begin(place), store)
        assert [record.number for record in begin(place).records()] == [1]
        assert step() == "queue"


def test_what_is_labelled_meanwhile_belongs_to_the_next_round(place: Path, tmp_path: Path) -> None:
    other = shutil.copytree(place, tmp_path / "other")
    with opened(place) as store, opened(other) as busy:
        begin_round(begin(place), store)
        alone = finish(begin(place))
        loop = begin(other)
        begin_round(loop, busy)
        busy.undo()
        again = sorted(busy.decided())[0]
        busy.record(again, "label", "other")
        queue_round(loop, busy, quiet)
        answer(busy)
        beside = finish(loop)
        assert can_train(loop, busy)
        assert not can_train(begin(place), store)
    assert beside.model_dump_json() == alone.model_dump_json()
    ours, theirs = (round_at(each / "loop", 1).predictions.read_text() for each in (place, other))
    assert ours == theirs


def test_a_round_that_is_under_way_is_not_begun_again_nor_one_that_is_finished_trained_again(place: Path) -> None:
    with opened(place) as store:
        begin_round(begin(place), store)
        before = round_at(place / "loop", 1).begun.stat().st_mtime_ns
        queue_round(begin(place), store, quiet)
        answer(store, 1)
        begin_round(begin(place), store)
        assert round_at(place / "loop", 1).begun.stat().st_mtime_ns == before
        assert begin(place).under_way() is not None
        assert not any((place / "loop").glob("round-02"))
    first = finish(begin(place))
    # As a second process does that waited for the first.
    assert finish(begin(place)) == first


def test_a_round_that_an_earlier_version_began_gets_its_answers(place: Path) -> None:
    with opened(place) as store:
        begin_round(begin(place), store)
        here = round_at(place / "loop", 1)
        known, begun = here.answers.read_text(), here.begun.read_text()
        here.answers.unlink()
        begin_round(begin(place), store)
        assert (here.answers.read_text(), here.begun.read_text()) == (known, begun)


def test_when_the_rule_says_stop_the_labels_of_the_batch_ahead_are_trained_on_and_no_more_are_asked_for(
    place: Path,
) -> None:
    taken(place, 1, better=True)
    taken(place, 2, better=True)
    with opened(place) as store:
        queue_round(begin(place), store, quiet)
        answer(store, 3)
        assert next_step(begin(place), store) == "label"
        assert next_step(begin(place), store, ahead=True, keep_going=True) == "label"
        assert next_step(begin(place), store, ahead=True) == "train"
        begin_round(begin(place), store)
        assert next_step(begin(place), store, ahead=True) == "train"
        assert next_step(begin(place), store, ahead=True, keep_going=True) == "queue"
        recorded(place)
        assert next_step(begin(place), store, ahead=True) == "stop"


def recorded(place: Path) -> None:
    """Write that the round that is under way came to what the last one did."""
    loop = begin(place)
    here, last = loop.current(), loop.records()[-1]
    shutil.copytree(place / "start", here.model)
    write(here.predictions, Predictions(pool={}, unseen={}))
    write(here.record, last.model_copy(update={"number": last.number + 1, "begun": loop.under_way()}))


def test_a_process_that_is_killed_is_said_and_the_next_comes_to_the_same(place: Path, tmp_path: Path) -> None:
    whole = shutil.copytree(place, tmp_path / "whole")
    with opened(place) as store, opened(whole) as other:
        begin_round(begin(place), store)
        begin_round(begin(whole), other)
    with RoundProcess(begin(place), recipe=RECIPE) as process:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match="round 1 was killed, or ran out of memory"):
            process.wait(lambda _done, _total: None)
    assert take_report(begin(place)) is None
    with RoundProcess(begin(place), recipe=RECIPE) as process:
        seen: list[tuple[int, int]] = []
        advice = process.wait(lambda done, total: seen.append((done, total)))
    assert advice.startswith("what to draw more of: boxwright gaps")
    assert all(total == 100 for _, total in seen)
    taken_report = take_report(begin(place))
    assert taken_report is not None
    assert taken_report[0] == begin(place).records()[0] == finish(begin(whole))
    assert take_report(begin(place)) is None


def test_what_the_process_raises_is_raised_where_it_is_waited_for(place: Path) -> None:
    with opened(place) as store:
        begin_round(begin(place), store)
    round_at(place / "loop", 1).answers.write_text("{}")
    with (
        RoundProcess(begin(place), recipe=RECIPE) as process,
        pytest.raises(InputError, match=r"answers\.json: answers: Field required"),
    ):
        process.wait(lambda _done, _total: None)
    assert "Field required" in round_at(place / "loop", 1).log.read_text()


class Beside:
    """Stands for `RoundProcess`: trains in this process, when it is waited for."""

    stopped: int

    def __init__(self, loop: Loop, *, recipe: GapsSettings) -> None:
        self.number = len(loop.records()) + 1
        self._loop = loop

    def is_done(self) -> bool:
        return False

    def wait(self, on_progress: OnProgress) -> str:
        finish(self._loop)
        round_at(self._loop.out, self.number).log.write_text("a warning\n")
        return "what to draw more of"

    def stop(self) -> None:
        type(self).stopped += 1


Labelling = Callable[[LabelStore], None]


@pytest.fixture
def sit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Return what seats somebody at the terminal, who does one thing after another, and notes how many waited."""

    def seat(*labelling: Labelling) -> list[int]:
        waited: list[int] = []

        def label(store: str, **_: object) -> Counts:
            with LabelStore.open(store, create=False, annotator="ann") as opened_store:
                waited.append(opened_store.counts().open)
                labelling[min(len(waited), len(labelling)) - 1](opened_store)
                return opened_store.counts()

        monkeypatch.setattr("active.labelling.labeller.has_terminal", lambda: True)
        monkeypatch.setattr("active.labelling.labeller.run_labeller", label)
        monkeypatch.setattr(round_process, "RoundProcess", Beside)
        Beside.stopped = 0
        return waited

    return seat


def test_nobody_waits_but_for_the_round_before_the_last_batch(place: Path, sit: Callable[..., list[int]]) -> None:
    waited = sit(answer)
    code, said, errors = run(*words(place, "--ahead", "--keep-going"), listed="\n\n\n\n")
    assert code == 0, said
    assert waited[:2] == [12, 12]  # what is left comes in one more, for some places were second looks
    reports = [line.partition(":")[0] for line in said.splitlines() if line.startswith("round ")]
    assert reports == [f"round {number + 1}" for number in range(len(waited) + 1)]
    assert said.index("12 images queued") < said.index("round 1: 12 labels") < said.index("round 2: 24 labels")
    assert "nothing is left to choose: every picture of the pool is decided" in said
    assert errors.count("a warning") == len(reports)
    assert not list((place / "loop").rglob("training.log"))


def test_leaving_ends_the_process_and_the_same_command_goes_on(place: Path, sit: Callable[..., list[int]]) -> None:
    waited = sit(lambda store: answer(store, 5), answer)
    code, said, _ = run(*words(place, "--ahead"), listed="n\n")
    assert (code, waited, Beside.stopped) == (0, [12], 1)
    assert "7 are left; train on what there is?" in said
    assert "7 are left; the same command goes on with them" in said
    assert "round 1 is not trained yet; the same command goes on with it" in said
    code, said, _ = run(*words(place, "--ahead", "--keep-going"), listed="n\n")
    assert (code, waited) == (0, [12, 7])
    # Declining the third batch finishes the second round first.
    assert said.index("round 1: 12 labels") < said.index("label the next 12?") < said.index("round 2: 24 labels")
    with opened(place) as store:
        assert store.newest_batch() == 3


def test_half_a_batch_is_trained_on_if_one_says_so(place: Path, sit: Callable[..., list[int]]) -> None:
    waited = sit(lambda store: answer(store, 5), lambda store: answer(store, 0))
    code, said, _ = run(*words(place, "--ahead", "--keep-going"), listed="y\ny\n")
    assert (code, len(waited)) == (0, 2)
    assert "round 1: 12 labels" in said
    begun = begin(place).under_way()
    assert begun is not None
    assert begun.labels == 17


def test_when_the_rule_says_stop_the_rest_of_the_batch_ahead_stays_in_the_queue(
    place: Path, sit: Callable[..., list[int]]
) -> None:
    """The second record comes while the third batch is being labelled."""
    taken(place, 1, better=True)
    with opened(place) as store:
        begin_round(begin(place), store)
        queue_round(begin(place), store, quiet)

    def label(store: LabelStore) -> None:
        recorded(place)
        answer(store, 3)

    waited = sit(label)
    code, said, _ = run(*words(place, "--ahead"), listed="\nn\n")
    assert (code, waited) == (0, [12])
    assert "the rule in [loop.stop] says stop by now; the 9 that are left stay in the queue" in said
    assert "round 3: 15 labels" in said


@pytest.mark.parametrize(
    ("more", "terminal", "ahead"),
    [
        (["--ahead"], True, True),
        (["--no-ahead"], True, False),
        (["--ahead"], False, False),
        (["--ahead", "--screens", "--out", "other"], True, False),
    ],
)
def test_a_loop_trains_ahead_in_a_terminal_and_of_crops(
    place: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], *, terminal: bool, ahead: bool
) -> None:
    found: list[bool] = []
    monkeypatch.chdir(place)
    monkeypatch.setattr("active.labelling.labeller.has_terminal", lambda: terminal)
    monkeypatch.setattr(loop_command, "_go_round", lambda rounds, _store: found.append(rounds.ahead))
    assert run(*words(place, *more))[0] == 0
    assert found == [ahead]


def test_a_loop_that_was_begun_ahead_goes_on_without(place: Path) -> None:
    with opened(place) as store:
        begin_round(begin(place), store)
        queue_round(begin(place), store, quiet)
        record = train(begin(place), store)
        assert record.begun.labels == 12
        assert next_step(begin(place), store) == "label"
