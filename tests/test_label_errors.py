from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from active.store.events import Labelled, QueueItem
from active.store.store import LabelStore
from active.suspects.label_errors import Suspect, find_suspects, queue_suspects, rank_labels, review, second_looks
from base.errors import InputError
from model.networks.trained_model import Model, load_model
from model.reading.images import content_hash
from tests.crops import LABELS, write_crops

RUN = Path("pretrained")


@pytest.fixture(scope="module")
def judge() -> Model:
    return load_model(RUN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    """A store with ten labels of each of two classes, the first of which is wrongly labelled."""
    paths = sorted(write_crops(tmp_path / "pool", 10, labels=("checked", "other")).rglob("*.png"))
    items = [
        QueueItem(content_hash(path), path, 0.5, "margin", "other", dict.fromkeys(LABELS, 1 / 3)) for path in paths
    ]
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as opened:
        opened.add_batch(classes=LABELS, strategy="margin", model="m", items=items)
        for number, item in enumerate(items):
            opened.record(item.item, "label", "unchecked" if number == 0 else item.path.parent.name)
        yield opened


def suspect(label: str = "checked", votes: int = 4) -> Suspect:
    labelled = Labelled("a", Path("a.png"), label, "", "ann")
    return Suspect(labelled, "unchecked", votes, -0.86, (0.05, 0.02, 0.93))


def test_ranking_is_by_the_margin_of_the_given_label_over_the_likeliest_other() -> None:
    probabilities = np.array([[[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.4, 0.5, 0.1]]])
    order, margins = rank_labels(probabilities, np.array([0, 0, 0]))
    assert order.tolist() == [1, 2, 0]
    assert margins == pytest.approx([0.8, -0.5, -0.1])


def test_the_reason_names_label_votes_and_the_other_class() -> None:
    assert suspect().reason == "you labelled this `checked`; 4 of 5 folds disagree: `unchecked` 0.93"


def test_second_looks_are_the_most_doubtful_and_carry_the_class_order() -> None:
    take = second_looks([suspect(), suspect("other")], LABELS)
    [item] = take(1)
    assert (item.predicted, item.score) == ("unchecked", pytest.approx(0.93))
    assert list(item.probabilities) == list(LABELS)
    assert take(0) == []


def test_a_planted_error_is_suspected(store: LabelStore, judge: Model) -> None:
    suspects = find_suspects(store.labels(), judge)
    [planted] = [each for each in suspects[:2] if each.labelled.label == "unchecked"]
    assert planted.votes >= 3


def test_few_labels_are_not_doubted(store: LabelStore, judge: Model, tmp_path: Path) -> None:
    assert find_suspects(store.labels()[:19], judge) == []
    with (
        LabelStore.open(tmp_path / "empty.db") as empty,
        pytest.raises(InputError, match="0 labels are too few to doubt one by the others; 20 are needed"),
    ):
        review(empty, judge, RUN)


def test_what_was_looked_at_again_is_left_alone(store: LabelStore, judge: Model) -> None:
    [first, *_] = suspects = review(store, judge, RUN).suspects
    assert store.open_items() == []
    assert queue_suspects(store, suspects[:1], judge) == 1
    [queued] = store.open_items()
    assert queued.reason == first.reason
    store.record(queued.item, "label", first.labelled.label)
    assert store.reviewed() == {queued.item}
    assert first.labelled.item not in {each.labelled.item for each in review(store, judge, RUN).suspects}
