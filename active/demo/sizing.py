"""How large the demo is on this machine: what it draws and trains in a second is measured, and the demo made to fit."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from base.counting import counted
from base.files import write_text
from base.progress import Bar
from base.settings import Settings
from generator.datasets.dataset import GenerateSettings, generate
from model.learning.training_settings import TrainSettings
from model.training.train import train

SIZES = "demo.json"
"""Where in the demo's folder its sizes are kept, so that the next call goes on with them."""

MEASURED_CROPS = 400

AIM = 0.85
"""What share of the minutes is planned: other programs want the machine too."""

STEPS = 20
"""In how many steps the sizes are made smaller."""

LEAST_SHARE = 0.15
"""The least share of the full sizes; fewer crops teach next to nothing."""

ROUND_EPOCHS = 5
ROUND_SHARE = 7
"""A round trains for so many epochs, on one crop in so many of the synthetic ones and as many real ones."""

SCORING = 4.0
"""How many times as quickly pictures are scored as trained on."""

LEAST_POOL = 300
LEAST_EPOCHS = 3


class DemoSettings(Settings):
    """How large the demo is: with `minutes`, at most so, and as much smaller as this machine needs."""

    n: int = Field(default=7000, gt=0)
    pool_n: int = Field(default=1200, gt=0)
    epochs: int = Field(default=6, gt=0)
    rounds: int = Field(default=3, gt=0)
    labels_a_round: int = Field(default=50, gt=0)
    seed: int = 0
    minutes: float | None = Field(default=5.0, gt=0, description="None: the full size, and nothing is measured")


@dataclass(frozen=True)
class MachineSpeed:
    """What a machine does in a second, and how many seconds it takes before the first crop and the first step."""

    drawn_per_s: float
    trained_per_s: float
    drawing_start_s: float
    training_start_s: float


def measure_machine(seed: int, *, on_progress: Bar) -> MachineSpeed:
    """Draw some crops and train on them, which takes some ten seconds on two cores.

    Raises:
        BrowserError: no browser could be started.
    """
    bar = on_progress("measuring this machine")
    seen: list[tuple[float, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((time.monotonic(), done))
        bar(done // 2, total)

    with tempfile.TemporaryDirectory(prefix="boxwright-demo-") as folder:
        began = time.monotonic()
        generate(Path(folder) / "crops", GenerateSettings(n=MEASURED_CROPS, seed=seed), on_progress=watch)
        drawn_per_s, drawing_start_s = _steady(began, seen)
        began = time.monotonic()
        settings = TrainSettings(epochs=2, val_share=0.0, seed=seed)
        epochs = train(Path(folder) / "crops", None, out=Path(folder) / "run", settings=settings).epochs
        took = time.monotonic() - began
        trained_per_s = MEASURED_CROPS * len(epochs) / sum(each.seconds for each in epochs)
    bar(MEASURED_CROPS, MEASURED_CROPS)
    return MachineSpeed(drawn_per_s, trained_per_s, drawing_start_s, max(0.0, took - sum(e.seconds for e in epochs)))


def _steady(began: float, seen: list[tuple[float, int]]) -> tuple[float, float]:
    """Return crops a second from the first report on, and the seconds before any was drawn."""
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    whole = last_at - began
    rate = (last - first) / (last_at - first_at) if last > first and last_at > first_at else last / whole
    return rate, max(0.0, whole - last / rate)


def expected_seconds(size: DemoSettings, speed: MachineSpeed) -> float:
    """Return about how long a demo of that size takes on a machine of that speed."""
    drawing = 2 * speed.drawing_start_s + (size.n + size.pool_n) / speed.drawn_per_s
    pictures = size.epochs * size.n + size.rounds * ROUND_EPOCHS * 2 * size.n / ROUND_SHARE
    scored = (2 * size.rounds + 2) * size.pool_n / SCORING
    return drawing + (1 + size.rounds) * speed.training_start_s + (pictures + scored) / speed.trained_per_s


def size_demo(wanted: DemoSettings, speed: MachineSpeed) -> DemoSettings:
    """Return the largest demo of the same proportions that fits into its minutes, or the smallest there is."""
    assert wanted.minutes is not None
    size = wanted
    for step in range(STEPS + 1):
        share = 1 - (1 - LEAST_SHARE) * step / STEPS
        size = wanted.model_copy(
            update={
                "n": max(1, round(wanted.n * share)),
                "pool_n": min(wanted.pool_n, max(LEAST_POOL, round(wanted.pool_n * share))),
                "epochs": min(wanted.epochs, max(LEAST_EPOCHS, round(wanted.epochs * share**0.5))),
            }
        )
        if expected_seconds(size, speed) <= AIM * 60 * wanted.minutes:
            break
    return size


def fit_demo(wanted: DemoSettings, out: Path, *, say: Callable[[str], None], on_progress: Bar) -> DemoSettings:
    """Return the settings with sizes that fit into their minutes, those of an earlier call where it asked for the same.

    Args:
        wanted: with `minutes` None, they are returned as they are.
        out: the demo's folder.
        say: gets a line on what will be done.
        on_progress: makes the bar of the measuring.

    Raises:
        BrowserError: no browser could be started.
    """
    if wanted.minutes is None:
        return wanted
    if (earlier := _read_sizes(out / SIZES)) and earlier[0] == wanted:
        say(f"{_plan(earlier[1])}, as before")
        return earlier[1]
    speed = measure_machine(wanted.seed, on_progress=on_progress)
    size = size_demo(wanted, speed)
    seconds = expected_seconds(size, speed)
    minutes = f"{seconds / 60:.1f} min"
    over = "" if seconds <= 60 * wanted.minutes else f", more than the {wanted.minutes:g} that were asked for"
    say(
        f"this machine draws {speed.drawn_per_s:.0f} crops/s and trains on {speed.trained_per_s:.0f}/s: "
        f"{_plan(size)}, in about {minutes}{over}"
    )
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / SIZES, _Sizes(wanted=wanted, size=size).model_dump_json(indent=2) + "\n")
    return size


class _Sizes(Settings):
    wanted: DemoSettings
    size: DemoSettings


def _read_sizes(path: Path) -> tuple[DemoSettings, DemoSettings] | None:
    try:
        read = _Sizes.model_validate_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    return read.wanted, read.size


def _plan(size: DemoSettings) -> str:
    rounds = counted(size.rounds, "round")
    return f"{size.n:,} crops, {counted(size.epochs, 'epoch')} and {rounds} of {size.labels_a_round} labels"
