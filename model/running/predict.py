"""Classifying pictures: in order, in bounded memory, one bad file at a time, equal contents once."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from base.cluster import Cluster
from base.threads import core_count
from model.reading.picture_reference import PictureReference, file_picture
from model.reading.remarks import NOTED, Remarks
from model.running.any_model import AnyModel
from model.running.local_stages import LocalStages
from model.running.readings import Prediction, Reading
from model.running.repeats import KnownContents, Slot
from model.running.runtime_names import AUTO
from model.running.runtimes import build_scorer, settle_runtime
from model.running.stages import Chunk, Stages, look_at

__all__ = ["PictureReading", "Prediction", "Reading", "predict_files", "read_in_order"]

PREDICT_CHUNK = 512
"""Pictures in memory at a time; sorted by shape within, so that batches fill up."""

MOST_HELD = 64 << 20
"""A chunk ends early when its pictures keep so many bytes in memory."""


@dataclass(frozen=True)
class PictureReading:
    """A picture, the SHA-256 of its bytes in hex (empty where they were not read or not hashed), and the reading."""

    picture: PictureReference
    content: str
    reading: Reading


def predict_files(
    model: AnyModel,
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    with_features: bool = False,
    runtime: str = AUTO,
    cluster: Cluster | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Prediction]:
    """Yield a prediction for each path, in order; a picture that cannot be read gives one with an error.

    Args:
        model: loaded by `model.running.any_model.load_any_model`.
        paths: any number; a chunk of them is in memory at a time.
        threads: for decoding and for the network; as many as there are cores when None.
        with_features: attach the penultimate features, float32 (F,).
        runtime: what runs the network; see `model.running.runtimes`.
        cluster: what reads and scores the pictures, instead of this process's threads.
        on_progress: called with (done, total).
    """
    pictures = (file_picture(path) for path in paths)
    done = 0
    for chunk in read_in_order(
        model, pictures, threads=threads, with_features=with_features, runtime=runtime, cluster=cluster
    ):
        for path, each in zip(paths[done : done + len(chunk)], chunk, strict=True):
            yield Prediction(path, each.reading)
        done += len(chunk)
        if on_progress is not None:
            on_progress(done, len(paths))


def read_in_order(
    model: AnyModel,
    pictures: Iterable[PictureReference],
    *,
    threads: int | None = None,
    with_features: bool = False,
    known: KnownContents[Reading] | None = None,
    runtime: str = AUTO,
    cluster: Cluster | None = None,
) -> Iterator[list[PictureReading]]:
    """Yield chunks of pictures with what the model makes of them, in order; the next chunk is read meanwhile.

    At the end it is said how many were read with a note, and which.

    Which pictures share a batch, and so the last digits of the numbers, follows from the order of the pictures and
    from `known` alone, and not from the number of threads.

    Args:
        model: loaded by `model.running.any_model.load_any_model`.
        pictures: any number; two chunks of them are in memory at a time.
        threads: for decoding and for the network; as many as there are cores when None.
        with_features: attach the penultimate features, float32 (F,).
        known: contents to answer without computing, to which new ones are added; every picture is computed, and
            its content not hashed unless that was known before, when None.
        runtime: what runs the network; see `model.running.runtimes`.
        cluster: what reads and scores the pictures, instead of this process's threads.
    """
    look = partial(look_at, locates=model.locates, with_features=with_features)
    with _open_stages(model, runtime, look, threads=threads, known=known, cluster=cluster) as stages:
        waiting, noted = deque[_Waiting](), Remarks(NOTED)
        for chunk in stages.load(_chunks(pictures)):
            slots, fresh = _assign(chunk, known)
            waiting.append(_Waiting(chunk, slots, [slot for _, slot in fresh], chunk.score([row for row, _ in fresh])))
            if len(waiting) > stages.ahead:
                yield waiting.popleft().settle(noted)
        while waiting:
            yield waiting.popleft().settle(noted)
    noted.say()


@contextlib.contextmanager
def _open_stages(
    model: AnyModel,
    runtime: str,
    look: Callable[..., list[Reading]],
    *,
    threads: int | None,
    known: KnownContents[Reading] | None,
    cluster: Cluster | None,
) -> Iterator[Stages]:
    if cluster is not None:
        from model.running.cluster_stages import ClusterStages  # few have one

        yield ClusterStages(cluster, model, settle_runtime(model, runtime), look, hashes=known is not None)
        return
    count = threads or core_count()
    pool = ThreadPoolExecutor(count)
    try:
        score = build_scorer(model, runtime, threads=count)
        yield LocalStages(model.geometry, partial(look, score), known, pool, count)
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Waiting:
    """A chunk whose readings are being computed: those of `fresh`, among its slots; and what waits for them."""

    chunk: Chunk
    slots: Sequence[Slot[Reading]]
    fresh: Sequence[Slot[Reading]]
    scored: Callable[[], Sequence[Reading]]

    def settle(self, noted: Remarks) -> list[PictureReading]:
        for slot, found in zip(self.fresh, self.scored(), strict=True):
            slot.value = found
        rows = zip(self.chunk.pictures, self.chunk.contents, self.slots, strict=True)
        readings = [_reading_of(picture, content, slot) for picture, content, slot in rows]
        for note in (each.reading.note for each in readings):
            if note is not None:
                noted.add(note)
        return readings


def _reading_of(picture: PictureReference, content: str, slot: Slot[Reading]) -> PictureReading:
    assert slot.value is not None  # filled by now, in this chunk or before
    return PictureReading(picture, content, slot.value)


def _assign(
    chunk: Chunk, known: KnownContents[Reading] | None
) -> tuple[list[Slot[Reading]], list[tuple[int, Slot[Reading]]]]:
    """Return a slot for each picture, and those slots that a network has to fill, with the picture's place."""
    slots, fresh = [], []
    for row, content in enumerate(chunk.contents):
        slot, is_new = known.look_up(content) if known is not None and content else (Slot[Reading](), True)
        slots.append(slot)
        if not is_new:
            continue
        error = chunk.error(row)
        if error is None:
            fresh.append((row, slot))
        else:
            slot.value = Reading(None, error)
    return slots, fresh


def _chunks(pictures: Iterable[PictureReference]) -> Iterator[list[PictureReference]]:
    chunk, held = list[PictureReference](), 0
    for picture in pictures:
        chunk.append(picture)
        held += picture.held
        if len(chunk) == PREDICT_CHUNK or held >= MOST_HELD:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
