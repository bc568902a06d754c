"""Working on pictures in order, in bounded memory: one bad file at a time, equal contents once."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from model.reading.picture_reference import PictureReference
from model.reading.remarks import NOTED, Remarks
from model.streaming.chunks import Chunk, PictureWork, Stages
from model.streaming.local_stages import LocalStages
from model.streaming.repeats import KnownContents, Slot

if TYPE_CHECKING:
    from base.cluster import Cluster

MOST_HELD = 64 << 20
"""A chunk ends early when its pictures keep so many bytes in memory."""


class Noted(Protocol):
    """What was made of a picture."""

    @property
    def note(self) -> str | None:
        """Return what of its file was not used, or how it was understood where it does not say."""
        ...


_Result = TypeVar("_Result", bound=Noted)


@dataclass(frozen=True)
class PictureResult(Generic[_Result]):
    """A picture, the SHA-256 of its bytes in hex (empty where they were not read or not hashed), and the result."""

    picture: PictureReference
    content: str
    reading: _Result


def work_in_order(
    work: PictureWork[Any, _Result],
    pictures: Iterable[PictureReference],
    *,
    threads: int,
    most: int,
    known: KnownContents[_Result] | None = None,
    cluster: "Cluster | None" = None,
) -> Iterator[list[PictureResult[_Result]]]:
    """Yield chunks of pictures with what is made of them, in order; the next chunk is read meanwhile.

    At the end it is said how many were read with a note, and which.

    Args:
        work: what is made of a picture.
        pictures: any number; two chunks of them are in memory at a time.
        threads: that read and fit.
        most: pictures of a chunk.
        known: contents to answer without work, to which new ones are added; every picture is worked on, and its
            content not hashed unless that was known before, when None.
        cluster: what does the work, instead of this process's threads.
    """
    with _open_stages(work, threads=threads, known=known, cluster=cluster) as stages:
        waiting, noted = deque[_Waiting[_Result]](), Remarks(NOTED)
        for chunk in stages.load(_chunks(pictures, most)):
            slots, fresh = _assign(chunk, known, work.failed)
            waiting.append(_Waiting(chunk, slots, [slot for _, slot in fresh], chunk.score([row for row, _ in fresh])))
            if len(waiting) > stages.ahead:
                yield waiting.popleft().settle(noted)
        while waiting:
            yield waiting.popleft().settle(noted)
    noted.say()


@contextlib.contextmanager
def _open_stages(
    work: PictureWork[Any, _Result], *, threads: int, known: KnownContents[_Result] | None, cluster: "Cluster | None"
) -> Iterator[Stages[_Result]]:
    if cluster is not None:
        from model.streaming.cluster_stages import ClusterStages  # few have one

        yield ClusterStages(cluster, work, hashes=known is not None)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield LocalStages(work, known, pool, threads)
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Waiting(Generic[_Result]):
    """A chunk whose results are being computed: those of `fresh`, among its slots; and what waits for them."""

    chunk: Chunk[_Result]
    slots: Sequence[Slot[_Result]]
    fresh: Sequence[Slot[_Result]]
    scored: Callable[[], Sequence[_Result]]

    def settle(self, noted: Remarks) -> list[PictureResult[_Result]]:
        for slot, found in zip(self.fresh, self.scored(), strict=True):
            slot.value = found
        rows = zip(self.chunk.pictures, self.chunk.contents, self.slots, strict=True)
        results = [_result_of(picture, content, slot) for picture, content, slot in rows]
        for note in (each.reading.note for each in results):
            if note is not None:
                noted.add(note)
        return results


def _result_of(picture: PictureReference, content: str, slot: Slot[_Result]) -> PictureResult[_Result]:
    assert slot.value is not None  # filled by now, in this chunk or before
    return PictureResult(picture, content, slot.value)


def _assign(
    chunk: Chunk[_Result], known: KnownContents[_Result] | None, failed: Callable[[str], _Result]
) -> tuple[list[Slot[_Result]], list[tuple[int, Slot[_Result]]]]:
    """Return a slot for each picture, and those slots that have to be filled, with the picture's place."""
    slots, fresh = [], []
    for row, content in enumerate(chunk.contents):
        slot, is_new = known.look_up(content) if known is not None and content else (Slot[_Result](), True)
        slots.append(slot)
        if not is_new:
            continue
        error = chunk.error(row)
        if error is None:
            fresh.append((row, slot))
        else:
            slot.value = failed(error)
    return slots, fresh


def _chunks(pictures: Iterable[PictureReference], most: int) -> Iterator[list[PictureReference]]:
    chunk, held = list[PictureReference](), 0
    for picture in pictures:
        chunk.append(picture)
        held += picture.held
        if len(chunk) == most or held >= MOST_HELD:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
