"""Judges the rule that says when to stop labelling: replays on labelled crops, stopped by it or gone to the end.

    python bench/stopping.py --real DIR [--model pretrained] [--seeds 20] [--batch 20] [--out build/stopping]

As `boxwright simulate` in its fast mode: for each seed 40 % of the crops are tested on and never asked for, an oracle
labels the rest batch by batch, the last layer is fitted again. Prints, for several thresholds, when the rule stops
and what that costs. Traces are kept in --out, and what is there is not replayed again.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from active.choosing.choose import LabelledFeatures, choose
from active.loop.projection import Evidence, project
from active.loop.stop_rule import Signs, StopSettings, agreement, is_enough
from active.replay.simulate import divide, read_pool
from base.files import write_json
from boxwright import Candidates, Model, QueueSettings, SimulateSettings, content_hash, load_model
from model.adapting.heads import refit_head, warm_head
from model.adapting.score_cache import score_files

RULES = {
    "kappa of 2 rounds >= 0.99": StopSettings(kappa=0.99, gain=100, rounds=2),
    "kappa of 3 rounds >= 0.99": StopSettings(kappa=0.99, gain=100, rounds=3),
    "bound of 2 rounds <= 1.0": StopSettings(kappa=0, gain=1.0, rounds=2),
    "bound of 2 rounds <= 2.0": StopSettings(kappa=0, gain=2.0, rounds=2),
    "kappa >= 0.99 and bound <= 1.0, 2 rounds": StopSettings(kappa=0.99, gain=1.0, rounds=2),
    "kappa >= 0.99 and bound <= 1.5, 2 rounds": StopSettings(kappa=0.99, gain=1.5, rounds=2),
    "kappa >= 0.99 and bound <= 2.0, 2 rounds": StopSettings(kappa=0.99, gain=2.0, rounds=2),
    "kappa >= 0.98 and bound <= 2.0, 2 rounds": StopSettings(kappa=0.98, gain=2.0, rounds=2),
}


def main() -> None:
    """Replay what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("build/stopping"))
    arguments = parser.parse_args()
    traces = [_trace(arguments, seed) for seed in range(arguments.seeds)]
    ends = np.array([trace["accuracy"][-1] for trace in traces])
    starts = np.array([trace["accuracy"][0] for trace in traces])
    total = np.mean([trace["labels"][-1] for trace in traces])
    print(f"{len(traces)} seeds: {starts.mean():.1%} before, {ends.mean():.1%} with all of {total:.0f} labels")
    for name, rule in RULES.items():
        stops = [_stop(trace, rule) for trace in traces]
        labels = [trace["labels"][stop] for trace, stop in zip(traces, stops, strict=True)]
        lost = 100 * (ends - [trace["accuracy"][stop] for trace, stop in zip(traces, stops, strict=True)])
        never = sum(stop == len(trace["labels"]) - 1 for trace, stop in zip(traces, stops, strict=True))
        print(
            f"{name:42} {np.mean(labels):5.0f} labels ({min(labels)} to {max(labels)}), at the end {never:2},"
            f" lost {lost.mean():+.2f} points (worst {lost.max():+.1f})"
        )
    _calibration(traces)


def _calibration(traces: list[dict[str, list[float | None]]]) -> None:
    """Print how often the gain that came lay below, within and above the projected interval, as that is shown."""
    places, gains = [], []
    for trace in traces:
        for at, low in enumerate(trace["low"]):
            then = [place for place, count in enumerate(trace["labels"]) if count >= trace["labels"][at] + 50]
            if low is None or not then:
                continue
            came = 100 * (trace["accuracy"][then[0]] - trace["accuracy"][at])
            places.append((came > round(trace["high"][at], 1)) - (came < round(low, 1)))
            gains.append((trace["gain"][at], came))
    projected, came = np.mean(gains, axis=0)
    below, within, above = (np.mean(np.equal(places, place)) for place in (-1, 0, 1))
    print(
        f"{len(places)} projections: mean {projected:+.2f}, came {came:+.2f} points;"
        f" below the interval {below:.0%}, within {within:.0%}, above {above:.0%}"
    )


def _stop(trace: dict[str, list[float | None]], rule: StopSettings) -> int:
    signs = [Signs(kappa, high) for kappa, high in zip(trace["kappa"], trace["high"], strict=True)]
    return next((at for at in range(1, len(signs)) if is_enough(signs[1 : at + 1], rule)), len(signs) - 1)


def _trace(arguments: argparse.Namespace, seed: int) -> dict[str, list[float | None]]:
    path = arguments.out / f"{arguments.model.name}-{arguments.batch}-{seed}.json"
    if not path.exists():
        write_json(path, _replay(load_model(arguments.model), arguments.real, seed=seed, batch=arguments.batch))
    loaded: dict[str, list[float | None]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _replay(model: Model, real: Path, *, seed: int, batch: int) -> dict[str, list[float | None]]:
    examples = read_pool(real, model.classes)
    division = divide(examples, examples, SimulateSettings(), seed)
    files = {content_hash(example.path): example.path for example in examples}
    features = np.array([each.features for each in score_files(model, files)], float)
    labels = np.array([model.classes.index(example.label) for example in examples])
    pool, truth = features[division.pool], labels[division.pool]
    warm = warm_head(model, pool)
    known, flips = np.empty(0, np.intp), list[bool]()
    trace: dict[str, list[float | None]] = {name: [] for name in ("labels", "accuracy", "kappa", "gain", "low", "high")}
    before: dict[str, str] = {}
    while True:
        head = refit_head(warm, pool[known], truth[known], pull=300.0)
        said = head.probabilities(pool).argmax(axis=1)
        now = {str(row): str(index) for row, index in enumerate(said)}
        right = head.probabilities(features[division.test]).argmax(axis=1) == labels[division.test]
        projected = project(Evidence(warm, pool[known], truth[known], (sum(flips), len(flips))), labels=50, seed=seed)
        row = (len(known), float(right.mean()), agreement(before, now), projected.gain, projected.low, projected.high)
        for values, value in zip(trace.values(), row, strict=True):
            values.append(value)
        before = now
        free = np.setdiff1d(np.arange(len(pool)), known)
        if not len(free):
            return trace
        settings = QueueSettings(n=batch, seed=1000 * seed + len(known))
        names = [model.classes[label] for label in truth[known]]
        candidates = Candidates(head.probabilities(pool), pool).take(free)
        chosen = choose(
            candidates,
            classes=model.classes,
            settings=settings,
            known=LabelledFeatures(pool[known], truth[known], names),
        )
        flips += [bool(said[free[each.row]] != truth[free[each.row]]) for each in chosen if each.audit]
        known = np.append(known, free[[each.row for each in chosen]])


if __name__ == "__main__":
    main()
