"""How quickly a model classifies here, and where the time goes."""

import contextlib
import csv
import functools
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from base.arrays import Pixels
from base.counting import counted
from base.errors import ImageError, InputError
from base.progress import OnProgress
from base.threads import core_count
from model.reading.images import decode_bytes, decode_image, find_images
from model.running.any_model import AnyModel
from model.running.parity import probe_pictures
from model.running.predict import PREDICT_CHUNK, predict_files
from model.running.readings import Prediction, Reading
from model.running.runtime_names import AUTO
from model.running.runtimes import build_scorer
from model.running.scorer import Scorer

DRAWN = 600
"""Crops that are drawn where no pictures are given."""

MOST_LATENCIES = 200
STAGES = ("read", "decode", "resize", "network", "write")


@dataclass(frozen=True)
class Benchmark:
    """How quickly pictures were classified.

    Attributes:
        images: that could be read, in a pass.
        unreadable: files that were left out.
        threads: for reading and for the network.
        rounds: passes of each kind, alternated; figures are medians over them.
        images_per_s: end to end: read, decoded, resized, through the network and written as CSV.
        floor_per_s: the same pictures read, decoded and resized alone, by as many threads.
        of_floor: the median of the rounds' ratios of the two.
        stages: images a second of each stage alone, on one thread.
        latency_ms: 50th, 90th and 99th percentile for one picture from its file, once the model is loaded.
        peak_memory_mb: the most that the process held; None where the system does not tell.
    """

    images: int
    unreadable: int
    threads: int
    rounds: int
    images_per_s: float
    floor_per_s: float
    of_floor: float
    stages: dict[str, float]
    latency_ms: dict[str, float]
    peak_memory_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the figures as a table."""
        lines = [
            f"{counted(self.images, 'image')}, {counted(self.threads, 'thread')}, medians of "
            f"{counted(self.rounds, 'round')}",
            f"  end to end        {self.images_per_s:8.0f} images/s, {self.of_floor:.0%} of the floor",
            f"  decode-only floor {self.floor_per_s:8.0f} images/s",
            "each stage alone, on one thread",
            *(f"  {name:17} {rate:8.0f} images/s" for name, rate in self.stages.items()),
            "one image, from its file",
            *(f"  {name:17} {value:8.2f} ms" for name, value in self.latency_ms.items()),
        ]
        if self.peak_memory_mb is not None:
            lines.append(f"peak memory {self.peak_memory_mb:.0f} MB")
        return "\n".join(lines)


def benchmark_model(
    model: AnyModel,
    sources: Sequence[str | Path] = (),
    *,
    runtime: str = AUTO,
    threads: int | None = None,
    rounds: int = 3,
    on_progress: OnProgress | None = None,
) -> Benchmark:
    """Measure a model on pictures; each is computed, also where another has the same content.

    Args:
        model: of a run folder or an exported file.
        sources: files, folders (searched below) and globs; drawn crops when empty.
        runtime: what runs the network; see `model.running.runtimes`.
        threads: for reading and for the network; as many as there are cores when None.
        rounds: passes, at least 1; a first one warms up.
        on_progress: called with passes done and passes in all.

    Raises:
        InputError: there is no such runtime, or no picture can be read.
        MissingError: a source does not exist.
    """
    count = threads or core_count()
    score = build_scorer(model, runtime, threads=count)
    with tempfile.TemporaryDirectory() as name:
        found = find_images(sources) if sources else _draw(model, Path(name))
        paths = [path for path in found if _is_readable(model, path)]
        if not paths:
            raise InputError("none of the pictures can be read")
        floors, rates = [], []
        for done in range(rounds + 1):
            floors.append(len(paths) / _seconds(lambda: _decode_only(model, paths, count)))
            rates.append(len(paths) / _seconds(lambda: _classify(model, paths, runtime, count, Path(name, "rows.csv"))))
            if on_progress is not None:
                on_progress(done + 1, rounds + 1)
        stages = _measure_stages(
            model, build_scorer(model, runtime, threads=1), paths[:PREDICT_CHUNK], Path(name, "rows.csv")
        )
        latencies = _measure_latency(model, score, paths)
    return Benchmark(
        images=len(paths),
        unreadable=len(found) - len(paths),
        threads=count,
        rounds=rounds,
        images_per_s=float(np.median(rates[1:])),
        floor_per_s=float(np.median(floors[1:])),
        of_floor=float(np.median(np.divide(rates[1:], floors[1:]))),
        stages=stages,
        latency_ms=latencies,
        peak_memory_mb=peak_memory_mb(),
    )


def _draw(model: AnyModel, folder: Path) -> list[Path]:
    """Write crops of all sorts of sizes."""
    pictures = itertools.islice(itertools.cycle(probe_pictures(model.geometry, rounds=50)), DRAWN)
    paths = [folder / f"{number:04}.png" for number in range(DRAWN)]
    for path, pixels in zip(paths, pictures, strict=True):
        Image.fromarray(pixels).save(path)
    return paths


def _is_readable(model: AnyModel, path: Path) -> bool:
    try:
        decode_image(path, geometry=model.geometry)
    except ImageError:
        return False
    return True


def _decode_only(model: AnyModel, paths: Sequence[Path], threads: int) -> None:
    """Do all that comes before the network, in bounded memory."""

    def load(path: Path) -> Pixels:
        return model.geometry.fit(decode_image(path, geometry=model.geometry))

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(paths), PREDICT_CHUNK):
            list(pool.map(load, paths[start : start + PREDICT_CHUNK]))


def _classify(model: AnyModel, paths: Sequence[Path], runtime: str, threads: int, output: Path) -> None:
    _write(predict_files(model, paths, runtime=runtime, threads=threads), output)


def _write(predictions: Iterator[Prediction], output: Path) -> None:
    with output.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        for each in predictions:
            writer.writerow((each.path, each.index, *(f"{value:.4f}" for value in each.probabilities or ())))


def _measure_stages(model: AnyModel, score: Scorer, paths: Sequence[Path], output: Path) -> dict[str, float]:
    """Return images a second of each stage by itself, on one thread; the second pass counts."""
    seconds = dict.fromkeys(STAGES, 0.0)
    for _ in range(2):
        with _timed(seconds, "read"):
            contents = [path.read_bytes() for path in paths]
        with _timed(seconds, "decode"):
            images = [decode_bytes(content).image for content in contents]
        with _timed(seconds, "resize"):
            pixels = [model.geometry.fit(image) for image in images]
        with _timed(seconds, "network"):
            table = score(pixels).probabilities
        rows = [Prediction(path, Reading(tuple(row.tolist()))) for path, row in zip(paths, table, strict=True)]
        with _timed(seconds, "write"):
            _write(iter(rows), output)
    return {name: len(paths) / spent for name, spent in seconds.items()}


@contextlib.contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - began


def _measure_latency(model: AnyModel, score: Scorer, paths: Sequence[Path]) -> dict[str, float]:

    def classify(path: Path) -> None:
        score([model.geometry.fit(decode_image(path, geometry=model.geometry))])

    some = itertools.islice(itertools.cycle(paths), MOST_LATENCIES)
    times = [1000 * _seconds(functools.partial(classify, path)) for path in some]
    return {f"p{share}": float(np.percentile(times, share)) for share in (50, 90, 99)}


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def peak_memory_mb() -> float | None:
    """Return the most memory that this process has held, in MB."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
