"""Classifying pictures in order: what `model.streaming` does, with a network."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from base.threads import core_count
from model.reading.picture_reference import PictureReference, file_picture
from model.running.any_model import AnyModel
from model.running.readings import Prediction, Reading
from model.running.runtime_names import AUTO
from model.running.runtimes import build_scorer, settle_runtime
from model.running.stages import Fitted, Looks, fit_pictures, look_at
from model.streaming.chunks import PictureWork
from model.streaming.in_order import PictureResult, work_in_order
from model.streaming.repeats import KnownContents

if TYPE_CHECKING:
    from base.cluster import Cluster

__all__ = ["PictureReading", "Prediction", "Reading", "predict_files", "read_in_order"]

PREDICT_CHUNK = 512
"""Pictures in memory at a time; sorted by shape within, so that batches fill up."""

PictureReading = PictureResult[Reading]
"""A picture, the SHA-256 of its bytes, and what a model makes of it."""


def predict_files(
    model: AnyModel,
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    with_features: bool = False,
    runtime: str = AUTO,
    cluster: "Cluster | None" = None,
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
    cluster: "Cluster | None" = None,
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
    count = threads or core_count()
    work = _work(model, runtime, threads=count, with_features=with_features, cluster=cluster)
    return work_in_order(work, pictures, threads=count, most=PREDICT_CHUNK, known=known, cluster=cluster)


def _work(
    model: AnyModel, runtime: str, *, threads: int, with_features: bool, cluster: "Cluster | None"
) -> PictureWork[Fitted, Reading]:
    """Return what is made of a crop; on a cluster a task has one thread, and all run the network with the same."""
    if cluster is not None:
        runtime, threads = settle_runtime(model, runtime), 1
    looks = Looks(model.geometry, model.closer_look)
    look = partial(look_at, looks=looks, locates=model.locates, with_features=with_features)
    prepare = partial(_prepare_scoring, model, runtime, look, threads=threads)
    return PictureWork(partial(fit_pictures, looks=looks), prepare, partial(Reading, None))


def _prepare_scoring(
    model: AnyModel, runtime: str, look: Callable[..., list[Reading]], *, threads: int
) -> Callable[[Sequence[Fitted]], list[Reading]]:
    return partial(look, build_scorer(model, runtime, threads=threads))
