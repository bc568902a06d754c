import shutil
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from active.choosing.choose import LabelledFeatures, Pick, QueueSettings, choose
from active.choosing.queue import build_queue
from active.choosing.strategies import Candidates
from active.choosing.strategy_catalogue import STRATEGIES
from active.store.store import Labelled, QueueItem
from base.errors import InputError
from model.networks.backbones import build_backbone
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry
from model.reading.images import content_hash
from tests.crops import write_crops

CLASSES = ("checked", "other", "unchecked")


def settings(n: int, audit_share: float = 0.0, **others: object) -> QueueSettings:
    return QueueSettings.model_validate({"n": n, "audit_share": audit_share, **others})


def pool(*rows: tuple[float, float, float]) -> Candidates:
    """Return the probabilities with features that are far apart."""
    probabilities = np.array(rows)
    return Candidates(probabilities, np.eye(len(rows)) * 10, variations=np.stack([probabilities, probabilities]))


def chosen(candidates: Candidates, options: QueueSettings, known: LabelledFeatures | None = None) -> list[Pick]:
    return choose(candidates, classes=CLASSES, settings=options, known=known)


def rows_of(choices: list[Pick]) -> list[int]:
    return [choice.row for choice in choices]


def test_queue_is_best_first() -> None:
    certain, close, closer = (0.9, 0.05, 0.05), (0.5, 0.4, 0.1), (0.5, 0.45, 0.05)
    assert rows_of(chosen(pool(certain, close, closer), settings(2))) == [2, 1]


def test_ties_keep_pool_order() -> None:
    tie = (0.5, 0.4, 0.1)
    assert rows_of(chosen(pool(tie, tie, tie), settings(3))) == [0, 1, 2]


def test_a_small_pool_is_taken_whole() -> None:
    rows = pool((0.5, 0.4, 0.1), (0.4, 0.5, 0.1))
    assert sorted(rows_of(chosen(rows, settings(50, audit_share=0.5)))) == [0, 1]


def test_the_reason_is_said_in_words() -> None:
    [choice] = chosen(pool((0.47, 0.02, 0.51)), settings(1))
    assert choice.reason == "margin 0.04 between unchecked 0.51 and checked 0.47, rank 1 of 1"
    assert choice.score == pytest.approx(0.96)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_names_itself_and_the_two_likeliest_classes(strategy: str) -> None:
    [choice] = chosen(pool((0.47, 0.02, 0.51)), settings(1, strategy=strategy))
    assert choice.reason.startswith(strategy.replace("_", " "))
    assert choice.reason.endswith("between unchecked 0.51 and checked 0.47, rank 1 of 1")


def test_a_strategy_that_clusters_says_how_large_the_cluster_is() -> None:
    [choice] = chosen(pool(*[(0.47, 0.02, 0.51)] * 5), settings(1, strategy="clue"))
    assert ", cluster of 5, between" in choice.reason


def crowd() -> Candidates:
    """Return ten rows of one predicted class: 0, 1 and 2 look alike and are the least certain, the others differ."""
    probabilities = np.array([[0.5 + 0.01 * row, 0.5 - 0.01 * row, 0.0] for row in range(10)])
    features = np.random.default_rng(0).normal(size=(10, 64))
    features[1], features[2] = features[0] * 1.01, features[0] + 0.001
    return Candidates(probabilities, features, variations=np.stack([probabilities, probabilities[::-1]]))


def test_near_duplicates_are_passed_over_and_counted() -> None:
    choices = chosen(crowd(), settings(3))
    assert rows_of(choices) == [0, 3, 4]
    assert choices[0].reason.endswith(", +2 like this")
    assert "like this" not in choices[1].reason


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_strategy_ever_takes_two_that_are_alike(strategy: str) -> None:
    rows = rows_of(chosen(crowd(), settings(10, strategy=strategy)))
    assert len(rows) == 8
    assert len({0, 1, 2} & set(rows)) == 1


def test_look_alikes_of_different_predicted_classes_are_no_duplicates() -> None:
    candidates = crowd()
    candidates.probabilities[1] = [0.49, 0.51, 0.0]
    assert rows_of(chosen(candidates, settings(3))) == [0, 1, 3]


def test_a_similarity_above_1_makes_nothing_a_duplicate() -> None:
    assert rows_of(chosen(crowd(), settings(3, duplicate_similarity=2))) == [0, 1, 2]


def test_a_pool_of_one_look_gives_one_row_and_its_count() -> None:
    probabilities = np.tile([0.5, 0.4, 0.1], (6, 1))
    features = 5 + np.random.default_rng(0).normal(size=(6, 8)) * 1e-6  # the noise of floats
    [choice] = chosen(Candidates(probabilities, features), settings(3))
    assert choice.reason.endswith("+5 like this")


def known_as(label: str) -> LabelledFeatures:
    """Return one labelled picture that looks like row 0 of the crowd."""
    return LabelledFeatures(crowd().features[:1] + 0.002, np.array([CLASSES.index(label)]), (f"{label} a.png",))


def test_what_is_like_a_labelled_picture_comes_last() -> None:
    choices = chosen(crowd(), settings(8), known_as("checked"))
    assert rows_of(choices) == [3, 4, 5, 6, 7, 8, 9, 0]
    assert ", nearest labelled checked a.png (1.00)" in choices[-1].reason
    assert choices[-1].reason.endswith(", +2 like this")


def test_what_is_like_a_labelled_picture_but_predicted_otherwise_is_asked_for() -> None:
    assert rows_of(chosen(crowd(), settings(2), known_as("unchecked"))) == [0, 3]


def mixed_pool(size: int) -> Candidates:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet([1, 1, 1], size)
    variations = np.stack([probabilities, rng.dirichlet([1, 1, 1], size)])
    return Candidates(probabilities, rng.normal(size=(size, 32)), variations=variations)


def test_the_audit_has_its_share_and_is_spread_over_the_queue() -> None:
    choices = chosen(mixed_pool(200), settings(40, audit_share=0.15))
    assert len(choices) == len(set(rows_of(choices))) == 40
    assert [place for place, choice in enumerate(choices) if choice.audit] == [3, 10, 16, 23, 30, 36]
    assert choices[3].reason == "random audit"


def test_the_audit_does_not_depend_on_the_model() -> None:
    def audit(candidates: Candidates) -> set[int]:
        return {choice.row for choice in chosen(candidates, settings(20, audit_share=0.2)) if choice.audit}

    candidates = mixed_pool(100)
    other = Candidates(candidates.probabilities[::-1], candidates.features[::-1])
    assert len(audit(candidates)) == 4
    assert audit(candidates) == audit(other)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_queue_and_another_seed_another(strategy: str) -> None:
    def queue(seed: int) -> list[int]:
        return rows_of(chosen(mixed_pool(100), settings(20, audit_share=0.2, strategy=strategy, seed=seed)))

    assert queue(0) == queue(0)
    assert queue(0) != queue(1)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("n", 0, "greater than or equal to 1"),
        ("strategy", "margn", "did you mean margin"),
        ("audit_share", 1.5, "less than or equal to 1"),
        ("duplicate_similarity", 0, "greater than 0"),
        ("second_look_share", -1, "greater than or equal to 0"),
        ("audit", 0.1, "not permitted"),
    ],
)
def test_settings_that_make_no_sense_are_refused(field: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        QueueSettings.model_validate({field: value})


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def model() -> Model:
    network = build_backbone("tiny", classes=len(CLASSES)).eval()
    return Model(network, classes=CLASSES, geometry=Geometry(), backbone="tiny", fingerprint="abc")


def test_queue_items_carry_hash_prediction_and_probabilities_by_class(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 3).rglob("*.png"))
    queue = build_queue(paths, model=model, settings=settings(4), exclude=set())
    assert (len(queue.items), queue.errors, dict(queue.decided)) == (4, (), {})
    for item in queue.items:
        assert item.item == content_hash(item.path)
        assert list(item.probabilities) == list(CLASSES)
        assert item.predicted == max(item.probabilities, key=lambda name: item.probabilities[name])
        assert sum(item.probabilities.values()) == pytest.approx(1)


def test_same_pool_and_seed_give_the_same_queue(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 4).rglob("*.png"))
    first, second = (
        build_queue(paths, model=model, settings=settings(6, audit_share=0.3), exclude=set()) for _ in range(2)
    )
    assert first == second


def test_decided_pictures_are_not_queued_again_wherever_they_lie(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 2).rglob("*.png"))
    decided = {content_hash(paths[0])}
    moved = paths[0].rename(tmp_path / "moved.png")
    queue = build_queue([moved, *paths[1:]], model=model, settings=settings(50), exclude=decided)
    assert {item.path for item in queue.items} == set(paths[1:])
    assert set(queue.decided.values()) == {moved}
    assert set(queue.decided) == decided


def test_files_of_equal_content_are_queued_once(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 1).rglob("*.png"))
    copy = Path(shutil.copy(paths[0], tmp_path / "copy.png"))
    queue = build_queue([*paths, copy], model=model, settings=settings(50), exclude=set())
    assert {item.path for item in queue.items} == set(paths)


def test_unreadable_files_are_listed_and_the_rest_goes_on(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 1).rglob("*.png"))
    (tmp_path / "text.png").write_text("not a picture")
    broken = [tmp_path / "text.png", tmp_path / "gone.png"]
    queue = build_queue([*broken, *paths], model=model, settings=settings(50), exclude=set())
    assert {item.path for item in queue.items} == set(paths)
    assert {error.path: error.reason for error in queue.errors} == {
        broken[0]: "is not a picture",
        broken[1]: "no such file or directory",
    }


def test_a_pool_of_unreadable_files_gives_errors_and_no_items(model: Model, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    queue = build_queue([tmp_path / "text.png"], model=model, settings=settings(5), exclude=set())
    assert (queue.items, len(queue.errors)) == ((), 1)


def test_a_pool_that_is_all_decided_says_how_many(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 1).rglob("*.png"))
    exclude = {content_hash(path) for path in paths}
    with pytest.raises(InputError, match="nothing to queue: of 3 pictures, 3 are decided already"):
        build_queue(paths, model=model, settings=settings(5), exclude=exclude)


def labelled(path: Path, label: str) -> Labelled:
    return Labelled(content_hash(path), path, label, "2026-01-01", "someone")


def test_reasons_name_the_nearest_labelled_picture_that_is_still_there(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 2).rglob("*.png"))
    done = [labelled(paths[0], "checked"), Labelled("gone", tmp_path / "gone.png", "other", "", "")]
    exclude = {each.item for each in done}
    queue = build_queue(paths, model=model, settings=settings(3), exclude=exclude, labelled=done)
    assert all(", nearest labelled checked 0000.png (" in item.reason for item in queue.items)


def test_a_labelled_file_that_has_changed_since_is_not_compared_with(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 2).rglob("*.png"))
    done = labelled(paths[0], "checked")
    shutil.copy(paths[1], paths[0])
    queue = build_queue(paths, model=model, settings=settings(3), exclude={done.item}, labelled=[done])
    assert not any("nearest" in item.reason for item in queue.items)


def test_labels_for_a_second_look_take_their_share_and_are_spread(model: Model, tmp_path: Path) -> None:
    paths = sorted(write_crops(tmp_path, 4).rglob("*.png"))
    doubt = QueueItem("x", tmp_path / "x.png", 0.9, "you labelled this checked; 4 of 5 folds disagree", "other", {})
    asked: list[int] = []

    def second_look(count: int) -> list[QueueItem]:
        asked.append(count)
        return [doubt]

    options = settings(10, second_look_share=0.2)
    queue = build_queue(paths, model=model, settings=options, exclude=set(), second_look=second_look)
    assert asked == [2]
    assert len(queue.items) == 10
    assert queue.items[5] == doubt
