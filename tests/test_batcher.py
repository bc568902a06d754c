import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from model.classifying.classifier import Classification, Classifier
from model.running.stages import Fitted
from service.batcher import Batcher, BusyError
from service.lanes import Lanes
from service.service_settings import ServeSettings
from tests.test_predict import model, write_pool

SETTINGS = ServeSettings(queue_pictures=8, max_pictures=4, batch_pictures=4, batch_wait_ms=50)


class Gated(Classifier):
    """Classifies only while its gate is open, and fails if it is told to."""

    def __init__(self) -> None:
        super().__init__(model())
        self.gate = threading.Event()
        self.fails = False

    def results(self, fitted: Sequence[Fitted]) -> list[Classification]:
        self.gate.wait()
        if self.fails:
            raise ArithmeticError("on purpose")
        return super().results(fitted)


@pytest.fixture
def gated() -> Iterator[Gated]:
    classifier = Gated()
    yield classifier
    classifier.gate.set()


@pytest.fixture
def sizes() -> list[int]:
    return []


@pytest.fixture
def batcher(gated: Gated, sizes: list[int]) -> Iterator[Batcher]:
    batcher = Batcher(SETTINGS, on_batch=sizes.append)
    yield batcher
    gated.gate.set()
    batcher.close()


@pytest.fixture
def pictures(tmp_path: Path) -> list[bytes]:
    return [path.read_bytes() for path in write_pool(tmp_path, 8)]


def test_every_picture_gets_its_own_result(pictures: list[bytes], tmp_path: Path) -> None:
    classifier = Classifier(model())
    expected = classifier(pictures)
    batcher = Batcher(ServeSettings())
    with ThreadPoolExecutor(8) as pool:
        futures = list(pool.map(lambda index: batcher.submit(classifier, [pictures[index % 8]])[0], range(80)))
    for index, future in enumerate(futures):
        assert future.result(10).probabilities == pytest.approx(expected[index % 8].probabilities, abs=1e-4)
    batcher.close()


def test_what_waits_is_classified_together(
    batcher: Batcher, gated: Gated, pictures: list[bytes], sizes: list[int]
) -> None:
    futures = batcher.submit(gated, pictures[:1])
    while not sizes:
        pass
    futures += batcher.submit(gated, pictures[1:5])
    gated.gate.set()
    wait(futures, 10)
    assert sizes == [1, 4]


def test_a_bad_picture_fails_alone(batcher: Batcher, gated: Gated, pictures: list[bytes]) -> None:
    gated.gate.set()
    results = [future.result(10) for future in batcher.submit(gated, [pictures[0], b"text", pictures[1]])]
    assert [result.error for result in results] == [None, "is not a picture", None]


def test_more_than_the_queue_holds_is_turned_away_whole(batcher: Batcher, gated: Gated, pictures: list[bytes]) -> None:
    futures = batcher.submit(gated, pictures[:6])
    with pytest.raises(BusyError, match="6 pictures are waiting"):
        batcher.submit(gated, pictures[:3])
    assert (batcher.waiting, batcher.accepts) == (6, True)
    futures += batcher.submit(gated, pictures[6:])
    assert not batcher.accepts
    gated.gate.set()
    assert not any(future.result(10).error for future in futures)
    assert (batcher.waiting, batcher.accepts) == (0, True)


def test_closing_answers_everything_that_was_accepted(batcher: Batcher, gated: Gated, pictures: list[bytes]) -> None:
    futures = batcher.submit(gated, pictures)
    threading.Timer(0.1, gated.gate.set).start()
    batcher.close()
    assert all(future.done() and not future.result().error for future in futures)
    with pytest.raises(BusyError, match="stopping"):
        batcher.submit(gated, pictures[:1])


def test_each_picture_is_classified_by_the_model_it_was_accepted_with(batcher: Batcher, pictures: list[bytes]) -> None:
    classifiers = [Classifier(model(seed=seed)) for seed in (3, 4)]
    futures = [batcher.submit(classifiers[index % 2], [pictures[0]])[0] for index in range(8)]
    for index, future in enumerate(futures):
        expected = classifiers[index % 2]([pictures[0]])[0].probabilities
        assert future.result(10).probabilities == pytest.approx(expected, abs=1e-4)


def test_a_model_that_fails_tells_those_who_wait_and_the_next_batch_goes_on(
    batcher: Batcher, gated: Gated, pictures: list[bytes]
) -> None:
    gated.fails = True
    gated.gate.set()
    with pytest.raises(ArithmeticError, match="on purpose"):
        batcher.submit(gated, pictures[:1])[0].result(10)
    gated.fails = False
    assert batcher.submit(gated, pictures[:1])[0].result(10).label


def test_a_queue_that_could_never_take_a_request_is_no_setting() -> None:
    with pytest.raises(ValueError, match="queue_pictures is less than max_pictures"):
        ServeSettings(queue_pictures=8)


def filled(*ordinary: int, wide: Sequence[int] = ()) -> Lanes[int]:
    lanes: Lanes[int] = Lanes(most=3, wait_s=0.05, held=8)
    for item in ordinary:
        lanes.put(item, wide=False)
    for item in wide:
        lanes.put(item, wide=True)
    return lanes


def test_wide_pictures_go_one_at_a_time_in_turn_with_batches_of_ordinary_ones() -> None:
    lanes = filled(1, 2, 3, 4, wide=[90, 91, 92])
    taken = [lanes.take(accepted=lambda: 0) for _ in range(5)]
    assert taken == [[1, 2, 3], [90], [4], [91], [92]]
    lanes.close()
    assert lanes.take(accepted=lambda: 0) == []


def test_who_brings_more_than_a_lane_holds_waits_until_something_is_taken() -> None:
    lanes = filled(*range(8))
    with ThreadPoolExecutor(1) as pool:
        ninth = pool.submit(lanes.put, 8, wide=False)
        assert not wait([ninth], timeout=0.1).done
        assert lanes.take(accepted=lambda: 9) == [0, 1, 2]
        assert ninth.result(5) is None
    assert lanes.take(accepted=lambda: 6) == [3, 4, 5]
