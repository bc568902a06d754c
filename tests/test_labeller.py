import asyncio
import html
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot

from active.labelling.keys import LabelSettings
from active.labelling.labeller import LabelApp
from active.labelling.prefetch import load_picture
from active.labelling.sitting import Pace
from active.store.events import QueueItem
from active.store.store import LabelStore
from base.errors import InputError
from model.reading.images import content_hash

CLASSES = ("checked", "unchecked", "other")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def queue(store: LabelStore, folder: Path, count: int, classes: tuple[str, ...] = CLASSES) -> list[QueueItem]:
    """Queue pictures 0.png, 1.png … of which each differs in its colour."""
    items = []
    for number in range(count):
        path = folder / f"{number}.png"
        Image.new("RGB", (40, 20), (10 * number, 100, 50)).save(path)
        probabilities = {name: 1 / len(classes) for name in classes}
        items.append(QueueItem(content_hash(path), path, 0.9, "margin 0.04 between a and b", classes[0], probabilities))
    store.add_batch(classes=classes, strategy="margin", model="m", items=items)
    return items


def drive(store: LabelStore, steps: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)) -> None:
    async def run() -> None:
        async with LabelApp(store).run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())


def press(store: LabelStore, *keys: str, size: tuple[int, int] = (80, 24)) -> str:
    """Start the app, press keys and return the text of the screen then."""
    texts = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        texts.append(text_of(pilot))

    drive(store, steps, size)
    return texts[0]


def text_of(pilot: Pilot[None]) -> str:
    parts = re.findall(r">([^<]*)</text>", pilot.app.export_screenshot())
    return html.unescape("".join(parts)).replace("\N{NO-BREAK SPACE}", " ")


def labels(store: LabelStore) -> list[tuple[str, str]]:
    return [(labelled.path.name, labelled.label) for labelled in store.labels()]


def test_a_digit_labels_and_the_next_picture_comes(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 4)
    shown = press(store, "1", "3", "2")
    assert labels(store) == [("0.png", "checked"), ("1.png", "other"), ("2.png", "unchecked")]
    assert "3 of 4 done" in shown
    assert "1 left" in shown
    assert "✓ unchecked   2.png" in shown


def test_digits_follow_the_order_of_the_models_classes(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2, classes=("off", "half", "on", "none"))
    assert "1  off 0 2  half 0 3  on 0 4  none 1" in press(store, "4")
    assert labels(store) == [("0.png", "none")]


def test_from_ten_classes_on_letters_that_are_free_label(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2, classes=tuple(f"class{number}" for number in range(12)))
    press(store, "0", "b")
    assert labels(store) == [("0.png", "class9"), ("1.png", "class11")]


def test_each_label_is_in_the_store_when_the_key_has_been_handled(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)
    seen = []

    async def steps(pilot: Pilot[None]) -> None:
        for key in "12":
            await pilot.press(key)
            with LabelStore.open(store.name) as other:
                seen.append(len(other.labels()))

    drive(store, steps)
    assert seen == [1, 2]


def test_backspace_takes_back_one_by_one_also_from_an_earlier_session(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)
    press(store, "1", "2")
    shown = press(store, "backspace")
    assert "↶ took back unchecked   1.png" in shown
    assert labels(store) == [("0.png", "checked")]
    assert "nothing left to undo" in press(store, "backspace", "backspace")
    assert labels(store) == []


def test_what_was_undone_is_shown_again_and_can_be_labelled_anew(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)
    press(store, "s", "1", "backspace", "3")
    assert labels(store) == [("1.png", "other")]


def test_skipped_pictures_come_back_after_the_rest(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    shown = press(store, "s", "1")
    assert "1 left (1 skipped)" in shown
    assert "0.png   40×20 px" in shown
    press(store, "2")
    assert labels(store) == [("1.png", "checked"), ("0.png", "unchecked")]


def test_discarded_pictures_are_counted_apart(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    shown = press(store, "d")
    assert "discarded 1" in shown
    assert "1 of 2 done" in shown
    assert labels(store) == []


def test_the_suggestion_is_hidden_until_asked_for_and_noted_when_shown(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)
    texts = []

    async def steps(pilot: Pilot[None]) -> None:
        for key in ("question_mark", "1", "question_mark", "question_mark"):
            texts.append(text_of(pilot))
            await pilot.press(key)
            await pilot.pause()

    drive(store, steps)
    assert ["checked 0.33" in text for text in texts] == [False, True, False, True]
    press(store, "1")
    reader = sqlite3.connect(store.name)
    rows = reader.execute("SELECT hinted FROM events ORDER BY seq").fetchall()
    reader.close()
    assert rows == [(1,), (0,)]


def test_other_keys_do_nothing(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    assert "0 of 2 done" in press(store, "4", "0", "x", "enter", "tab", "escape", "up", "minus")


def test_caps_lock_does_not_matter(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    assert "discarded 1" in press(store, "D")


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
def test_the_labeller_can_be_left(store: LabelStore, tmp_path: Path, key: str) -> None:
    queue(store, tmp_path, 2)

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("1", key)
        await pilot.pause()
        assert not pilot.app.is_running

    drive(store, steps)
    assert labels(store) == [("0.png", "checked")]


def test_an_empty_queue_says_what_to_do_next_and_still_undoes(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 1)
    shown = press(store, "1", "1", "s", "d")
    assert "Nothing left to label" in shown
    assert "boxwright labels export" in shown
    assert "boxwright queue" in shown
    assert "0 of 1 done" in press(store, "backspace")


def test_a_vanished_file_can_be_skipped_or_discarded_but_not_labelled(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    (tmp_path / "0.png").unlink()
    shown = press(store, "1")
    assert "This picture cannot be shown" in shown
    assert "no such file or directory" in shown
    assert "there is no picture to label" in shown
    press(store, "d", "2")
    assert labels(store) == [("1.png", "unchecked")]


def test_a_file_that_changed_since_it_was_queued_is_not_shown(store: LabelStore, tmp_path: Path) -> None:
    [item] = queue(store, tmp_path, 1)
    Image.new("RGB", (40, 20), "white").save(item.path)
    assert load_picture(item).error == "the file has changed since it was queued"


def test_a_label_that_cannot_be_saved_is_said_and_the_picture_stays(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    connection = sqlite3.connect(store.name)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    connection.close()
    shown = press(store, "1", "backspace", "1")
    assert "not saved: label store" in shown
    assert "disk is full" in shown.replace("\n", " ")
    assert "0 of 2 done" in shown
    assert "0.png" in shown


def test_the_picture_is_drawn_as_half_blocks(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 1)
    assert press(store, size=(80, 40)).count("▀") == 40 * 10  # 40 px wide, 20 px high, two pixels a cell


def test_zoom_shows_a_part_and_moving_another(store: LabelStore, tmp_path: Path) -> None:
    [item] = queue(store, tmp_path, 1)
    image = Image.new("RGB", (1600, 40), "white")
    image.paste("red", (0, 0, 400, 40))
    image.save(item.path)
    wide = QueueItem(content_hash(item.path), item.path, 0.9, "", "checked", {})
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=[wide])
    red = "#ff0000"
    colours = []

    async def steps(pilot: Pilot[None]) -> None:
        for keys in ((), ("z", "plus"), ("shift+left",) * 6, ("minus", "minus")):
            await pilot.press(*keys)
            await pilot.pause()
            colours.append(red in pilot.app.export_screenshot().lower())

    drive(store, steps)
    assert colours == [True, False, True, True]


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60), (20, 5)])
def test_it_works_at_any_size(store: LabelStore, tmp_path: Path, size: tuple[int, int]) -> None:
    queue(store, tmp_path, 2)
    press(store, "question_mark", "1", size=size)
    assert labels(store) == [("0.png", "checked")]


def test_a_resize_redraws_the_picture_and_the_lines(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 1)

    async def steps(pilot: Pilot[None]) -> None:
        small = text_of(pilot).count("▀")
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert text_of(pilot).count("▀") > small

    drive(store, steps, size=(60, 16))


def test_pace_leaves_pauses_out_and_waits_for_enough() -> None:
    pace = Pace()
    for time_s in (0, 2, 4):
        pace.add(time_s)
    assert pace.per_minute() is None
    pace.add(6)
    assert pace.per_minute() == pytest.approx(30)
    pace.add(1000)
    pace.add(1001)
    assert pace.per_minute() == pytest.approx(60 * 4 / 7)
    pace.drop()
    assert pace.per_minute() == pytest.approx(30)


RUN = "import sys, pathlib; from active.labelling.labeller import run_labeller; "


def failure(path: Path | str, *, stdin: int, stderr: int) -> str:
    """Run the labeller, which must refuse, in a process of its own; return the class and text of its error."""
    program = RUN + (
        "from base.errors import BoxwrightError\n"
        "try: run_labeller(pathlib.Path(sys.argv[1]), annotator='ann')\n"
        "except BoxwrightError as error: print(type(error).__name__, error)"
    )
    process = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"TERM": "xterm-256color"},
        timeout=60,
        check=True,
    )
    return process.stdout.decode().strip()


@pytest.fixture
def terminal_end() -> Iterator[int]:
    ours, theirs = pty.openpty()
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_piped_input_is_refused_before_the_screen_starts(tmp_path: Path, terminal_end: int) -> None:
    said = failure(tmp_path / "x.db", stdin=subprocess.DEVNULL, stderr=terminal_end)
    assert said.startswith("InputError the labeller needs a terminal, but its input is not one")


def test_a_store_without_a_queue_says_how_to_fill_it(store: LabelStore, terminal_end: int) -> None:
    said = failure(store.name, stdin=terminal_end, stderr=terminal_end)
    assert said == (f"InputError nothing is queued in {store.name}; `boxwright queue POOL --model MODEL` fills it")


def test_a_missing_store_is_not_made(tmp_path: Path, terminal_end: int) -> None:
    said = failure(tmp_path / "x.db", stdin=terminal_end, stderr=terminal_end)
    assert said.startswith("MissingError no label store")
    assert not (tmp_path / "x.db").exists()


def test_more_classes_than_keys_are_refused(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 1, classes=tuple(f"class{number}" for number in range(40)))
    with pytest.raises(InputError, match="40 classes, but only 29 keys"):
        LabelApp(store)


def test_labelling_loads_no_torch() -> None:
    program = "import sys, active.labelling.labeller, active.exchange.labels; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_space_shows_the_suggestion_and_then_accepts_it(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    assert "? checked: once more to accept" in press(store, "space")
    assert labels(store) == []
    press(store, "space", "space")
    assert labels(store) == [("0.png", "checked")]
    assert [event.hinted for event in store.events()] == [True]


def test_suggestions_can_be_shown_unasked_and_are_logged(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)

    async def run() -> None:
        async with LabelApp(store, LabelSettings(suggest=True)).run_test() as pilot:
            await pilot.pause()
            await pilot.press("space", "2")
            await pilot.pause()

    asyncio.run(run())
    assert labels(store) == [("0.png", "checked"), ("1.png", "unchecked")]
    assert [event.hinted for event in store.events()] == [True, True]


def test_history_shows_what_was_said_and_takes_a_new_label(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 4)
    shown = press(store, "1", "2", "left", "left")
    assert "2 back; you said: checked" in shown
    assert "0.png" in shown
    assert "nothing before this one" in press(store, "left", "left", "left")
    shown = press(store, "left", "left", "3", "right")
    assert sorted(labels(store)) == [("0.png", "other"), ("1.png", "unchecked")]
    assert "2.png" in shown


def test_a_flag_and_a_note_stay_with_the_picture(store: LabelStore, tmp_path: Path) -> None:
    [item] = queue(store, tmp_path, 1)
    shown = press(store, "f", "n", *"dim 1", "enter")
    assert "⚑   ✎ dim 1" in shown
    assert store.remarks(item.item) == (True, "dim 1")
    assert labels(store) == []
    press(store, "n", "x", "escape")
    assert store.remarks(item.item) == (True, "dim 1")
    press(store, "backspace", "backspace")
    assert store.remarks(item.item) == (False, "")


def test_keys_of_the_settings_are_used_and_shown(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 3)
    settings = LabelSettings(keys={"skip": "x"}, classes={"other": "o"})
    texts = []

    async def run() -> None:
        async with LabelApp(store, settings).run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.press("x", "o")
            await pilot.pause()
            texts.append(text_of(pilot))

    asyncio.run(run())
    assert labels(store) == [("1.png", "other")]
    assert "o  other 1" in texts[0]
    assert "x skip" in texts[0]


def test_two_labellers_never_show_the_same_picture(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 12)
    with LabelStore.open(store.name, annotator="bob") as other:

        async def steps(pilot: Pilot[None]) -> None:
            async with LabelApp(other).run_test() as second:
                await second.pause()
                for _ in range(6):
                    await pilot.press("1")
                    await second.press("2")
                await second.pause()
                assert "Nothing left to label" in text_of(second)

        drive(store, steps)
    events = store.events()
    assert len({event.item for event in events}) == len(events) == 12
    assert {event.annotator for event in events} == {"ann", "bob"}
    assert store.disputes() == []


def test_a_picture_that_somebody_else_took_is_not_labelled_twice(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 2)
    texts = []

    async def steps(pilot: Pilot[None]) -> None:
        store.lease_s = 0.0
        store.renew()  # as if the machine had slept
        with LabelStore.open(store.name, annotator="bob") as other:
            other.record(other.claim(2)[0].item, "label", "other", claimed=True)
            store.lease_s = 60.0
            await pilot.press("1")
            await pilot.pause()
            texts.append(text_of(pilot))

    drive(store, steps)
    assert "not saved: somebody else has taken this picture meanwhile" in texts[0]
    assert labels(store) == [("0.png", "other")]


def test_zoom_shows_what_is_around_a_crop_first(store: LabelStore, tmp_path: Path) -> None:
    [item] = queue(store, tmp_path, 1)
    Image.new("RGB", (400, 400), "white").save(tmp_path / "screen.png")
    row = {"file_name": item.path.name, "screenshot": "screen.png", "screenshot_box_px": [200, 200, 240, 220]}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row), encoding="utf-8")
    white = []

    async def steps(pilot: Pilot[None]) -> None:
        for _ in range(6):
            white.append("#ffffff" in pilot.app.export_screenshot().lower())
            await pilot.press("z")
            await pilot.pause()

    drive(store, steps)
    assert white == [False, True, True, False, False, False]


def cut_out(store: LabelStore, folder: Path, count: int, classes: tuple[str, ...] = CLASSES) -> list[QueueItem]:
    """Queue pictures of which metadata say where on a screenshot they are."""
    items = queue(store, folder, count, classes)
    Image.new("RGB", (400, 400), "white").save(folder / "screen.png")
    place = {"screenshot": "screen.png", "screenshot_box_px": [200, 200, 240, 220], "screen_box": [206, 204, 20, 12]}
    rows = [json.dumps({"file_name": item.path.name, **place}) for item in items]
    (folder / "metadata.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return items


def actions(store: LabelStore) -> list[tuple[str, str | None]]:
    return [(event.action, event.label) for event in store.events()]


def test_no_widget_here_is_the_class_for_that(store: LabelStore, tmp_path: Path) -> None:
    cut_out(store, tmp_path, 2)
    assert "✓ other" in press(store, "/")
    assert actions(store) == [("label", "other")]


def test_no_widget_here_is_kept_where_no_class_says_so(store: LabelStore, tmp_path: Path) -> None:
    [first, _] = cut_out(store, tmp_path, 2, classes=("off", "on"))
    shown = press(store, "/")
    assert "no widget here" in shown
    assert "no widget 1" in shown
    assert actions(store) == [("no_widget", None)]
    assert store.decided() == {first.item}


def test_a_wrong_box_is_kept_and_can_be_taken_back(store: LabelStore, tmp_path: Path) -> None:
    cut_out(store, tmp_path, 2)
    shown = press(store, "#")
    assert "box is wrong" in shown
    assert "wrong box 1" in shown
    assert actions(store) == [("wrong_box", None)]
    assert "took back box is wrong" in press(store, "backspace")
    assert actions(store) == []


def test_a_wrong_box_can_be_corrected_by_going_back(store: LabelStore, tmp_path: Path) -> None:
    [first, _] = cut_out(store, tmp_path, 2)
    assert "you said: box is wrong" in press(store, "#", "left")
    press(store, "left", "1")
    assert [(each.item, each.label) for each in store.labels()] == [(first.item, "checked")]


def test_places_are_not_spoken_of_where_there_is_no_screenshot(store: LabelStore, tmp_path: Path) -> None:
    queue(store, tmp_path, 1)
    shown = press(store, "/", size=(100, 24))
    assert "this picture was cut out of none" in shown
    assert "wrong box" not in shown
    assert actions(store) == []


def test_the_keys_of_places_are_shown_for_a_place(store: LabelStore, tmp_path: Path) -> None:
    cut_out(store, tmp_path, 1)
    shown = press(store, size=(120, 30))
    assert "/ no widget" in shown
    assert "# wrong box" in shown


@pytest.mark.parametrize("graphics", ["quadrants", "kitty", "sixel", "none"])
def test_every_kind_of_graphics_labels(store: LabelStore, tmp_path: Path, graphics: str) -> None:
    queue(store, tmp_path, 2)

    async def run() -> None:
        async with LabelApp(store, LabelSettings(graphics=graphics)).run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert ("█" in text_of(pilot)) == (graphics == "quadrants")
            assert "0.png" in text_of(pilot)
            await pilot.press("1")

    asyncio.run(run())
    assert labels(store) == [("0.png", "checked")]


def test_a_disputed_picture_says_so_and_on_request_who_said_what(store: LabelStore, tmp_path: Path) -> None:
    [item] = queue(store, tmp_path, 1)
    for who, label in (("ann", "checked"), ("bob", "other")):
        with LabelStore.open(store.name, annotator=who) as other:
            other.record(item.item, "label", label)
    shown = press(store, "1", "left")
    assert labels(store) == [("0.png", "checked")]
    press(store, "backspace")
    shown = press(store, "w")
    assert "disputed" in shown
    assert "ann said checked, bob said other" in shown
