import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from active.loop.stop_rule import Signs, StopSettings, agreement, is_enough

SETTINGS = StopSettings(kappa=0.99, gain=1.0, rounds=2)
STOP, GO = Signs(1.0, 0.5), Signs(0.98, 0.5)


def test_agreement_is_cohens_kappa_on_the_shared_items() -> None:
    before = {str(number): "ab"[number % 2] for number in range(40)}
    now = before | {"0": "b", "new": "a"}
    assert agreement(before, now) == pytest.approx(0.95)
    assert agreement(before, before) == 1.0


def test_agreement_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    before, now = (dict(enumerate(rng.choice(["on", "off", "other"], 40).tolist())) for _ in range(2))
    now |= {item: before[item] for item in range(25)}
    known = cohen_kappa_score(list(before.values()), list(now.values()))
    named = ({str(item): said for item, said in each.items()} for each in (before, now))
    assert agreement(*named) == pytest.approx(known, abs=1e-12)


def test_one_class_is_full_agreement_and_few_items_are_none() -> None:
    assert (
        agreement(
            dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCDEF", "x"),
            dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCDEF", "x"),
        )
        == 1.0
    )
    assert agreement({"a": "x"}, {"a": "x"}) is None


@pytest.mark.parametrize(
    ("rounds", "enough"),
    [
        ([STOP, STOP], True),
        ([GO, STOP, STOP], True),
        ([STOP], False),
        ([STOP, GO], False),
        ([STOP, STOP, GO, STOP], False),
        ([STOP, Signs(1.0, 1.2)], False),
        ([STOP, Signs(None, 0.1)], False),
        ([STOP, Signs(1.0, None)], False),
        ([], False),
    ],
)
def test_the_last_rounds_must_all_speak_for_stopping(rounds: list[Signs], enough: bool) -> None:
    assert is_enough(rounds, SETTINGS) is enough
