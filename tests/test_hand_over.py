from pathlib import Path

import pytest

from active.choosing.hand_over import queue_rows
from active.store.store import LabelStore
from base.errors import InputError
from model.classifying.columns import ClassifiedRow
from model.running.readings import Classification, Reading
from tests.test_predict import CLASSES, model


def row(name: str, confidence: float = 0.6, *, file: bool = True) -> ClassifiedRow:
    rest = round(1 - confidence, 4)
    path = Path(name) if file else None
    result = Classification(CLASSES, Reading((confidence, rest, 0.0)))
    return ClassifiedRow(name, name * 8, result, path)


def test_rows_become_items_in_their_order_and_each_content_once(tmp_path: Path) -> None:
    place = str(tmp_path / "labels.db")
    assert queue_rows([row("b"), row("a"), row("b")], place, model=model()) == 2
    with LabelStore.open(place, create=False) as store:
        first, second = store.open_items()
        assert (first.item, first.path.name, first.score) == ("b" * 8, "b", 0.4)
        assert first.reason == "classified as checked with 0.60"
        assert first.probabilities == {"checked": 0.6, "other": 0.4, "unchecked": 0.0}
        assert second.item == "a" * 8
        store.record("b" * 8, "label", "checked")
    assert queue_rows([row("b")], place, model=model()) == 0
    assert queue_rows([], place, model=model()) == 0


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s.tar::a.png is no file of this machine; --copy-to"):
        queue_rows([row("s.tar::a.png", file=False)], str(tmp_path / "labels.db"), model=model())
