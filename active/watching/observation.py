"""What is known of many pictures: what a model makes of them, and plain numbers; it can be kept in a file."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from active.faults.picture_measures import read_measures
from base.arrays import Doubles, Floats, Indices, Labels
from base.counting import counted
from base.errors import InputError, ModelError
from base.files import write_bytes
from base.progress import Bar, mute_bar
from model.adapting.score_cache import score_pool
from model.gap.measures import STATISTICS
from model.labelled_folders.examples import Example
from model.networks.trained_model import Model
from model.reading.images import Unreadable

OBSERVATION_FILE = "reference.npz"
"""The name, in a run folder, of what its training pool looks like."""

OBSERVATION_FORMAT = 1


@dataclass(frozen=True)
class ObservedPictures:
    """Pictures, each content once, as a model sees them.

    Attributes:
        fingerprint: of the model.
        classes: the model's.
        paths: where the pictures lie, or lay when this was kept.
        features: (N, F), penultimate.
        probabilities: (N, C).
        statistics: (N, S), those of `model.gap.measures.STATISTICS`, in its order.
        unreadable: what could not be read.
    """

    fingerprint: str
    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    features: Floats
    probabilities: Floats
    statistics: Floats
    unreadable: tuple[Unreadable, ...] = ()

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.paths)

    @property
    def predicted(self) -> Labels:
        """Return the index of each picture's most probable class."""
        found: Labels = self.probabilities.argmax(1).astype(np.int64)
        return found

    @property
    def confidences(self) -> Floats:
        """Return the probability of that class."""
        found: Floats = self.probabilities.max(1)
        return found

    def take(self, rows: Indices) -> "ObservedPictures":
        """Return some of the pictures, in the order of their rows."""
        return ObservedPictures(
            self.fingerprint,
            self.classes,
            tuple(self.paths[row] for row in rows),
            self.features[rows],
            self.probabilities[rows],
            self.statistics[rows],
            self.unreadable,
        )

    def sample(self, most: int, *, rng: np.random.Generator) -> "ObservedPictures":
        """Return that many of the pictures, drawn at random, or all where there are fewer."""
        return self if len(self) <= most else self.take(np.sort(rng.choice(len(self), most, replace=False)))


def observe_pictures(model: Model, paths: Sequence[Path], *, on_progress: Bar | None = None) -> ObservedPictures:
    """Have a model look at pictures, and measure them; what it has seen before it remembers.

    Args:
        model: one that was saved, and so has a fingerprint.
        paths: any files; of equal contents the first is taken.
        on_progress: makes a bar for each stage.

    Raises:
        InputError: none can be read.
        StoreError: the cache of scores cannot be used.
    """
    bar = on_progress or mute_bar
    pool = score_pool(model, paths, on_progress=bar("scoring"))
    examples = [Example(path, "", str(path)) for path in pool.files.values()]
    measured = read_measures(examples, on_progress=bar("measuring"))
    kept, unreadable = [], list(pool.unreadable)
    for (item, path), found in zip(pool.files.items(), measured, strict=True):
        scored = pool.scored[item]
        if scored.error is not None or isinstance(found, Unreadable):
            unreadable.append(found if isinstance(found, Unreadable) else Unreadable(path, scored.error or ""))
        else:
            kept.append((path, scored, found[1].statistics))
    if not kept:
        raise InputError(f"none of {counted(len(paths), 'picture')} can be read, the first: {_first(unreadable)}")
    return ObservedPictures(
        model.fingerprint,
        tuple(model.classes),
        tuple(path for path, _, _ in kept),
        np.array([scored.features for _, scored, _ in kept], np.float32),
        np.array([scored.probabilities for _, scored, _ in kept], np.float32),
        np.array([statistics for _, _, statistics in kept], np.float32),
        tuple(unreadable),
    )


def _first(unreadable: Sequence[Unreadable]) -> str:
    return f"{unreadable[0].path}: {unreadable[0].reason}" if unreadable else "nothing was named"


def save_observation(observation: ObservedPictures, path: Path) -> None:
    """Keep an observation in an .npz file, whole or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        format=np.array(OBSERVATION_FORMAT),
        fingerprint=np.array(observation.fingerprint),
        classes=np.array(observation.classes),
        names=np.array(list(STATISTICS)),
        paths=np.array([str(each) for each in observation.paths]),
        features=observation.features.astype(np.float16),
        probabilities=observation.probabilities,
        statistics=observation.statistics,
    )
    write_bytes(path, buffer.getvalue())


def load_observation(path: Path, model: Model) -> ObservedPictures:
    """Return what is kept in a file.

    Raises:
        ModelError: it is damaged, is something else, or was written by another version.
        InputError: it was made with another model.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            known = int(arrays["format"]) == OBSERVATION_FORMAT and tuple(arrays["names"]) == tuple(STATISTICS)
            fingerprint, classes = str(arrays["fingerprint"]), tuple(map(str, arrays["classes"]))
            paths = tuple(map(Path, arrays["paths"]))
            tables = [arrays[name].astype(np.float32) for name in ("features", "probabilities", "statistics")]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is no reference of `boxwright watch --save-reference`, or is damaged") from error
    if not known:
        raise ModelError(f"{path} was written by another version; write it again with --save-reference")
    if fingerprint != model.fingerprint:
        raise InputError(f"{path} is a reference of model {fingerprint}, not of {model.fingerprint}; write it again")
    return ObservedPictures(fingerprint, classes, paths, *tables)


def standardised(first: Floats, second: Floats, *, most: float = 4.0) -> tuple[Floats, Floats]:
    """Return two tables (N, D) and (M, D) scaled by what both hold, clipped at so many standard deviations."""
    both: Doubles = np.concatenate([first, second]).astype(np.float64)
    centre, scale = both.mean(0), both.std(0) + 1e-6
    ones, others = (((each - centre) / scale).clip(-most, most).astype(np.float32) for each in (first, second))
    return ones, others
