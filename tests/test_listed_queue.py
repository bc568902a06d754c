from pathlib import Path

import pytest

from active.choosing.listed_queue import queue_listed
from active.choosing.picture_lists import ListedPicture, read_picture_list, write_picture_list
from active.store.store import LabelStore
from base.errors import InputError
from model.networks.trained_model import Model, load_model
from model.reading.images import content_hash
from tests.crops import write_crops
from tests.test_folder_commands import run


@pytest.fixture(scope="module")
def judge() -> Model:
    return load_model(Path("pretrained"))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    crops = write_crops(tmp_path / "crops", 3)
    rows = [ListedPicture(crops / "other" / f"{seed:04}.png", f"reason {seed}", "other") for seed in (2, 0, 1)]
    write_picture_list(tmp_path / "look.csv", rows)
    return tmp_path / "look.csv"


def test_a_list_is_queued_in_its_order_and_for_its_reasons(listed: Path, judge: Model, tmp_path: Path) -> None:
    with LabelStore.open(tmp_path / "labels.db") as store:
        queue = queue_listed(read_picture_list(listed), store, model=judge)
        assert [item.reason for item in queue.items] == ["reason 2", "reason 0", "reason 1"]
        assert [item.item for item in store.open_items()] == [item.item for item in queue.items]


def test_what_is_decided_is_asked_about_again(listed: Path, judge: Model, tmp_path: Path) -> None:
    pictures = read_picture_list(listed)
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        queue_listed(pictures, store, model=judge)
        store.record(content_hash(pictures[0].path), "label", "checked")
        assert len(store.open_items()) == 2
        queue = queue_listed(pictures, store, model=judge)
        assert queue.items[0].reason == "you labelled this `checked`; reason 2"
        assert queue.second_look == {content_hash(pictures[0].path)}
        assert len(store.open_items()) == 3


def test_what_cannot_be_read_is_named_and_the_rest_is_queued(listed: Path, judge: Model, tmp_path: Path) -> None:
    pictures = read_picture_list(listed)
    pictures[0].path.write_text("I am a text")
    pictures[1].path.unlink()
    with LabelStore.open(tmp_path / "labels.db") as store:
        queue = queue_listed(pictures, store, model=judge)
    assert len(queue.items) == 1
    assert {each.path.name for each in queue.errors} == {"0002.png", "0000.png"}


def test_the_command_queues_a_list(listed: Path, tmp_path: Path) -> None:
    store = tmp_path / "labels.db"
    code, stdout, stderr = run("queue", "--from", listed, "-n", "2", "--store", store, "--model", "pretrained")
    assert code == 0, stderr
    assert [line.split("\t")[1] for line in stdout.splitlines()] == ["reason 2", "reason 0"]
    assert "2 images queued" in stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "POOL missing; or name --from"),
        (["--from", "gone.csv"], 1, "no list gone.csv; `boxwright audit --list` writes one"),
        (["pool", "--from", "gone.csv"], 1, "--from takes a list as it is: leave out POOL"),
        (["--from", "a.csv"], 1, "a.csv: no column path in its first line; found a, b"),
        (["--from", "."], 1, ". is a folder; a CSV file with a column path is needed"),
        (["--from", "empty.csv"], 1, "empty.csv names no picture"),
        (["--from", "empty.csv", "-n", "0"], 1, "-n 0: at least 1 is needed"),
    ],
)
def test_a_list_that_is_wrong_is_one_line(
    words: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("path,reason\n")
    found, _, stderr = run("queue", *words)
    assert found == code
    assert message in stderr


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="no column path"):
        read_picture_list(tmp_path / "empty.csv")
