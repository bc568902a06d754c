"""Reading and scoring on a cluster: a chunk is read in one task and scored in another, wherever its pixels then are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from base.cluster import Cluster
from base.errors import ImageError
from base.work import start_ahead
from model.reading.picture_reference import PictureReference
from model.streaming.chunks import Chunk, PictureWork

_Fitted = TypeVar("_Fitted")
_Result = TypeVar("_Result")

READERS = 4
"""Threads that read for each core: what lies far away is mostly waited for."""

Table = list[tuple[str, str | None]]
"""For each picture of a chunk, its SHA-256 in hex, and why it cannot be scored."""


class ClusterStages(Generic[_Fitted, _Result]):
    """See `model.streaming.chunks.Stages`; the work is sent to each worker once."""

    def __init__(self, cluster: Cluster, work: PictureWork[_Fitted, _Result], *, hashes: bool) -> None:
        self.ahead = cluster.ahead
        self.get = cluster.get
        self._load = cluster.share(partial(_prepare_loading, work.fit, hashes=hashes), parts=2)
        self.score = cluster.share(partial(_prepare_scoring, work.prepare))

    def load(self, chunks: Iterable[list[PictureReference]]) -> Iterator[Chunk[_Result]]:
        """See `model.streaming.chunks.Stages`."""
        for pictures, (table, pixels) in start_ahead(((chunk, self._load(chunk)) for chunk in chunks), self.ahead):
            yield _Chunk(self, pictures, self.get(table), pixels)


class _Chunk(Generic[_Fitted, _Result]):
    """See `model.streaming.chunks.Chunk`; `pixels` refers to what stays on the cluster."""

    def __init__(
        self,
        stages: ClusterStages[_Fitted, _Result],
        pictures: Sequence[PictureReference],
        table: Table,
        pixels: Any,  # noqa: ANN401
    ) -> None:
        self._stages = stages
        self._table = table
        self._pixels = pixels
        self.pictures = pictures
        self.contents = [content for content, _ in table]

    def error(self, row: int) -> str | None:
        return self._table[row][1]

    def score(self, rows: Sequence[int]) -> Callable[[], Sequence[_Result]]:
        if not rows:
            return list
        (results,) = self._stages.score(self._pixels, rows)
        return partial(self._stages.get, results)


def _prepare_loading(
    fit: Callable[[bytes], _Fitted | str], *, hashes: bool
) -> Callable[[list[PictureReference]], tuple[Table, list[_Fitted | None]]]:
    return partial(_load, fit=fit, hashes=hashes)


def _load(
    pictures: list[PictureReference], *, fit: Callable[[bytes], _Fitted | str], hashes: bool
) -> tuple[Table, list[_Fitted | None]]:
    """Read, hash and fit pictures, each content once; None stands for one with an error."""
    with ThreadPoolExecutor(READERS) as pool:
        hashed = list(pool.map(partial(_read, hashes=hashes), pictures))
        read, contents = [each for each, _ in hashed], [content for _, content in hashed]
        first = {content: row for row, content in reversed(list(enumerate(contents))) if content}
        sources = [first.get(content, row) for row, content in enumerate(contents)]
        once = sorted(set(sources))
        fitted = dict(zip(once, pool.map(partial(_fit, fit), [read[row] for row in once]), strict=True))
    found = [fitted[source] for source in sources]
    table = [(content, each if isinstance(each, str) else None) for content, each in zip(contents, found, strict=True)]
    return table, [None if isinstance(each, str) else each for each in found]


def _read(picture: PictureReference, *, hashes: bool) -> tuple[bytes | str, str]:
    """Return a picture's bytes and their hash; or the reason why there are none, and nothing."""
    try:
        return picture.read_hashed(always=hashes)
    except ImageError as error:
        return str(error), ""


def _fit(fit: Callable[[bytes], _Fitted | str], read: bytes | str) -> _Fitted | str:
    return read if isinstance(read, str) else fit(read)


def _prepare_scoring(
    prepare: Callable[[], Callable[[Sequence[_Fitted]], Sequence[_Result]]],
) -> Callable[[list[_Fitted | None], Sequence[int]], Sequence[_Result]]:
    return partial(_score, prepare())


def _score(
    score: Callable[[Sequence[_Fitted]], Sequence[_Result]], fitted: list[_Fitted | None], rows: Sequence[int]
) -> Sequence[_Result]:
    return score([picture for row in rows if (picture := fitted[row]) is not None])
