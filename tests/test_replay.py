import numpy as np
import pytest

from active.choosing.choose import QueueSettings
from active.choosing.strategies import Candidates
from active.replay.replay import BASELINE, Arm, Learner, Observation, Rounds, Truth, replay
from base.arrays import Indices
from base.errors import InputError

CLASSES = ("off", "on", "other")
POOL, TEST = np.arange(24) % 3, np.array([0, 0, 1, 1])


def test_ahead_each_batch_is_chosen_by_the_model_before_the_newest() -> None:
    def learn(labelled: Indices) -> Observation:
        """Be unsure of the last four rows at first, and of the four before with each four labels."""
        probabilities = np.full((24, 3), (0.9, 0.06, 0.04))
        probabilities[20 - len(labelled) : 24 - len(labelled)] = (0.5, 0.49, 0.01)
        features = np.random.default_rng(0).normal(size=(24, 6))
        return Observation(Candidates(probabilities, features), np.eye(3)[TEST])

    def firsts(arm: str) -> list[int]:
        composed = QueueSettings(audit_share=0, duplicate_similarity=2)
        done = replay(arm, 0, learner=learn, truth=Truth(CLASSES, POOL, TEST), rounds=Rounds(4, 4, composed))
        return [min(done.rows[start : start + 4]) for start in range(0, 16, 4)]

    assert firsts("margin") == [20, 16, 12, 8]
    assert firsts("margin/ahead") == [20, 0, 16, 12]


def learner(seen: list[list[int]]) -> Learner:
    """Return a learner that gets one more test picture right for every four labels, and logs its calls."""

    def learn(labelled: Indices) -> Observation:
        seen.append(labelled.tolist())
        right = np.arange(4) < len(labelled) // 4
        test = np.eye(3)[np.where(right, TEST, 2)]
        rng = np.random.default_rng(0)
        return Observation(Candidates(rng.dirichlet([1, 1, 1], 24), rng.normal(size=(24, 6))), test)

    return learn


def run(arm: str, rounds: int = 3, batch: int = 4, audit_share: float = 0.25) -> tuple[list[list[int]], object]:
    seen: list[list[int]] = []
    composed = QueueSettings(audit_share=audit_share)
    truth = Truth(CLASSES, POOL, TEST)
    return seen, replay(arm, 1, learner=learner(seen), truth=truth, rounds=Rounds(rounds, batch, composed))


@pytest.mark.parametrize("arm", ["margin", BASELINE, "k_center", "typiclust/plain"])
def test_each_round_adds_a_batch_of_new_rows_to_what_is_learned(arm: str) -> None:
    seen, done = run(arm)
    assert [len(rows) for rows in seen] == [0, 4, 8, 12]
    assert [rows[:4] for rows in seen[1:]] == [seen[1]] * 3
    assert len(set(seen[-1])) == 12
    assert done.rows == tuple(seen[-1])
    assert done.labels == (0, 4, 8, 12)


def test_the_test_part_is_scored_after_each_round() -> None:
    _, done = run("margin")
    assert done.accuracy == (0.0, 0.25, 0.5, 0.75)
    assert done.recalls == ((0, 0, None), (0.5, 0, None), (1, 0, None), (1, 0.5, None))


def test_a_pool_that_is_used_up_leaves_the_model_as_it_is() -> None:
    seen, done = run("margin", rounds=4, batch=10)
    assert done.labels == (0, 10, 20, 24, 24)
    assert len(seen) == 4


def test_same_seed_same_replay() -> None:
    assert run("power_margin")[1] == run("power_margin")[1]


def test_a_plain_arm_has_neither_audit_nor_duplicates() -> None:
    settings = Arm.parse("margin/plain").settings(n=5, seed=0, composed=QueueSettings())
    assert (settings.audit_share, settings.strategy) == (0, "margin")
    assert settings.duplicate_similarity > 1


@pytest.mark.parametrize(
    ("name", "message"),
    [("margn", "did you mean margin"), ("margin/bare", "only /plain or /ahead can follow a strategy")],
)
def test_arms_that_there_are_not_are_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Arm.parse(name)
