"""How often a picture's file is opened on its way from the pool to a training: the numbers, and why they are that."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from active.choosing.choose import QueueSettings
from active.choosing.queue import Queue, fill_queue
from active.choosing.strategies import COMPARE_VARIATIONS
from active.labelling.prefetch import load_picture
from active.labelling.sitting import Sitting
from active.loop.loop import LoopSettings, open_loop, queue_round
from active.loop.loop_record import round_at
from active.loop.loop_round import train_round
from active.loop.takeover import JUDGING_FOLDS
from active.store.events import QueueItem
from active.store.store import LabelStore
from model.classifying.classify import ClassifySettings, classify_to_table
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.reading.images import content_hash
from model.training.train import TrainSettings, train
from tests.crops import LABELS, draw_crop, write_crops
from tests.opens import counted_opens, on_open
from tests.test_predict import model


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def start(tmp_path: Path) -> Path:
    folder = tmp_path / "start"
    folder.mkdir()
    save_model(model(), folder, training={})
    return folder


@pytest.fixture
def loaded(start: Path) -> Model:
    return load_model(start)


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    return write_crops(tmp_path / "pool", 12)


def pictures(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.png")}


def quiet(_: str) -> object:
    return lambda _done, _total: None


def fill(pool: Path, store: LabelStore, loaded: Model, strategy: str = "margin") -> Queue:
    return fill_queue([pool], store, model=loaded, settings=QueueSettings(n=9, strategy=strategy))


def test_queueing_opens_each_file_once_be_it_new_known_labelled_broken_or_a_copy(
    pool: Path, loaded: Model, tmp_path: Path
) -> None:
    """The bytes that are hashed are the bytes that are scored; so are those of labelled pictures, wherever they lie."""
    shutil.copy(pool / "other" / "0003.png", pool / "copy.png")
    (pool / "text.png").write_text("I am a text")
    with LabelStore.open(tmp_path / "labels.db") as store:
        for _ in range(2):
            with counted_opens(tmp_path / "pool") as opens:
                queue = fill(pool, store, loaded)
            assert opens == Counter(pictures(pool)), "each once"
            for item in queue.items:
                store.record(item.item, "label", "checked")
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        moved = queue.items[0].path.rename(elsewhere / "moved.png")
        store.relocate({queue.items[0].item: moved})
        with counted_opens(tmp_path) as opens:
            fill(pool, store, loaded)
    assert {name: count for name, count in opens.items() if name.endswith(".png")} == {
        **{f"pool/{name}": 1 for name in pictures(pool)},
        "elsewhere/moved.png": 1,
    }


def test_a_strategy_that_compares_variations_opens_what_is_new_a_second_time(
    pool: Path, loaded: Model, tmp_path: Path
) -> None:
    """Which pictures are new is known when all are read, and a pool does not fit into memory until then."""
    with LabelStore.open(tmp_path / "labels.db") as store:
        for expected in (2, 1):
            with counted_opens(pool) as opens:
                fill(pool, store, loaded, strategy=min(COMPARE_VARIATIONS))
            assert opens == Counter(dict.fromkeys(pictures(pool), expected))


def queued(path: Path) -> QueueItem:
    return QueueItem(content_hash(path), path, 0.9, "margin", "checked", dict.fromkeys(LABELS, 1 / 3))


def test_the_labeller_opens_the_picture_of_an_item_once(pool: Path) -> None:
    item = queued(pool / "checked" / "0000.png")
    with counted_opens(pool) as opens:
        assert load_picture(item).image is not None
    assert opens == {"checked/0000.png": 1}


def test_a_file_that_is_another_one_for_a_moment_cannot_slip_in(pool: Path) -> None:
    """Who opened it to decode it, and again to hash it, would show the other picture and label this one."""
    path = pool / "checked" / "0000.png"
    item, own = queued(path), path.read_bytes()
    shutil.copy(pool / "other" / "0001.png", path)
    opened: list[str] = []

    def put_back(name: str) -> None:
        opened.append(name)
        if len(opened) == 2:
            path.write_bytes(own)

    with on_open(put_back):
        loaded = load_picture(item)
    assert (loaded.image, loaded.error) == (None, "the file has changed since it was queued")


def test_what_the_person_sees_is_what_is_labelled(pool: Path, tmp_path: Path) -> None:
    paths = [pool / "checked" / f"000{number}.png" for number in range(3)]
    items = [queued(path) for path in paths]
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        store.add_batch(classes=LABELS, strategy="margin", model="m", items=items)
        Image.new("RGB", (40, 20), "white").save(paths[1])
        sitting = Sitting(store)
        assert sitting.picture.image is not None
        assert sitting.picture.image.tobytes() == draw_crop("checked", 0).tobytes()
        # It changes while it is on the screen: the label is of what is seen, by its hash, and not of the file.
        Image.new("RGB", (40, 20), "black").save(paths[0])
        assert sitting.picture.image.tobytes() == draw_crop("checked", 0).tobytes()
        sitting.label("checked")
        # This one had changed before it came: nothing is seen, and nothing can be labelled.
        assert sitting.picture.image is None
        notice = sitting.label("checked")
        sitting.close()
        assert notice is not None
        assert "no picture to label" in notice.text
        assert [each.item for each in store.labels()] == [items[0].item]


@pytest.mark.parametrize(("layers", "of_each_copy"), [("last", 2), ("all", 1 + (JUDGING_FOLDS - 1) + 1 + 1)])
def test_a_round_opens_each_picture_for_what_is_done_with_it_and_not_to_know_it_again(
    pool: Path, start: Path, tmp_path: Path, layers: str, of_each_copy: int
) -> None:
    """An original is opened to be exported, and once by the new model, which looks at the pool.

    A copy in the export is opened once for all that learn it, and once by the fold that predicts it, where the last
    block learns. Where all layers do, it is opened once to see that it can be dealt to a fold, once by each training
    that learns it, and once by the fold that predicts it. By the models before, it was scored when it was queued, and
    its hash was written down when it was copied.
    """
    choosing = QueueSettings(seed=0)
    settings = LoopSettings.model_validate({"n": 12, "fine_tuning": {"epochs": 1, "layers": layers}})
    loop = open_loop((str(pool),), tmp_path / "loop", start=start, settings=settings, choosing=choosing)
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        with counted_opens(pool) as opens:
            queue_round(loop, store, quiet)
        assert opens == Counter(pictures(pool))
        labelled = store.open_items()
        for item in labelled:
            store.record(item.item, "label", item.path.parent.name)
        exported = round_at(loop.out, 1).labels
        with counted_opens(pool) as opens, counted_opens(exported) as copies:
            train_round(loop, store, on_train=lambda _what, _progress: None, on_progress=quiet)
    chosen = {str(item.path.relative_to(pool)) for item in labelled}
    assert opens == Counter({name: 1 + (name in chosen) for name in pictures(pool)})
    of_pictures = {name: count for name, count in copies.items() if name.endswith(".png")}
    assert of_pictures == dict.fromkeys(pictures(exported), of_each_copy)


def test_a_training_opens_each_labelled_file_once(tmp_path: Path) -> None:
    """The same bytes are decoded, hashed for the fingerprint, and signed for what the run has seen."""
    for name, seed in (("synthetic", 0), ("real", 50), ("val", 90)):
        write_crops(tmp_path / name, 4, first_seed=seed)
    settings = TrainSettings(backbone="tiny", epochs=1, batch_size=8, threads=1)
    with counted_opens(tmp_path) as opens:
        train(tmp_path / "synthetic", tmp_path / "real", val=tmp_path / "val", out=tmp_path / "run", settings=settings)
    of_pictures = Counter({name: count for name, count in opens.items() if name.endswith("png") and "run" not in name})
    assert of_pictures == Counter(pictures(tmp_path)) - Counter({"run/curves.png": 1})


def test_classifying_opens_each_file_once_and_once_more_to_copy_it(pool: Path, loaded: Model, tmp_path: Path) -> None:
    """A chunk of pictures is not kept in memory until they are copied; what is copied is checked."""
    shutil.copy(pool / "other" / "0003.png", pool / "copy.png")
    with counted_opens(pool) as opens:
        classify_to_table(loaded, [pool], output=tmp_path / "rows.csv")
    assert opens == Counter(pictures(pool))
    with counted_opens(pool) as opens:
        settings = ClassifySettings(copy_to=tmp_path / "copies")
        classify_to_table(loaded, [pool], output=tmp_path / "rows.csv", settings=settings)
    assert opens == Counter(dict.fromkeys(pictures(pool), 2))
