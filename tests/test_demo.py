import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from active.demo.demo import Outcome, held_out_families, run_demo
from active.demo.demo_report import summarize_demo, write_demo_report
from active.demo.sizing import DemoSettings, MachineSpeed, expected_seconds, fit_demo, size_demo
from active.store.store import LabelStore
from base.errors import InputError, MissingError
from generator.families.family import load_families
from tests.crops import write_crops
from tests.kept_worker import KeptWorker

SMALL = DemoSettings(n=60, pool_n=60, epochs=2, rounds=2, labels_a_round=5, minutes=None)


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a demo draw in the process that other tests use too, not in one for each core of the machine."""
    monkeypatch.setattr("generator.datasets.dataset.Processes", lambda _: KeptWorker())


def silent(_: str) -> Callable[[int, int], None]:
    return lambda done, total: None


def loop(pool: Path | None, out: Path) -> Outcome:
    return run_demo(pool, out, settings=SMALL, on_progress=silent)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_the_demo_goes_round_and_reports(tmp_path: Path) -> None:
    outcome = loop(None, tmp_path / "demo")
    assert [done.labels for done in outcome.rounds] == [0, 5, 10]
    assert len({done.evaluation.n for done in outcome.rounds if done.evaluation}) == 1
    queued = {item.path for item in outcome.queue}
    assert not queued & {example.path for example in outcome.pool.test}
    rows = list(csv.DictReader((tmp_path / "demo" / "predictions.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(outcome.pool.paths)
    page = write_demo_report(outcome).read_text(encoding="utf-8")
    for heading in ("What was drawn", "Learning curve", "Confusion", "The queue", "What is still wrong"):
        assert heading in page
    assert page.count('class="card"') == 10 + len(
        outcome.rounds[-1].evaluation.mistakes if outcome.rounds[-1].evaluation else ()
    )
    assert "accuracy with  10 labels" in summarize_demo(outcome)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_unlabelled_images_are_queued_and_the_next_run_goes_on_from_the_labels(tmp_path: Path) -> None:
    pool = tmp_path / "mine"
    for index, path in enumerate(sorted(write_crops(tmp_path / "crops", 6).rglob("*.png"))):
        pool.mkdir(exist_ok=True)
        path.rename(pool / f"{index}.png")
    out = tmp_path / "demo"
    outcome = loop(pool, out)
    assert [(done.labels, done.evaluation) for done in outcome.rounds] == [(0, None)]
    assert "boxwright label" in summarize_demo(outcome)
    assert "Yours to label" in write_demo_report(outcome).read_text(encoding="utf-8")
    with LabelStore.open(out / "labels.db", create=False) as store:
        for item in store.open_items(limit=4):
            store.record(item.item, "label", "checked")
    assert [done.labels for done in loop(pool, out).rounds] == [0, 4]


def test_a_pool_that_is_not_there_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no folder"):
        loop(tmp_path / "nowhere", tmp_path / "demo")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        loop(tmp_path / "empty", tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


def test_every_kind_of_widget_is_held_out_and_no_family_is_left_without_company() -> None:
    families = load_families()
    chosen = held_out_families(families, seed=0)
    assert {families[name].declared.kind for name in chosen} == {one.declared.kind for one in families.values()}
    assert len(chosen) == 10
    assert chosen == held_out_families(families, seed=0) != held_out_families(families, seed=1)


QUICK = MachineSpeed(drawn_per_s=100, trained_per_s=600, drawing_start_s=3, training_start_s=1)
SLOW = MachineSpeed(drawn_per_s=15, trained_per_s=90, drawing_start_s=12, training_start_s=4)


def test_a_demo_is_as_large_as_fits_into_its_minutes() -> None:
    wanted = DemoSettings(minutes=5)
    assert size_demo(wanted, QUICK) == wanted
    slow = size_demo(wanted, SLOW)
    assert slow.n < wanted.n
    assert expected_seconds(slow, SLOW) <= 300
    assert size_demo(wanted.model_copy(update={"minutes": 10}), SLOW).n > slow.n
    assert size_demo(wanted.model_copy(update={"minutes": 0.1}), SLOW).n >= 0.15 * wanted.n, "the smallest that teaches"


def test_what_was_asked_for_is_the_most(tmp_path: Path) -> None:
    small = DemoSettings(n=50, pool_n=20, epochs=2, minutes=5)
    assert size_demo(small, SLOW) == small
    assert fit_demo(SMALL, tmp_path, say=pytest.fail, on_progress=silent) == SMALL, (
        "without minutes nothing is measured"
    )


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_the_machine_is_measured_once_for_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("active.demo.sizing.MEASURED_CROPS", 24)
    wanted, lines = DemoSettings(n=2000, minutes=1, seed=3), []
    size = fit_demo(wanted, tmp_path / "demo", say=lines.append, on_progress=silent)
    assert size.n <= 2000
    assert "crops/s and trains on" in lines[0]
    assert f"{size.n:,} crops" in lines[0]
    assert fit_demo(wanted, tmp_path / "demo", say=lines.append, on_progress=silent) == size
    assert lines[1].endswith("as before")
