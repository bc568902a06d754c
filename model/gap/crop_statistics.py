"""What is known of many crops at once: the network's features, plain statistics and which are the same picture."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from base.arrays import Floats, Indices
from base.counting import counted
from base.errors import ImageError, InputError
from base.notes import take_note
from base.progress import OnProgress
from model.gap.measures import STATISTICS, measure_pictures
from model.labelled_folders.folders import Example
from model.networks.trained_model import Model
from model.reading.images import decode_bytes, hash_bytes, read_bytes
from model.running.predict import predict_files
from model.running.readings import Reading


@dataclass(frozen=True)
class Described:
    """The crops that could be read: `features` (N, F), `statistics` (N, S) and a hash of each file's content.

    `readings` are what the model makes of them.
    """

    examples: tuple[Example, ...]
    features: Floats
    statistics: Floats
    contents: tuple[str, ...]
    readings: tuple[Reading, ...]

    def take(self, indices: Indices) -> "Described":
        """Return the crops at these indices, in their order."""
        return Described(
            tuple(self.examples[index] for index in indices),
            self.features[indices],
            self.statistics[indices],
            tuple(self.contents[index] for index in indices),
            tuple(self.readings[index] for index in indices),
        )


def describe_crops(
    model: Model, examples: Sequence[Example], *, threads: int | None = None, on_progress: OnProgress | None = None
) -> Described:
    """Read each crop twice, once as the network sees it and once as it is; what cannot be read is passed over.

    Raises:
        InputError: none can be read.
    """
    kept, features, statistics, contents, readings, lost = [], [], [], [], [], []
    paths = [example.path for example in examples]
    predictions = predict_files(model, paths, threads=threads, with_features=True, on_progress=on_progress)
    with ThreadPoolExecutor(threads or torch.get_num_threads()) as pool:
        measured = pool.map(_measure_file, paths)
        for example, prediction, found in zip(examples, predictions, measured, strict=True):
            if prediction.features is not None and found is not None:
                kept.append(example)
                features.append(prediction.features)
                statistics.append(found[0])
                contents.append(found[1])
                readings.append(replace(prediction.reading, features=None))
            else:
                lost.append(f"{example.shown}: {prediction.error}")
    if not kept:
        raise InputError(f"none of {counted(len(examples), 'picture')} can be read, the first: {lost[0]}")
    if lost:
        take_note(f"{len(lost)} of {counted(len(examples), 'picture')} cannot be read, the first: {lost[0]}")
    return Described(tuple(kept), np.stack(features), np.stack(statistics), tuple(contents), tuple(readings))


def _measure_file(path: Path) -> tuple[Floats, str] | None:
    try:
        read = read_bytes(path)
        values = measure_pictures(np.asarray(decode_bytes(read).image))
        return np.array([values[name] for name in STATISTICS], np.float32), hash_bytes(read)
    except ImageError:
        return None


def sample_like(real: Described, synthetic: Described, *, most: int, seed: int) -> Indices:
    """Return the indices of up to `most` synthetic crops whose classes come as often as in the real ones."""
    rng = np.random.default_rng(seed)
    wanted = Counter(example.label for example in real.examples)
    labels = np.array([example.label for example in synthetic.examples])
    places = {label: np.flatnonzero(labels == label) for label in sorted(wanted)}
    size = min([most, *(len(places[label]) * wanted.total() // count for label, count in wanted.items())])
    counts = {label: min(len(found), round(size * wanted[label] / wanted.total())) for label, found in places.items()}
    return np.sort(np.concatenate([rng.choice(found, counts[label], replace=False) for label, found in places.items()]))
