"""What a compression comes to: plain values, as JSON and as a table before and after."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from base.counting import counted
from base.intervals import Interval, wilson
from model.evaluation.compare import PairedCounts, mcnemar, paired_interval


@dataclass(frozen=True)
class Paired:
    """How the accuracy differs from that before, on the same crops: Newcombe's 95 % interval, McNemar's exact test."""

    only_this: int
    only_before: int
    difference: float
    interval: Interval
    p_value: float

    @classmethod
    def of(cls, counts: PairedCounts) -> "Paired":
        """Return what the counts say; the other model in them is the one before."""
        p_value = mcnemar(counts.only_this, counts.only_other)
        return cls(counts.only_this, counts.only_other, counts.difference, paired_interval(counts), p_value)


@dataclass(frozen=True)
class Stage:
    """A model on the way, and how it fares.

    Attributes:
        name: what was done to it.
        path: where it is kept; empty where it is not.
        bytes: of its weights, or of the exported file.
        parameters: of its network.
        images_per_s: through the network alone, by a second of processor time: the median over rounds.
        speed: the median of the rounds' ratios to the model before.
        right: labelled crops whose most probable class is their label.
        n: labelled crops.
        paired: against the model before; None for itself.
        within_bound: the lower end of the paired interval is no worse than the bound; None for the model before.
    """

    name: str
    path: str
    bytes: int
    parameters: int
    images_per_s: float
    speed: float
    right: int
    n: int
    paired: Paired | None = None
    within_bound: bool | None = None

    @property
    def interval(self) -> Interval:
        """Return Wilson's 95 % interval of the accuracy."""
        return wilson(self.right, self.n)


@dataclass(frozen=True)
class Compression:
    """All models of a compression, the one before first.

    `tested_on` says which crops the accuracy is of, `most_loss` how many points it may lose at worst, `refused` why a
    stage is missing, by its name; speeds are over `rounds` passes of `images`.
    """

    stages: tuple[Stage, ...]
    tested_on: str
    most_loss: float
    images: int
    rounds: int
    refused: dict[str, str]
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        values: dict[str, Any] = asdict(self)
        for stage, each in zip(self.stages, values["stages"], strict=True):
            each |= {"accuracy": stage.right / stage.n, "interval": stage.interval}
        return values

    def to_text(self) -> str:
        """Return the table, and in words what of it holds."""
        return "\n".join(_lines(self))


def _lines(result: Compression) -> Iterator[str]:
    first, *others = result.stages
    width = max(len(stage.name) for stage in result.stages)
    yield f"{'':{width}}       MB  parameters  images/s  accuracy (95 %)           difference (95 %), McNemar"
    for stage in result.stages:
        low, high = stage.interval
        accuracy = f"{stage.right / stage.n:6.1%} ({low:.1%} to {high:.1%})"
        size = f"{stage.name:{width}}  {stage.bytes / 1e6:7.2f}  {stage.parameters:10,}  {stage.images_per_s:8,.0f}"
        yield f"{size}  {accuracy:24}  {'' if stage.paired is None else _difference(stage.paired)}".rstrip()
    rounds = counted(result.rounds, "round")
    yield f"images/s: network alone, by processor time, median of {rounds} over {counted(result.images, 'crop')}"
    yield f"accuracy: on {counted(first.n, 'crop')} {result.tested_on}"
    yield ""
    yield from (_verdict(stage, first, result.most_loss) for stage in others)
    yield from (f"{name}: refused: {reason}" for name, reason in result.refused.items())


def _difference(paired: Paired) -> str:
    low, high = paired.interval
    p = "p < 0.001" if paired.p_value < 0.001 else f"p = {paired.p_value:.3f}"
    return f"{100 * paired.difference:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}), {p}"


def _verdict(stage: Stage, before: Stage, most_loss: float) -> str:
    """Return in words how a stage compares with the model before, also where it has gained nothing."""
    size, speed = stage.bytes / before.bytes, stage.speed
    smaller = f"{size:.2f} of the size" if size < 1 else f"NOT SMALLER: {size:.2f} of the size"
    quicker = f"{speed:.2f} times as quick" if speed > 1 else f"NOT QUICKER: {speed:.2f} times as quick"
    worst = 0.0 if stage.paired is None else -100 * stage.paired.interval[0]
    accuracy = f"accuracy at worst {worst:.1f} points lower ({most_loss:g} allowed)"
    return f"{stage.name}: {smaller}, {quicker}, {'' if stage.within_bound else 'TOO MUCH IS LOST: '}{accuracy}"
