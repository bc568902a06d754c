"""The catalogue of schedules: what share of its height the learning rate has at a place of the run.

torch's schedulers count steps. Here batches are of uneven size and a step is taken when enough pictures have come, so
that their number is not known ahead: the closed forms of torch's schedulers are used instead, over pictures seen.
"""

import math
from collections.abc import Callable

FINAL_RATE = 0.01
"""Warm-up begins, and the cosine ends, at this share of the height."""

MILESTONES = (0.5, 0.75)
"""Where `multi_step` divides the rate by ten; shares of what follows warm-up, as He et al. 2016, arXiv:1512.03385."""

Schedule = Callable[[float], float]
"""Takes the share of the run that is done, 0..1, counted from the end of warm-up."""


def constant(_: float) -> float:
    """Return the height."""
    return 1.0


def cosine(done: float) -> float:
    """Return half a cosine, from the height down: torch's CosineAnnealingLR."""
    return FINAL_RATE + (1 - FINAL_RATE) * (0.5 * (1 + math.cos(math.pi * done)))


def multi_step(done: float) -> float:
    """Return a tenth after each milestone: torch's MultiStepLR."""
    return float(0.1 ** sum(done >= milestone for milestone in MILESTONES))


def one_cycle(done: float) -> float:
    """Return a rise from 1/25 over 3/10 of the run, then a fall to almost 0: torch's OneCycleLR with its defaults.

    Smith and Topin 2018, arXiv:1708.07120.
    """
    peak, start, end = 0.3, 1 / 25, 1 / 25 / 1e4
    if done < peak:
        return 1 + (start - 1) * 0.5 * (1 + math.cos(math.pi * done / peak))
    return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * (done - peak) / (1 - peak)))


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "cosine": cosine,
    "multi_step": multi_step,
    "one_cycle": one_cycle,
    "plateau": constant,  # and torch's ReduceLROnPlateau lowers it, see model.learning.learning_rate
}
"""Name to schedule."""

PLATEAU = "plateau"

OWN_WARMUP = frozenset({"one_cycle"})
"""Schedules that rise by themselves."""


def rate_at(schedule: str, done: float, *, height: float, warmup: float) -> float:
    """Return the learning rate where `done`, 0..1, of a run is done: warm-up to the height, then the schedule.

    Args:
        schedule: of `SCHEDULES`; those of `OWN_WARMUP` have no other.
        done: the share of the run.
        height: the highest rate.
        warmup: the share of the run that it takes to get there.
    """
    first = 0.0 if schedule in OWN_WARMUP else warmup
    if done < first:
        return height * max(done / first, FINAL_RATE)
    return height * SCHEDULES[schedule]((done - first) / (1 - first))
