"""Reading and scoring on a cluster: a chunk is read in one task and scored in another, wherever its pixels then are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from base.cluster import Cluster
from base.errors import ImageError
from base.work import start_ahead
from model.reading.crop_fitting import Geometry
from model.reading.picture_reference import PictureReference
from model.running.any_model import AnyModel
from model.running.readings import Reading
from model.running.runtimes import build_scorer
from model.running.stages import Chunk, Fitted, FittedOrReason, fit_pictures

READERS = 4
"""Threads that read for each core: what lies far away is mostly waited for."""

FittedChunk = list[Fitted | None]
"""The pictures of a chunk; None where there is an error."""

Table = list[tuple[str, str | None]]
"""For each picture of a chunk, its SHA-256 in hex, and why it cannot be scored."""


class ClusterStages:
    """See `model.running.stages.Stages`; `runtime` is the same on all machines."""

    def __init__(
        self, cluster: Cluster, model: AnyModel, runtime: str, look: Callable[..., list[Reading]], *, hashes: bool
    ) -> None:
        self.ahead = cluster.ahead
        self.get = cluster.get
        self._load = cluster.share(partial(_prepare_loading, model.geometry, hashes=hashes), parts=2)
        self.score = cluster.share(partial(_prepare_scoring, model, runtime, look))

    def load(self, chunks: Iterable[list[PictureReference]]) -> Iterator[Chunk]:
        """See `model.running.stages.Stages`."""
        for pictures, (table, pixels) in start_ahead(((chunk, self._load(chunk)) for chunk in chunks), self.ahead):
            yield _Chunk(self, pictures, self.get(table), pixels)


class _Chunk:
    """See `model.running.stages.Chunk`; `pixels` refers to what stays on the cluster."""

    def __init__(self, stages: ClusterStages, pictures: Sequence[PictureReference], table: Table, pixels: Any) -> None:  # noqa: ANN401
        self._stages = stages
        self._table = table
        self._pixels = pixels
        self.pictures = pictures
        self.contents = [content for content, _ in table]

    def error(self, row: int) -> str | None:
        return self._table[row][1]

    def score(self, rows: Sequence[int]) -> Callable[[], Sequence[Reading]]:
        if not rows:
            return list
        (readings,) = self._stages.score(self._pixels, rows)
        return partial(self._stages.get, readings)


def _prepare_loading(
    geometry: Geometry, *, hashes: bool
) -> Callable[[list[PictureReference]], tuple[Table, FittedChunk]]:
    return partial(_load, geometry=geometry, hashes=hashes)


def _load(pictures: list[PictureReference], *, geometry: Geometry, hashes: bool) -> tuple[Table, FittedChunk]:
    """Read, hash and decode pictures, each content once."""
    with ThreadPoolExecutor(READERS) as pool:
        hashed = list(pool.map(partial(_read, hashes=hashes), pictures))
        read, contents = [each for each, _ in hashed], [content for _, content in hashed]
        first = {content: row for row, content in reversed(list(enumerate(contents))) if content}
        sources = [first.get(content, row) for row, content in enumerate(contents)]
        once = sorted(set(sources))
        fitted = dict(zip(once, pool.map(partial(_fit, geometry), [read[row] for row in once]), strict=True))
    found = [fitted[source] for source in sources]
    table = [(content, each if isinstance(each, str) else None) for content, each in zip(contents, found, strict=True)]
    return table, [None if isinstance(each, str) else each for each in found]


def _read(picture: PictureReference, *, hashes: bool) -> tuple[bytes | str, str]:
    """Return a picture's bytes and their hash; or the reason why there are none, and nothing."""
    try:
        return picture.read_hashed(always=hashes)
    except ImageError as error:
        return str(error), ""


def _fit(geometry: Geometry, read: bytes | str) -> FittedOrReason:
    return read if isinstance(read, str) else fit_pictures(read, geometry)


def _prepare_scoring(
    model: AnyModel, runtime: str, look: Callable[..., list[Reading]]
) -> Callable[[FittedChunk, Sequence[int]], list[Reading]]:
    return partial(_score, partial(look, build_scorer(model, runtime, threads=1)))


def _score(look: Callable[[list[Fitted]], list[Reading]], pixels: FittedChunk, rows: Sequence[int]) -> list[Reading]:
    return look([picture for row in rows if (picture := pixels[row]) is not None])
