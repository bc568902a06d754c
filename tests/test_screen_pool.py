from pathlib import Path

import pytest
from PIL import Image

from active.choosing.queue import QueueSettings, fill_queue
from active.choosing.screen_pool import cut_screens, known_places
from active.store.store import LabelStore
from base.errors import InputError, MissingError, NothingToQueueError
from model.finding.widgets import FoundWidget
from tests.scanners import FrameScanner, draw_screen
from tests.test_predict import model


class ShiftedScanner(FrameScanner):
    """Finds the same frames a little further right, and sees one more thing."""

    def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
        found = super().scan(image, min_confidence=min_confidence)
        moved = [
            FoundWidget(each.kind, each.state, (each.box[0] + 2, *each.box[1:]), 0.3, 0.9) for each in found if each.box
        ]
        return [*moved, FoundWidget("radio", "checked", (200.0, 150.0, 16.0, 16.0), 0.2, 0.9)]


def draw(folder: Path) -> Path:
    folder.mkdir()
    draw_screen([(20, 30, "checkbox", True), (20, 80, "switch", False)]).save(folder / "a.png")
    draw_screen([(40, 60, "checkbox", False)], faint=True).save(folder / "b.png")
    return folder


def test_each_place_has_its_crop_its_screen_and_how_sure_the_scanner_is(tmp_path: Path) -> None:
    pool = cut_screens(FrameScanner(), [draw(tmp_path / "screens")], tmp_path / "crops")
    assert [(each.screen.name, each.box, each.kind, each.confidence) for each in pool.places] == [
        ("a.png", (20, 30, 16, 16), "checkbox", 0.97),
        ("a.png", (20, 80, 32, 16), "switch", 0.97),
        ("b.png", (40, 60, 16, 16), "checkbox", 0.6),
    ]
    assert all(crop.is_file() for crop in pool.crops)
    assert pool.confidences[pool.crops[2]] == 0.6


def test_screens_that_are_cut_already_are_not_scanned_again(tmp_path: Path) -> None:
    class Broken(FrameScanner):
        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            raise AssertionError

    screens = draw(tmp_path / "screens")
    first = cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    assert cut_screens(Broken(), [screens], tmp_path / "crops") == first


def test_what_another_scanner_finds_again_keeps_its_crop_and_gets_the_new_doubt(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    first = cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    again = cut_screens(ShiftedScanner("shifted"), [screens], tmp_path / "crops")
    assert set(first.crops) < set(again.crops)
    kept = [each for each in again.places if each.crop in set(first.crops)]
    assert [(each.box, each.confidence) for each in kept] == [(each.box, 0.3) for each in first.places]
    assert [each.kind for each in again.places if each not in kept] == ["radio", "radio"]


def test_what_is_not_found_again_is_believed_to_be_none(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    cut_screens(ShiftedScanner("shifted"), [screens], tmp_path / "crops")
    again = cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    assert sorted(each.confidence for each in again.places) == [0.0, 0.0, 0.6, 0.97, 0.97]


def test_new_screens_are_cut_too(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    draw_screen([(90, 90, "switch", True)]).save(screens / "c.png")
    again = cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    assert [each.screen.name for each in again.places] == ["a.png", "a.png", "b.png", "c.png"]


def test_crops_below_the_screens_are_no_screens(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    first = cut_screens(FrameScanner(), [screens], screens / "crops")
    assert cut_screens(FrameScanner(), [screens], screens / "crops") == first


def test_crops_go_into_another_folder_than_the_screens(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    with pytest.raises(InputError, match=r"all screenshots lie in .*; choose another folder for the crops"):
        cut_screens(FrameScanner(), [screens], screens)
    with pytest.raises(InputError, match=r"a\.png is a file; the crops go into a folder"):
        cut_screens(FrameScanner(), [screens], screens / "a.png")


def test_screens_without_widgets_leave_nothing_to_queue(tmp_path: Path) -> None:
    Image.new("RGB", (90, 60), "white").save(tmp_path / "a.png")
    with pytest.raises(NothingToQueueError, match="nothing to queue: no place on 1 screenshot may be a widget"):
        cut_screens(FrameScanner(), [tmp_path / "a.png"], tmp_path / "crops")


def test_broken_screens_are_told_and_the_others_cut(tmp_path: Path) -> None:
    screens = draw(tmp_path / "screens")
    (screens / "c.png").write_bytes(b"no picture")
    pool = cut_screens(FrameScanner(), [screens], tmp_path / "crops")
    assert [each.path.name for each in pool.unreadable] == ["c.png"]
    assert len(pool.places) == 3


def test_broken_screens_alone_are_an_error_that_names_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(NothingToQueueError, match=r"of 1 screenshot, 1 cannot be read \(.*a\.png: "):
        cut_screens(FrameScanner(), [tmp_path / "a.png"], tmp_path / "crops")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="nowhere"):
        cut_screens(FrameScanner(), [tmp_path / "nowhere"], tmp_path / "crops")


def test_a_damaged_row_is_named(tmp_path: Path) -> None:
    cut_screens(FrameScanner(), [draw(tmp_path / "screens")], tmp_path / "crops")
    [rows] = (tmp_path / "crops").glob("*/metadata.jsonl")
    rows.write_text('{"file_name": "a.png"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"metadata\.jsonl:1: this is no row of a crop that was cut out"):
        known_places(tmp_path / "crops")


def test_the_queue_goes_by_how_sure_the_scanner_is_that_there_is_a_widget(tmp_path: Path) -> None:
    pool = cut_screens(FrameScanner(), [draw(tmp_path / "screens")], tmp_path / "crops")
    with LabelStore.open(tmp_path / "labels.db") as store:
        settings = QueueSettings(n=3, audit_share=0)
        queue = fill_queue(pool.crops, store, model=model(), settings=settings, confidences=pool.confidences)
    told = {each.path: each.probabilities for each in queue.items}
    assert {path: round(1 - told[path]["other"], 4) for path in pool.crops} == pool.confidences
    assert all(sum(each.values()) == pytest.approx(1) for each in told.values())
