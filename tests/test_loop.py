import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from active.choosing.choose import QueueSettings
from active.gaps.gaps import GapsSettings
from active.loop.loop import Loop, LoopSettings, next_step, open_loop, queue_round
from active.loop.loop_record import RoundRecord, read_rounds, round_at, write
from active.loop.loop_round import LOCK, tidy, train_round
from active.loop.round_recipe import offer_recipe
from active.loop.stop_rule import StopSettings
from active.store.store import LabelStore
from base.errors import InputError, OutputExistsError
from generator.datasets.recipe_file import read_recipe
from model.networks.checkpoint import save_model
from model.networks.model_folders import newest_run
from model.networks.trained_model import load_model
from tests.crops import write_crops
from tests.drawn_crops import write_drawn
from tests.test_cli import run
from tests.test_predict import model
from tests.tmux import Tmux, wait_until

TINY = {"n": 12, "fine_tuning": {"epochs": 1}}
SETTINGS = LoopSettings.model_validate(TINY)
TAUGHT = LoopSettings.model_validate({"n": 12, "fine_tuning": {"epochs": 1, "layers": "last"}})


def quiet(_: str) -> object:
    return lambda _done, _total: None


def begin(place: Path, settings: LoopSettings = SETTINGS) -> Loop:
    pool = (str(place / "pool"),)
    return open_loop(pool, place / "loop", start=place / "start", settings=settings, choosing=QueueSettings())


def opened(place: Path) -> LabelStore:
    return LabelStore.open(place / "labels.db", annotator="ann")


def answer(store: LabelStore, count: int | None = None) -> None:
    for item in store.open_items(limit=count):
        store.record(item.item, "label", item.path.parent.name)


def train(loop: Loop, store: LabelStore) -> RoundRecord:
    return train_round(loop, store, on_train=lambda _what, _progress: None, on_progress=quiet)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a pool and a model of random weights."""
    place = tmp_path_factory.mktemp("start")
    write_crops(place / "pool", 12)
    (place / "start").mkdir()
    save_model(model(), place / "start", training={})
    return place


@pytest.fixture(scope="module")
def once(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a folder after one round of the loop."""
    place = tmp_path_factory.mktemp("once")
    shutil.copytree(start, place, dirs_exist_ok=True)
    loop = begin(place)
    with opened(place) as store:
        queue_round(loop, store, quiet)
        answer(store)
        train(loop, store)
    return place


@pytest.fixture
def fresh(start: Path, tmp_path: Path) -> Path:
    return shutil.copytree(start, tmp_path / "fresh")


@pytest.fixture
def after(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "after")


@pytest.fixture
def store(fresh: Path) -> Iterator[LabelStore]:
    with opened(fresh) as store:
        yield store


def test_each_step_follows_from_what_is_on_disk(fresh: Path, store: LabelStore) -> None:
    assert next_step(begin(fresh), store) == "queue"
    queue_round(begin(fresh), store, quiet)
    assert next_step(begin(fresh), store) == "label"
    answer(store, 11)
    assert next_step(begin(fresh), store) == "label"
    answer(store)
    assert next_step(begin(fresh), store) == "train"
    record = train(begin(fresh), store)
    assert (record.number, record.begun.labels, record.audit.n + record.picked.n) == (1, 12, 12)
    assert next_step(begin(fresh), store) == "queue"
    queue_round(begin(fresh), store, quiet)
    assert next_step(begin(fresh), store) == "label"


def test_a_round_of_discards_alone_is_not_trained_on(fresh: Path, store: LabelStore) -> None:
    queue_round(begin(fresh), store, quiet)
    for item in store.open_items():
        store.record(item.item, "discard")
    assert next_step(begin(fresh), store) == "queue"


def test_labels_that_were_there_before_are_trained_on_at_once(fresh: Path, store: LabelStore) -> None:
    source = write_crops(fresh / "known", 4, first_seed=100)
    assert run("labels", "import", source, "--store", fresh / "labels.db")[0] == 0
    assert next_step(begin(fresh), store) == "train"


def test_a_pool_that_is_all_decided_leaves_nothing_to_queue(fresh: Path, store: LabelStore) -> None:
    queue_round(begin(fresh, LoopSettings(n=36)), store, quiet)
    answer(store)
    assert queue_round(begin(fresh), store, quiet) is None


@pytest.mark.parametrize(
    ("layers", "what"), [("all", "fold 2 of 3"), ("last", "maps"), ("last", "fold 2 of 3"), ("last", "final")]
)
def test_training_that_was_killed_is_gone_on_with_and_comes_to_the_same(
    fresh: Path, start: Path, tmp_path: Path, layers: str, what: str
) -> None:
    class KilledError(Exception):
        pass

    def kill(now: str, _progress: object) -> None:
        if now == what:
            raise KilledError

    settings = LoopSettings.model_validate({"n": 12, "fine_tuning": {"epochs": 1, "layers": layers}})
    whole = shutil.copytree(start, tmp_path / "whole")
    loop = begin(fresh, settings)
    with opened(fresh) as store, opened(whole) as other:
        queue_round(loop, store, quiet)
        answer(store)
        with pytest.raises(KilledError):
            train_round(loop, store, on_train=kill, on_progress=quiet)
        assert next_step(begin(fresh, settings), store) == "train"
        # Nobody may take what has not been judged for a model of their own.
        assert newest_run(fresh / "loop") == Path("pretrained")
        # A round of all layers goes on as it was begun, whatever the settings say by now.
        again = train(begin(fresh, settings if layers == "last" else TAUGHT), store)
        queue_round(begin(whole, settings), other, quiet)
        answer(other)
        before = train(begin(whole, settings), other)
    assert again == before
    ours, theirs = (round_at(place / "loop", 1) for place in (fresh, whole))
    assert json.loads(ours.predictions.read_text()) == json.loads(theirs.predictions.read_text())
    assert ours.model.exists() == theirs.model.exists() == before.judgement.takes_over


def test_a_finished_round_offers_a_recipe(after: Path, tmp_path: Path) -> None:
    loop = begin(after)
    settings = GapsSettings(threads=1, sure=1)
    here = round_at(loop.out, 1)
    command = offer_recipe(loop, settings=settings, on_progress=quiet)
    assert command.endswith(f"boxwright gaps {loop.start.model} --real {here.labels} -o {here.recipe}")
    drawn = write_drawn(tmp_path / "drawn", 60)
    told = SETTINGS.model_copy(update={"fine_tuning": SETTINGS.fine_tuning.model_copy(update={"synthetic": drawn})})
    command = offer_recipe(begin(after, told), settings=settings, on_progress=quiet)
    assert command.endswith(f"boxwright generate DATASET --recipe {here.recipe}")
    recipe = read_recipe(here.recipe)
    assert recipe.about["crops"] == 36
    assert set(recipe.families) <= {"box", "lamp", "word"}


def taken(place: Path, number: int, *, better: bool, kappa: float = 1.0, high: float = 0.1) -> None:
    """Write the record of a round whose model took over, or did not."""
    loop = begin(place)
    here = round_at(loop.out, number)
    duel = {"n": 10, "present": 8, "new": 9 if better else 7, "gained": 1, "lost": 0}
    values = {
        "number": number,
        "begun": {"batch": 0, "digest": "", "labels": 12},
        "audit": {"flipped": 1, "n": 4},
        "picked": {"flipped": 3, "n": 8},
        "judgement": {"everything": duel, "audit": duel | {"gained": 0}},
        "kappa": kappa,
        "projection": {"labels": 50, "gain": 0.05, "low": 0.0, "high": high},
    }
    here.folder.mkdir()
    write(here.record, RoundRecord.model_validate(values))
    if better:
        shutil.copytree(place / "start", here.model)


@pytest.mark.parametrize("better", [True, False])
def test_a_kill_before_the_model_is_in_its_place_is_mended(fresh: Path, better: bool) -> None:
    taken(fresh, 1, better=better)
    loop = begin(fresh)
    here = round_at(loop.out, 1)
    shutil.rmtree(here.model, ignore_errors=True)
    shutil.copytree(fresh / "start", here.candidate / "final")
    tidy(loop)
    assert here.model.exists() is better
    assert not here.candidate.exists()


def test_the_present_model_is_of_the_last_round_that_was_not_worse(fresh: Path) -> None:
    assert begin(fresh).present() == fresh / "start"
    taken(fresh, 1, better=True)
    taken(fresh, 2, better=False)
    loop = begin(fresh)
    assert loop.present() == round_at(loop.out, 1).model
    assert loop.current() == round_at(loop.out, 3)


def test_the_rule_stops_after_enough_rounds_unless_told_otherwise(fresh: Path, store: LabelStore) -> None:
    taken(fresh, 1, better=True)
    assert next_step(begin(fresh), store) == "queue"
    taken(fresh, 2, better=True)
    assert next_step(begin(fresh), store) == "stop"
    assert next_step(begin(fresh), store, keep_going=True) == "queue"
    strict = LoopSettings(stop=StopSettings(gain=0.05))
    assert next_step(begin(fresh, strict), store) == "queue"


def test_the_report_says_flips_verdict_agreement_and_projection(fresh: Path) -> None:
    taken(fresh, 1, better=True, kappa=0.987, high=1.6)
    [record] = read_rounds(fresh / "loop")
    assert record.to_text().splitlines() == [
        "round 1: 12 labels",
        "  flips, drawn at random: 1 of 4, 25% (5% to 70%)",
        "  flips, picked:          3 of 8, 38% (14% to 69%)",
        "  new model, cross-validated: 9 of 10 right, the present one 8; on the audit 9 of 10, the present one 8: "
        "it takes over",
        "  agreement with the model before, on the pool: kappa 0.987",
        "  the next 50 labels: about +0.1 points (0.0 to 1.6)",
    ]


def test_another_start_and_a_damaged_record_are_refused(after: Path) -> None:
    other = after / "other"
    other.mkdir()
    save_model(model(seed=5), other, training={})
    with pytest.raises(InputError, match=r"was begun with model .*start, not with .*other; choose another --out"):
        open_loop((str(after / "pool"),), after / "loop", start=other, settings=SETTINGS, choosing=QueueSettings())
    round_at(after / "loop", 1).record.write_text("{}")
    with pytest.raises(InputError, match=r"round\.json: number: Field required"):
        begin(after).records()


def test_a_folder_of_something_else_is_refused(fresh: Path) -> None:
    with pytest.raises(OutputExistsError, match="holds something else than a loop; choose another --out"):
        open_loop(
            (str(fresh / "pool"),), fresh / "pool", start=fresh / "start", settings=SETTINGS, choosing=QueueSettings()
        )


def test_labels_that_are_doubted_are_queued_for_a_second_look(fresh: Path, store: LabelStore) -> None:
    queue_round(begin(fresh, LoopSettings(n=30)), store, quiet)
    items = store.open_items()
    for number, item in enumerate(items):
        store.record(item.item, "label", "checked" if number % 3 else "other")
    queue_round(begin(fresh, LoopSettings(n=10)), store, quiet)
    again = [item for item in store.open_items() if item.item in {each.item for each in items}]
    assert len(again) == 1
    assert again[0].reason.startswith("you labelled this `")
    assert load_model(fresh / "start").classes == store.classes()


def words(place: Path, *more: str) -> list[str]:
    places = ["--init", place / "start", "--out", place / "loop", "--store", place / "labels.db"]
    return [str(word) for word in ("loop", place / "pool", *places, "-n", "12", "--epochs", "1", *more)]


def test_without_a_terminal_the_command_does_what_it_can_and_says_what_to_do(fresh: Path) -> None:
    waits = "12 images wait for a label: run this again in a terminal, or `boxwright label --store"
    for _ in range(2):
        code, said, _ = run(*words(fresh))
        assert (code, waits in said) == (0, True), said
    with opened(fresh) as store:
        answer(store)
    code, said, _ = run(*words(fresh))
    assert code == 0
    assert "round 1: 12 labels" in said
    assert waits in said
    assert len(json.loads(round_at(fresh / "loop", 1).predictions.read_text())["pool"]) == 36


def test_the_command_ends_where_nothing_is_left_and_where_the_rule_says_so(fresh: Path) -> None:
    taken(fresh, 1, better=True)
    taken(fresh, 2, better=False)
    code, said, _ = run(*words(fresh))
    assert (code, said.startswith("enough: the rule in [loop.stop] says stop; --keep-going goes on")) == (0, True)
    assert f"boxwright classify POOL --model {round_at(fresh / 'loop', 1).model}" in said
    with opened(fresh) as store:
        queue_round(begin(fresh, LoopSettings(n=36)), store, quiet)
        for item in store.open_items():
            store.record(item.item, "discard")
    code, said, _ = run(*words(fresh, "--keep-going"))
    assert (code, said.splitlines()[0]) == (0, "nothing is left to choose: every picture of the pool is decided")


def test_a_pool_that_is_not_there_is_an_error(fresh: Path) -> None:
    shutil.rmtree(fresh / "pool")
    code, _, said = run(*words(fresh))
    assert code == 1
    assert "pool" in said
    assert not (fresh / "loop").exists()


def is_training(loop: Path) -> bool:
    """Tell whether a process holds the lock of a loop's folder."""
    import fcntl  # here, because there is none on Windows

    try:
        with (loop / LOCK).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@pytest.mark.terminal
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_a_terminal_it_can_be_killed_and_gone_on_with(fresh: Path) -> None:
    tmux = Tmux(f"boxwright-loop-{os.getpid()}")
    environment = [f"{name}={os.environ[name]}" for name in ("BOXWRIGHT_CACHE", "PYTHONPATH") if name in os.environ]
    root = Path(__file__).parents[1]
    program = ["env", "TERM=tmux-256color", *environment, "sh", "-c", 'exec "$@"; sleep 1', "sh", sys.executable]
    call = ["new-session", "-d", "-s", "ann", "-x", "100", "-y", "30", "-c", str(root), *program, "cli.py"]

    def kill() -> None:
        os.kill(int(tmux("display-message", "-p", "-t", "ann", "#{pane_pid}")), signal.SIGKILL)
        tmux.wait_for_end()

    try:
        tmux(*call, *words(fresh, "--ahead"))
        tmux.wait("0 of 12 done")
        tmux.send(*"123123123123")
        tmux.wait("q: leave, and train on them")
        tmux.send("q")
        # The next batch is there while the first is trained on.
        tmux.wait("0 of 12 done")
        tmux.send("1", "2", "3")
        tmux.wait("3 of 12 done")
        wait_until(lambda: is_training(fresh / "loop") or round_at(fresh / "loop", 1).record.exists() or None)
        kill()
        wait_until(lambda: not is_training(fresh / "loop") or None)
        tmux("set-option", "-g", "remain-on-exit", "on")
        tmux(*call, *words(fresh, "--ahead"))
        if round_at(fresh / "loop", 1).record.exists():  # it had been quick
            tmux.wait("label the next 9? [Y/n]")
            tmux.send("y", "Enter")
        tmux.wait("3 of 12 done")
        tmux.send(*"123123123")
        tmux.wait("q: leave, and train on them")
        tmux.send("q")
        said = tmux.wait("label the next 12? [Y/n]", within_s=300)  # a process that steps back behind all others trains
        assert "round 1: 12 labels" in said
        tmux.send("n", "Enter")
        tmux.wait("round 2: 2", within_s=300)
        tmux.wait("model: " if list((fresh / "loop").glob("round-*/model")) else "no round has a better model")
    finally:
        tmux.close()
