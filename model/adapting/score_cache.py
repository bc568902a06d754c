"""Probabilities and features of pictures, kept by content and model, so that a second look at a pool is quick.

What is kept of a content was computed from bytes that have its hash: a file is read once, hashed and scored, or its
hash is known and checked.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from base.arrays import Floats
from base.cache import cache_folder
from base.cluster import Cluster
from base.errors import StoreError
from base.progress import OnProgress
from base.timing import package_log
from base.work import InProcess
from model.adapting.variations import ReadSame, predict_variations
from model.networks.trained_model import Model
from model.reading.images import Unreadable, read_same
from model.reading.picture_reference import PictureReference, file_picture
from model.running.predict import read_in_order
from model.running.readings import Reading
from model.streaming.repeats import Slot

LOG = package_log(__name__)

LAYOUT = 1
"""Part of the files' names; raised when the same model gives other numbers than before."""

UNUSED_SCORES_S = 30 * 24 * 3600
"""A model's file that was not asked for so long is deleted."""

CHUNK = 500
"""Rows a query, and rows that an interrupted scoring loses at most."""


@dataclass(frozen=True)
class Scored:
    """What a model makes of a picture's content: probabilities, in the order of its classes, and features; or an error.

    They are (C,) and (F,), or (V, C) and (V, F) where variations were asked for.
    """

    item: str
    probabilities: Floats
    features: Floats
    error: str | None = None


@dataclass(frozen=True)
class ScoredPool:
    """What was found in pictures that were read once each: hash and path of a picture travel together from here.

    `files` are paths by content, the first of each in the pool; `scored` is what a model makes of a content, of all but
    those that it was to do without, and of what was beside the pool too; `unreadable` are the pool's pictures whose
    bytes could not be read, and `count` is how many pictures it has.
    """

    files: Mapping[str, Path]
    scored: Mapping[str, Scored]
    unreadable: tuple[Unreadable, ...]
    count: int


def score_pool(
    model: Model,
    paths: Sequence[Path],
    *,
    beside: Sequence[Path] = (),
    without: Collection[str] = (),
    folder: Path | None = None,
    cluster: Cluster | None = None,
    on_progress: OnProgress | None = None,
) -> ScoredPool:
    """Read each file once, and return what `model` makes of what they hold; see `score_pictures`."""
    return score_pictures(
        model,
        map(file_picture, paths),
        total=len(paths),
        beside=beside,
        without=without,
        folder=folder,
        cluster=cluster,
        on_progress=on_progress,
    )


def _lies(picture: PictureReference, _: str) -> Path:
    return picture.path or Path(picture.name)


def score_pictures(
    model: Model,
    pictures: Iterable[PictureReference],
    *,
    total: int = 0,
    place: Callable[[PictureReference, str], Path] = _lies,
    beside: Sequence[Path] = (),
    without: Collection[str] = (),
    folder: Path | None = None,
    cluster: Cluster | None = None,
    on_progress: OnProgress | None = None,
) -> ScoredPool:
    """Read each picture once, and return what `model` makes of it; only what it has not seen is computed.

    Args:
        model: one that was saved, and so has a fingerprint.
        pictures: the pool.
        total: how many these are; 0 where nobody knows.
        place: gives where a picture of a content lies, or will.
        beside: files that are scored, too, and no part of the pool.
        without: contents that are not to be scored.
        folder: of the cache; the user's when None.
        cluster: what reads and computes, instead of this process.
        on_progress: called with (done, total).

    Raises:
        StoreError: the cache cannot be read or written.
    """
    files, unreadable, scored = dict[str, Path](), list[Unreadable](), dict[str, Scored]()
    done, own = 0, 0
    name = _file_name(model)

    def pool() -> Iterator[PictureReference]:
        nonlocal own
        for picture in pictures:
            own += 1
            yield picture

    with _open(folder or default_folder(), name) as connection:
        kept = {item for (item,) in connection.execute("SELECT item FROM scores")}
        known = _Kept(kept, set(without))
        seen = dict[str, None]()
        every = chain(pool(), map(file_picture, beside))
        for chunk in read_in_order(model, every, with_features=True, known=known, cluster=cluster):
            found = {each.content: each.reading for each in chunk if each.content and each.reading is not _ELSEWHERE}
            fresh = [_to_scored(item, reading) for item, reading in found.items() if item not in scored]
            _write(connection, [each for each in fresh if each.error is None])
            scored |= {each.item: each for each in fresh}
            seen |= dict.fromkeys(each.content for each in chunk if each.content)
            for each in chunk[: max(0, own - done)]:  # what is beside comes when all of the pool was asked for
                if not each.content:
                    unreadable.append(Unreadable(_lies(each.picture, ""), each.reading.error or ""))
                elif each.content not in files:
                    files[each.content] = place(each.picture, each.content)
            done += len(chunk)
            if on_progress is not None:
                on_progress(done, total and total + len(beside))
        wanted = [item for item in seen if item in kept and item not in known.without]
        scored |= {each.item: each for each in _read(connection, wanted, 0)}
        LOG.info("scores of %s: %d of %d pictures were known", name, len(wanted), len(seen))
    return ScoredPool(files, scored, tuple(unreadable), own)


_ELSEWHERE = Reading(None)
"""Stands for what is in the cache already, or is not wanted."""


class _Kept:
    """See `repeats.KnownContents`: what the cache has and what is not wanted is known, the rest is once it was seen."""

    def __init__(self, kept: Collection[str], without: Collection[str]) -> None:
        self.without = without
        self._kept = kept
        self._slots: dict[str, Slot[Reading]] = {}

    def __contains__(self, content: str) -> bool:
        return content in self._slots or content in self._kept or content in self.without

    def look_up(self, content: str) -> tuple[Slot[Reading], bool]:
        if content in self._slots:
            return self._slots[content], False
        if content in self:
            return Slot(_ELSEWHERE), False
        return self._slots.setdefault(content, Slot()), True


def score_files(
    model: Model,
    files: Mapping[str, Path],
    *,
    variations: int = 0,
    read: ReadSame = read_same,
    folder: Path | None = None,
    cluster: Cluster | None = None,
    on_progress: OnProgress | None = None,
) -> list[Scored]:
    """Return what `model` makes of each file, in order; only what it has not seen before is computed.

    Args:
        model: one that was saved, and so has a fingerprint.
        files: path by content hash; a file that is read and holds something else has an error.
        variations: score so many changed versions of each instead, the same ones every time.
        read: gives the bytes of a file for that; see `model.reading.images.read_same`.
        folder: of the cache; the user's when None.
        cluster: what computes, instead of this process.
        on_progress: called with (done, total).

    Raises:
        StoreError: the cache cannot be read or written.
    """
    name = _file_name(model, variations)
    with _open(folder or default_folder(), name) as connection:
        known = {each.item: each for each in _read(connection, list(files), variations)}
        missing = {item: path for item, path in files.items() if item not in known}
        LOG.info("scores of %s: %d of %d pictures are known", name, len(known), len(files))
        report = None if on_progress is None else _shift(on_progress, len(known), len(files))
        computed = _compute(model, missing, variations, read, cluster, report)
        while chunk := list(islice(computed, CHUNK)):
            _write(connection, [each for each in chunk if each.error is None])
            known |= {each.item: each for each in chunk}
    return [known[item] for item in files]


def _file_name(model: Model, variations: int = 0) -> str:
    return f"{model.fingerprint}-{f'views-{variations}' if variations else 'plain'}-{LAYOUT}.db"


def default_folder() -> Path:
    """Return where scores are kept: beside the libraries in the user's cache."""
    return cache_folder("scores")


def _shift(on_progress: OnProgress, before: int, total: int) -> OnProgress:
    on_progress(before, total)
    return lambda done, _: on_progress(before + done, total)


_NOTHING = np.empty(0, np.float32)


def _compute(
    model: Model,
    files: Mapping[str, Path],
    variations: int,
    read: ReadSame,
    cluster: Cluster | None,
    on_progress: OnProgress | None,
) -> Iterator[Scored]:
    if variations:
        found = predict_variations(
            model, files, count=variations, read=read, engine=cluster or InProcess(), on_progress=on_progress
        )
        for item, seen in zip(files, found, strict=True):
            yield Scored(item, seen.probabilities, seen.features, seen.error)
        return
    pictures = (file_picture(path, content=item) for item, path in files.items())
    found_each = chain.from_iterable(read_in_order(model, pictures, with_features=True, cluster=cluster))
    for done, (item, each) in enumerate(zip(files, found_each, strict=True), start=1):
        yield _to_scored(item, each.reading)
        if on_progress is not None:
            on_progress(done, len(files))


def _to_scored(item: str, reading: Reading) -> Scored:
    if reading.probabilities is None or reading.features is None:
        return Scored(item, _NOTHING, _NOTHING, reading.error or "cannot be read")
    return Scored(item, np.array(reading.probabilities, np.float32), reading.features)


@contextlib.contextmanager
def _open(folder: Path, name: str) -> Iterator[sqlite3.Connection]:
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _forget_unused(folder)
        with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            # What a crash loses is computed again.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS scores (item TEXT PRIMARY KEY, probabilities BLOB, features BLOB)"
            )
            path.touch()
            yield connection
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"score cache {path}: {error}; delete the file, or set BOXWRIGHT_CACHE") from error


def _forget_unused(folder: Path) -> None:
    for file in folder.glob("*.db*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > UNUSED_SCORES_S:
                file.unlink()


def _read(connection: sqlite3.Connection, items: Sequence[str], variations: int) -> Iterator[Scored]:
    shape = (variations, -1) if variations else (-1,)
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        marks = ", ".join("?" * len(chunk))
        rows = connection.execute(f"SELECT item, probabilities, features FROM scores WHERE item IN ({marks})", chunk)
        for item, probabilities, features in rows:
            yield Scored(item, _from_blob(probabilities, shape), _from_blob(features, shape))


def _from_blob(blob: bytes, shape: tuple[int, ...]) -> Floats:
    return np.frombuffer(blob, np.float32).reshape(shape)


def _write(connection: sqlite3.Connection, scored: Sequence[Scored]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    rows = [(each.item, each.probabilities.tobytes(), each.features.tobytes()) for each in scored]
    connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")
