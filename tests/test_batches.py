from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.arrays import Labels, Pixels
from model.labelled_folders.folders import read_examples
from model.learning.batches import (
    BALANCES,
    MAX_PADDING,
    Mixture,
    TrainingSet,
    decode_examples,
    draw_balanced,
    draw_natural,
    epoch_length,
    plan_batches,
)
from model.learning.hints import UNKNOWN
from model.reading.crop_fitting import Geometry
from tests.crops import LABELS, write_crops


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def bare(pixels: Sequence[Pixels], labels: Labels) -> TrainingSet:
    """Make a set of pictures of which only the class is known."""
    return TrainingSet(pixels, labels, np.full(len(labels), UNKNOWN), np.zeros((len(labels), 4), np.float32), (), "")


def made_up(count: int, *, value: int = 0, width: int = 60) -> TrainingSet:
    pixels = [np.full((48, width, 3), value, np.uint8) for _ in range(count)]
    return bare(pixels, np.arange(count) % 2)


def test_examples_are_decoded_in_order_and_bad_ones_listed(tmp_path: Path) -> None:
    write_crops(tmp_path, 3)
    (tmp_path / "other" / "0001.png").write_text("I am a text")
    decoded = decode_examples(read_examples(tmp_path), Geometry(), LABELS, threads=2)
    assert decoded.labels.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert [item.path.name for item in decoded.unreadable] == ["0001.png"]


def test_the_fingerprint_is_of_bytes_and_labels(tmp_path: Path) -> None:
    def fingerprint(folder: Path) -> str:
        return decode_examples(read_examples(folder), Geometry(), [*LABELS, "x"], threads=1).fingerprint

    first, same = (fingerprint(write_crops(tmp_path / name, 2)) for name in "ab")
    (tmp_path / "b" / "other").rename(tmp_path / "b" / "x")
    assert first == same != fingerprint(tmp_path / "b")


def test_a_balanced_draw_takes_as_many_of_each_class() -> None:
    labels = np.array([0] * 10 + [1] * 3)
    drawn = draw_balanced(labels, 12, rng())
    assert Counter(labels[drawn].tolist()) == {0: 6, 1: 6}
    assert Counter(drawn[labels[drawn] == 1].tolist()) == {10: 2, 11: 2, 12: 2}
    assert len(set(drawn[labels[drawn] == 0].tolist())) == 6


def test_a_balanced_set_is_drawn_whole() -> None:
    drawn = draw_balanced(np.arange(30) % 3, 30, rng())
    assert sorted(drawn.tolist()) == list(range(30))


def test_nothing_is_drawn_from_an_empty_set() -> None:
    assert len(draw_balanced(np.empty(0, np.int64), 5, rng())) == 0


@pytest.mark.parametrize(
    ("synthetic", "real", "lengths"), [(700, 10, (700, 300)), (0, 10, (0, 10)), (700, 0, (700, 0)), (0, 0, (0, 0))]
)
def test_real_pictures_are_repeated_up_to_their_share(synthetic: int, real: int, lengths: tuple[int, int]) -> None:
    assert epoch_length(synthetic, real, 0.3) == lengths


SHAPES = st.lists(st.tuples(st.sampled_from([48, 64, 176]), st.sampled_from([48, 96, 128, 1536])), max_size=80)


@given(SHAPES, st.integers(1, 16))
def test_every_picture_is_in_one_batch_that_is_not_too_large_or_too_empty(
    shapes: list[tuple[int, int]], batch_size: int
) -> None:
    batches = plan_batches(shapes, batch_size=batch_size, rng=rng())
    assert sorted(index for batch in batches for index in batch.tolist()) == list(range(len(shapes)))
    for batch in batches:
        own = [shapes[index] for index in batch]
        canvas = max(height for height, _ in own) * max(width for _, width in own)
        assert len(batch) <= batch_size
        assert canvas * len(batch) <= MAX_PADDING * sum(height * width for height, width in own)


def test_an_epoch_mixes_both_sources_in_their_shares() -> None:
    mixture = Mixture(made_up(70), made_up(4, value=255), real_share=0.3)
    pictures = [picture for batch in mixture.epoch(Geometry(), batch_size=8, rng=rng()) for picture in batch.pictures]
    assert len(pictures) == len(mixture) == 100
    assert sum(picture.max() == 255 for picture in pictures) == 30


def test_pictures_are_placed_at_random_on_their_canvas() -> None:
    picture = np.zeros((48, 50, 3), np.uint8)
    picture[:, 25] = 255
    data = bare([picture] * 40, np.arange(40) % 2)
    columns = {
        int(np.argmax(placed[0, :, 0]))
        for batch in Mixture(data, made_up(0), 0.3).epoch(Geometry(), batch_size=8, rng=rng())
        for placed in batch.pictures
    }
    assert len(columns) > 5


def test_an_epoch_depends_on_its_rng_alone() -> None:
    mixture = Mixture(made_up(20), made_up(3, value=9, width=90), real_share=0.3)

    def epoch(seed: int) -> list[bytes]:
        batches = mixture.epoch(Geometry(), batch_size=4, rng=rng(seed))
        return [batch.pictures.tobytes() + batch.labels.tobytes() for batch in batches]

    assert epoch(1) == epoch(1) != epoch(2)


def test_an_epoch_draws_no_more_synthetic_pictures_than_it_may() -> None:
    mixture = Mixture(made_up(40), made_up(5), 0.5, most_synthetic=12)
    assert mixture.lengths == (12, 12)
    pictures = [picture for batch in mixture.epoch(Geometry(), batch_size=8, rng=rng()) for picture in batch.pictures]
    assert len(pictures) == 24


def test_a_natural_draw_takes_all_before_any_a_second_time() -> None:
    drawn = draw_natural(np.zeros(5, np.int64), 12, rng())
    assert sorted(Counter(drawn.tolist()).values()) == [2, 2, 2, 3, 3]
    assert draw_natural(np.empty(0, np.int64), 0, rng()).tolist() == []


def uneven(*counts: int) -> TrainingSet:
    labels = np.repeat(np.arange(len(counts)), counts)
    return bare([np.zeros((48, 60, 3), np.uint8)] * len(labels), labels)


def epoch_labels(mixture: Mixture) -> Counter[int]:
    batches = mixture.epoch(Geometry(), batch_size=8, rng=rng())
    return Counter(label for batch in batches for label in batch.labels.tolist())


@pytest.mark.parametrize("balance", ["natural", "loss"])
def test_without_balanced_sampling_classes_come_as_they_are(balance: str) -> None:
    mixture = Mixture(uneven(30, 10), uneven(), 0.3, balance=BALANCES[balance])
    assert epoch_labels(mixture) == {0: 30, 1: 10}


def test_class_weights_make_up_for_what_is_rarer_in_the_mixture() -> None:
    mixture = Mixture(uneven(30, 10, 0), uneven(0, 4, 0), 0.5, balance=BALANCES["loss"])
    weights, drawn = mixture.class_weights(3), epoch_labels(mixture)
    assert weights is not None
    assert drawn == {0: 30, 1: 50}
    assert [weights[label] * drawn[label] for label in (0, 1)] == pytest.approx([40, 40])
    assert weights[2] == 0


@pytest.mark.parametrize("balance", ["natural", "sampling"])
def test_other_balances_leave_the_loss_alone(balance: str) -> None:
    assert Mixture(uneven(3, 1), uneven(), 0.3, balance=BALANCES[balance]).class_weights(2) is None
