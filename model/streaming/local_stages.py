"""Reading and scoring in the threads of this process."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from base.errors import ImageError
from base.timing import package_log, timed
from model.reading.picture_reference import PictureReference
from model.streaming.chunks import Chunk, PictureWork
from model.streaming.repeats import KnownContents

LOG = package_log(__name__)

_Fitted = TypeVar("_Fitted")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Loaded(Generic[_Fitted]):
    """A picture that was looked at; `found` is None where its content was known then."""

    picture: PictureReference
    content: str
    found: "Future[_Fitted | str] | None"


class LocalStages(Generic[_Fitted, _Result]):
    """Reads, hashes and decodes in many threads, each content once; scores a chunk when it is asked to."""

    ahead = 0

    def __init__(
        self,
        work: PictureWork[_Fitted, _Result],
        known: KnownContents[_Result] | None,
        pool: ThreadPoolExecutor,
        threads: int,
    ) -> None:
        self._fit = work.fit
        self._score = work.prepare()
        self._known = known
        self._pool = pool
        self._threads = threads
        self._lock = threading.Lock()
        self._claims: dict[str, Future[_Fitted | str]] = {}

    def load(self, chunks: Iterable[list[PictureReference]]) -> Iterator[Chunk[_Result]]:
        """See `Stages`; the next chunk is read meanwhile."""
        started = ([self._pool.submit(self._load, picture) for picture in chunk] for chunk in chunks)
        for current, _ in itertools.pairwise(itertools.chain(started, [()])):
            with timed(LOG, "waiting for pictures to be read", level=logging.DEBUG) as found:
                loaded = [future.result() for future in current]
                found.note(pictures=len(loaded))
            yield _Chunk(self, loaded)

    def _load(self, picture: PictureReference) -> _Loaded[_Fitted]:
        """Read a picture, and decode it unless its content is known or another thread does."""
        own: Future[_Fitted | str] = Future()
        try:
            content, digest = picture.read_hashed(always=self._known is not None)
        except ImageError as error:
            own.set_result(str(error))
            return _Loaded(picture, "", own)
        found = own
        if self._known is not None:
            if digest in self._known:
                return _Loaded(picture, digest, None)
            with self._lock:
                found = self._claims.setdefault(digest, own)
        if found is own:
            try:
                own.set_result(self._fit(content))
            except BaseException as error:  # whoever waits for it must not wait for ever
                own.set_exception(error)
        return _Loaded(picture, digest, found)

    def find(self, loaded: _Loaded[_Fitted]) -> _Fitted | str:
        """Return the picture, also where its content was known when it was read and has been forgotten since."""
        if loaded.found is not None:
            return loaded.found.result()
        try:
            content = loaded.picture.read_again(loaded.content, since="first read")
            return self._fit(content)
        except ImageError as error:
            return str(error)

    def score(self, pictures: Sequence[_Fitted], contents: Iterable[str]) -> Sequence[_Result]:
        """Score; contents are claimed no longer."""
        with self._lock:
            for content in contents:
                self._claims.pop(content, None)
        with timed(LOG, "scoring", level=logging.DEBUG) as found:
            found.note(pictures=len(pictures), threads=self._threads)
            return self._score(pictures)


class _Chunk(Generic[_Fitted, _Result]):
    """See `Chunk`."""

    def __init__(self, stages: LocalStages[_Fitted, _Result], loaded: Sequence[_Loaded[_Fitted]]) -> None:
        self._stages = stages
        self._loaded = loaded
        self._fitted: dict[int, _Fitted] = {}
        self.pictures = [each.picture for each in loaded]
        self.contents = [each.content for each in loaded]

    def error(self, row: int) -> str | None:
        found = self._stages.find(self._loaded[row])
        if isinstance(found, str):
            return found
        self._fitted[row] = found
        return None

    def score(self, rows: Sequence[int]) -> Callable[[], Sequence[_Result]]:
        results = self._stages.score([self._fitted.pop(row) for row in rows], self.contents)
        return lambda: results
