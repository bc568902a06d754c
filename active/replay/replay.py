"""Replaying a labelling: a strategy asks, an oracle answers, a learner learns, and a test part is scored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from active.choosing.choose import LabelledFeatures, QueueSettings, choose
from active.choosing.strategies import Candidates
from active.choosing.strategy_catalogue import STRATEGIES
from base.arrays import Indices, Labels, Reals
from base.errors import InputError
from base.settings import Settings

PLAIN = "/plain"
"""What the name of an arm ends with where nothing is composed: no audit, and near-duplicates are chosen too."""

BATCH_AHEAD = "/ahead"
"""What the name of an arm ends with where the model that chooses has not learned the batch before."""

BASELINE = "random" + PLAIN


@dataclass(frozen=True)
class Arm:
    """A strategy as the queue composes it, or plain: the top of its ranking as it is.

    Ahead, each batch is chosen while the model still learns the one before, as `boxwright loop --ahead` does.
    """

    strategy: str
    plain: bool = False
    ahead: bool = False

    @classmethod
    def parse(cls, name: str) -> "Arm":
        """Return the arm of a name such as `margin`, `margin/plain` or `margin/ahead`.

        Raises:
            InputError: there is no such strategy, or it cannot be used.
        """
        strategy, slash, rest = name.partition("/")
        STRATEGIES.choose(strategy)
        if slash + rest not in ("", PLAIN, BATCH_AHEAD):
            raise InputError(f"{name}: only {PLAIN} or {BATCH_AHEAD} can follow a strategy")
        return cls(strategy, plain=slash + rest == PLAIN, ahead=slash + rest == BATCH_AHEAD)

    def settings(self, *, n: int, seed: int, composed: QueueSettings) -> QueueSettings:
        """Return how a batch of `n` is chosen."""
        update: dict[str, object] = {"n": n, "seed": seed, "strategy": self.strategy}
        if self.plain:
            update |= {"audit_share": 0.0, "duplicate_similarity": 2.0}
        return composed.model_copy(update=update)


@dataclass(frozen=True)
class Observation:
    """What a model makes of the whole pool, and the test part's probabilities, (T, C)."""

    pool: Candidates
    test: Reals


Learner = Callable[[Indices], Observation]
"""Takes the rows of the pool that are labelled, in the order of labelling; learns them from the warm start anew."""


@dataclass(frozen=True)
class Truth:
    """The oracle: the classes, and the index of each label, of the pool (N,) and of the test part (T,)."""

    classes: Sequence[str]
    pool: Indices
    test: Indices


@dataclass(frozen=True)
class Rounds:
    """How many batches are asked for, of what size, and how the queue composes one."""

    rounds: int
    batch: int
    composed: QueueSettings


class Replay(Settings):
    """One replay of one arm: figures before the first label and after each round.

    `labels` were given in all, `accuracy` is that of the test part, `recalls` has a row a round and a column a class;
    None where the test part has none of the class. `rows` of the pool were asked for, in that order.
    """

    arm: str
    seed: int
    labels: tuple[int, ...]
    accuracy: tuple[float, ...]
    recalls: tuple[tuple[float | None, ...], ...]
    rows: tuple[int, ...]


def replay(name: str, seed: int, *, learner: Learner, truth: Truth, rounds: Rounds) -> Replay:
    """Label batch after batch of the pool by one arm; where it has nothing left to ask for, the model stays."""
    arm = Arm.parse(name)
    labelled = np.empty(0, np.intp)
    look = before = learner(labelled)
    counts, accuracy, recalls = [0], [_accuracy(look.test, truth.test)], [_recalls(look.test, truth)]
    for number in range(rounds.rounds):
        settings = arm.settings(n=rounds.batch, seed=1000 * seed + number, composed=rounds.composed)
        batch = _ask((before if arm.ahead else look).pool, labelled, truth, settings)
        before = look
        if len(batch):
            labelled = np.append(labelled, batch)
            look = learner(labelled)
        counts.append(len(labelled))
        accuracy.append(_accuracy(look.test, truth.test))
        recalls.append(_recalls(look.test, truth))
    return Replay(
        arm=name,
        seed=seed,
        labels=tuple(counts),
        accuracy=tuple(accuracy),
        recalls=tuple(recalls),
        rows=tuple(labelled.tolist()),
    )


def _ask(pool: Candidates, labelled: Indices, truth: Truth, settings: QueueSettings) -> Indices:
    free = np.setdiff1d(np.arange(len(pool)), labelled)
    if not len(free):
        return free
    names = [truth.classes[label] for label in truth.pool[labelled]]
    known = LabelledFeatures(pool.features[labelled], truth.pool[labelled], names)
    choices = choose(pool.take(free), classes=truth.classes, settings=settings, known=known)
    return free[[choice.row for choice in choices]]


def _accuracy(probabilities: Reals, labels: Labels) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _recalls(probabilities: Reals, truth: Truth) -> tuple[float | None, ...]:
    right = probabilities.argmax(axis=1) == truth.test
    members = [truth.test == index for index in range(len(truth.classes))]
    return tuple(float(right[rows].mean()) if rows.any() else None for rows in members)
