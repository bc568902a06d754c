"""How quick networks are beside each other: they take turns, so that what slows the machine slows all."""

import time
from collections.abc import Sequence

from base.progress import Bar
from model.labelled_folders.examples import Example
from model.reading.images import read_image
from model.running.any_model import AnyModel
from model.running.runtimes import build_scorer

MOST_TIMED = 400
"""Crops, spread over those tested on, that go through the network in a round."""


def time_in_turns(models: Sequence[AnyModel], examples: Sequence[Example], rounds: int, bar: Bar) -> list[list[float]]:
    """Return the processor seconds of each model's rounds; models take turns, and a first round warms up."""
    crops = [[model.geometry.fit(read_image(example.path)) for example in examples] for model in models]
    scorers = [build_scorer(model, threads=1) for model in models]
    seconds: list[list[float]] = [[] for _ in models]
    report = bar("timing")
    for number in range(rounds + 1):
        for spent, score, pixels in zip(seconds, scorers, crops, strict=True):
            began = time.process_time()
            score(pixels)
            if number:
                spent.append(time.process_time() - began)
        report(number, rounds)
    return seconds
