"""A loop over screenshots: what is said of places on them teaches the finder."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from active.choosing.choose import QueueSettings
from active.loop import loop as loop_module
from active.loop.finder_duel import FinderDuel
from active.loop.finder_round import JudgedPlaces, judge_places, known_screens, teach_finder
from active.loop.loop import Loop, LoopSettings, begin, next_step, open_loop, queue_round
from active.loop.loop_record import RoundRecord
from active.loop.loop_round import tidy, train_round
from active.store.store import LabelStore
from base.errors import InputError
from model.finding.finder_files import read_finder_file
from model.networks.checkpoint import save_model
from tests.scanners import FrameScanner, draw_screen, write_screens
from tests.test_cli import run
from tests.test_loop import quiet
from tests.test_predict import model

SETTINGS = LoopSettings.model_validate({"n": 16, "fine_tuning": {"epochs": 1}, "finder_steps": 1})


def opened_loop(place: Path, *, screens: bool = True) -> Loop:
    return open_loop(
        (str(place / "screens"),),
        place / "loop",
        start=place / "start",
        settings=SETTINGS,
        choosing=QueueSettings(duplicate_similarity=2),
        screens=screens,
    )


@pytest.fixture(scope="module")
def queued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of screenshots with a loop over them whose first places are queued."""
    place = tmp_path_factory.mktemp("queued")
    write_screens(place / "screens", 40)
    (place / "start").mkdir()
    save_model(model(), place / "start", training={})
    with LabelStore.open(place / "labels.db", annotator="ann") as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop_module, "load_scanner", lambda *_, **__: FrameScanner())
        assert queue_round(opened_loop(place), store, quiet)
    return place


@pytest.fixture
def place(queued: Path, tmp_path: Path) -> Path:
    return shutil.copytree(queued, tmp_path / "place")


def answer(store: LabelStore) -> None:
    """Say of one place that its box is wrong, of each fourth that there is no widget, and label the others."""
    for number, item in enumerate(store.open_items()):
        if number == 2:
            store.record(item.item, "wrong_box")
        else:
            store.record(item.item, "label", "other" if number % 4 == 3 else "checked")


def train(loop: Loop, store: LabelStore) -> RoundRecord:
    return train_round(loop, store, on_train=lambda _what, _progress: None, on_progress=quiet)


def test_what_is_said_of_crops_is_known_of_their_places(place: Path) -> None:
    loop = opened_loop(place)
    with LabelStore.open(place / "labels.db", annotator="ann") as store:
        answer(store)
        judged = judge_places(loop.cuts, store)
    counts = {verdict: sum(each.verdict == verdict for each in judged.places) for verdict in ("widget", "none")}
    assert counts["widget"] >= 8
    assert counts["none"] >= 2


def test_a_round_teaches_the_finder_and_says_what_came_of_it(place: Path) -> None:
    with LabelStore.open(place / "labels.db", annotator="ann") as store:
        answer(store)
        assert next_step(opened_loop(place), store) == "train"
        record = train(opened_loop(place), store)
        loop = opened_loop(place, screens=False)
        assert record.finder is not None
        assert "confirmed widgets" in record.to_text()
        assert record.finder.widgets >= 8
        tidy(loop)
        taken = loop.finder()
        assert (taken is not None) == record.finder.takes_over
        if taken is not None:
            assert read_finder_file(taken).training["steps"] == 1
        assert queue_round(loop, store, quiet)
        assert len(list(loop.cuts.iterdir())) == 1 + (taken is not None or record.judgement.takes_over)


def test_a_wrong_box_alone_is_something_new_to_train_on(place: Path) -> None:
    with LabelStore.open(place / "labels.db", annotator="ann") as store:
        before = begin(store)
        store.record(store.open_items()[0].item, "wrong_box")
        assert begin(store).digest != before.digest


def test_a_loop_of_crops_does_not_become_one_of_screenshots(place: Path) -> None:
    arguments = {"start": place / "start", "settings": SETTINGS, "choosing": QueueSettings()}
    open_loop((str(place / "screens"),), place / "other", **arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="was begun with crops, not with screenshots"):
        open_loop((str(place / "screens"),), place / "other", screens=True, **arguments)  # type: ignore[arg-type]


def places(folder: Path, *verdicts: str, confidence: float = 0.5) -> JudgedPlaces:
    draw_screen([(20, 30, "checkbox", True)]).save(folder / "a.png")
    return JudgedPlaces.model_validate(
        {
            "places": [
                {
                    "screen": folder / "a.png",
                    "box": (20.0 + 40 * number, 30.0, 16.0, 16.0),
                    "kind": "checkbox",
                    "enabled": True,
                    "confidence": confidence,
                    "verdict": verdict,
                }
                for number, verdict in enumerate(verdicts)
            ]
        }
    )


def test_what_is_confirmed_or_sure_is_wanted_and_what_is_doubtful_or_misplaced_passed_over(tmp_path: Path) -> None:
    [screen] = known_screens(places(tmp_path, "widget", "none", "unsaid", "wrong"))
    assert screen.boxes[:, 0].tolist() == [20, 100, 140]
    assert screen.ignored.tolist() == [False, True, True]
    [sure] = known_screens(places(tmp_path, "none", "unsaid", "wrong", confidence=0.7))
    assert sure.boxes[:, 0].tolist() == [60, 100]
    assert sure.ignored.tolist() == [False, True]


def test_screens_that_are_gone_teach_nothing(tmp_path: Path) -> None:
    judged = places(tmp_path, "widget")
    (tmp_path / "a.png").unlink()
    assert known_screens(judged) == []


@pytest.mark.parametrize("verdicts", [("unsaid", "wrong"), ("none", "unsaid")])
def test_where_nothing_is_said_or_nothing_is_a_widget_no_finder_is_taught(
    tmp_path: Path, verdicts: tuple[str, ...]
) -> None:
    (tmp_path / "start").mkdir()
    save_model(model(), tmp_path / "start", training={})
    write_screens(tmp_path / "screens", 2)
    judged = places(tmp_path, *verdicts)
    assert (
        teach_finder(opened_loop(tmp_path), judged, tmp_path / "finder", reader=tmp_path / "start", on_progress=quiet)
        is None
    )
    assert not (tmp_path / "finder").exists()


@pytest.mark.parametrize(
    ("found", "takes_over"),
    [((5, 6, 3, 3), True), ((5, 5, 3, 2), True), ((5, 5, 3, 3), False), ((5, 4, 3, 0), False), ((5, 8, 3, 4), False)],
)
def test_a_finder_takes_over_if_it_is_better_and_nowhere_worse(
    found: tuple[int, int, int, int], takes_over: bool
) -> None:
    assert FinderDuel(9, 4, *found).takes_over == takes_over
    assert ("it takes over" in FinderDuel(9, 4, *found).to_text()) == takes_over


def test_the_commands_say_what_is_wrong_with_a_pool(place: Path) -> None:
    blank = place / "blank"
    blank.mkdir()
    Image.new("RGB", (200, 100), "white").save(blank / "a.png")
    asked = ("--store", place / "other.db")
    code, _, said = run("loop", blank, "--screens", *asked, "--out", place / "blank-loop")
    assert (code, "no place on 1 screenshot may be a widget" in said) == (1, True)
    code, _, said = run("queue", blank, "--screens", *asked, "--crops", place / "cut", "-m", "pretrained")
    assert (code, "no place on 1 screenshot may be a widget" in said) == (1, True)
    code, _, said = run("queue", blank, *asked, "--crops", place / "cut", "-m", "pretrained")
    assert (code, "--finder and --crops go with --screens" in said) == (1, True)
    code, _, said = run("loop", place / "nowhere", "--screens", *asked, "--out", place / "blank-loop")
    assert (code, "nowhere" in said) == (1, True)


def test_a_broken_screenshot_is_told_and_the_others_are_queued(place: Path) -> None:
    (place / "screens" / "broken.png").write_bytes(b"no picture")
    options = ("--store", place / "other.db", "--crops", place / "cut", "-m", "pretrained", "-n", 5)
    code, out, said = run("queue", place / "screens", "--screens", *options)
    assert (code, "broken.png: " in said, "5 images queued" in said) == (3, True, True)
    assert out.count("\n") == 5
