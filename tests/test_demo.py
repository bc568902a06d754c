import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from active.demo.demo import DemoSettings, Outcome, held_out_families, run_demo
from active.demo.demo_report import summarize_demo, write_demo_report
from active.store.store import LabelStore
from base.errors import InputError, MissingError
from generator.families.family import load_families
from tests.crops import write_crops

SMALL = DemoSettings(n=60, pool_n=60, epochs=2, rounds=2, labels_a_round=5)


def silent(_: str) -> Callable[[int, int], None]:
    return lambda done, total: None


def loop(pool: Path | None, out: Path) -> Outcome:
    return run_demo(pool, out, settings=SMALL, on_progress=silent)


@pytest.mark.browser
@pytest.mark.slow
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
