"""Classifying pictures: in order, in bounded memory, one bad file at a time, equal contents once."""

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from generator.errors import ImageError
from model.engines import AUTO, build_scorer
from model.exported import AnyModel
from model.geometry import Geometry, Pixels
from model.images import decode_bytes
from model.known import Known, Slot
from model.locating import KINDS
from model.pictures import Picture, file_picture
from model.scorer import Floats, Scores, torch_threads

Box = tuple[float, float, float, float]
"""Left, top, width and height, in pixels of the picture."""

CHUNK = 512
"""Pictures in memory at a time; sorted by shape within, so that batches fill up."""

MOST_HELD = 64 << 20
"""A chunk ends early when its pictures keep so many bytes in memory."""


@dataclass(frozen=True)
class Answer:
    """What a model makes of a picture's content: probabilities in the order of its classes, or why there are none.

    `kind` is the widget's, `none` where the picture shows none, and `box` where it is; both None where the model was
    not taught to tell. `size` is the picture's width and height in pixels, upright.
    """

    probabilities: tuple[float, ...] | None
    error: str | None = None
    kind: str | None = None
    box: Box | None = None
    size: tuple[int, int] | None = None
    features: Floats | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Answered:
    """A picture, the SHA-256 of its bytes in hex (empty where they were not read or not asked for), and the answer."""

    picture: Picture
    content: str
    answer: Answer


@dataclass(frozen=True)
class Prediction:
    """What a model makes of the picture in a file; as in `Answer`."""

    path: Path
    probabilities: tuple[float, ...] | None
    error: str | None = None
    kind: str | None = None
    box: Box | None = None
    features: Floats | None = field(default=None, compare=False, repr=False)

    @property
    def index(self) -> int | None:
        """Return the index of the most probable class."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))

    @property
    def confidence(self) -> float | None:
        """Return the probability of that class."""
        return None if self.probabilities is None else max(self.probabilities)


def predict(
    model: AnyModel,
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    with_features: bool = False,
    engine: str = AUTO,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Prediction]:
    """Yield a prediction for each path, in order; a picture that cannot be read gives one with an error.

    Args:
        model: loaded by `model.exported.load_any_model`.
        paths: any number; a chunk of them is in memory at a time.
        threads: for decoding and for the network; torch's own number when None.
        with_features: attach the penultimate features, float32 (F,).
        engine: what runs the network; see `model.engines`.
        on_progress: called with (done, total).
    """
    pictures = (file_picture(path) for path in paths)
    done = 0
    for chunk in answer(model, pictures, threads=threads, with_features=with_features, engine=engine):
        for path, each in zip(paths[done : done + len(chunk)], chunk, strict=True):
            found = each.answer
            yield Prediction(path, found.probabilities, found.error, found.kind, found.box, found.features)
        done += len(chunk)
        if on_progress is not None:
            on_progress(done, len(paths))


def answer(
    model: AnyModel,
    pictures: Iterable[Picture],
    *,
    threads: int | None = None,
    with_features: bool = False,
    known: Known[Answer] | None = None,
    engine: str = AUTO,
) -> Iterator[list[Answered]]:
    """Yield chunks of pictures with what the model makes of them, in order; the next chunk is read meanwhile.

    Which pictures share a batch, and so the last digits of the numbers, follows from the order of the pictures and
    from `known` alone, and not from the number of threads.

    Args:
        model: loaded by `model.exported.load_any_model`.
        pictures: any number; two chunks of them are in memory at a time.
        threads: for decoding and for the network; torch's own number when None.
        with_features: attach the penultimate features, float32 (F,).
        known: contents to answer without computing, to which new ones are added; every picture is computed, and
            its content not hashed, when None.
        engine: what runs the network; see `model.engines`.
    """
    count = threads or torch.get_num_threads()
    score = build_scorer(model, engine)
    reader = _Reader(model.geometry, known)
    pool = ThreadPoolExecutor(count)
    try:
        for loaded in _load_ahead(pictures, reader, pool):
            slots, fresh = reader.assign(loaded)
            with torch_threads(count):
                scores = score([fitted.pixels for _, fitted in fresh])
            for row, (slot, fitted) in enumerate(fresh):
                kind, box = locate(scores, row, fitted) if model.locates else (None, None)
                probabilities = tuple(scores.probabilities[row].tolist())
                features = scores.features[row] if with_features else None
                slot.value = Answer(probabilities, None, kind, box, fitted.size, features)
            yield [_answered(each, slot) for each, slot in zip(loaded, slots, strict=True)]
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Fitted:
    """A picture at its fitted size, and its own size, (width, height)."""

    pixels: Pixels
    size: tuple[int, int]

    @classmethod
    def of(cls, image: Image.Image, geometry: Geometry) -> "Fitted":
        """Scale a decoded picture."""
        return cls(geometry.fit(image), image.size)

    @property
    def scale(self) -> tuple[float, float]:
        """Return how many pixels of the picture one of its fitted size stands for, across and down."""
        return self.size[0] / self.pixels.shape[1], self.size[1] / self.pixels.shape[0]


_Found = Fitted | str
"""A picture, or the reason why there is none."""


@dataclass(frozen=True)
class _Loaded:
    """A picture that was looked at; `found` is None where its content was known then."""

    picture: Picture
    content: str
    found: "Future[_Found] | None"


class _Reader:
    """Reads, hashes and decodes in many threads, each content once."""

    def __init__(self, geometry: Geometry, known: Known[Answer] | None) -> None:
        self._geometry = geometry
        self._known = known
        self._lock = threading.Lock()
        self._claims: dict[str, Future[_Found]] = {}

    def load(self, picture: Picture) -> _Loaded:
        """Read a picture, and decode it unless its content is known or another thread does."""
        own: Future[_Found] = Future()
        try:
            content = picture.read()
        except ImageError as error:
            own.set_result(str(error))
            return _Loaded(picture, "", own)
        found, digest = own, ""
        if self._known is not None:
            digest = hashlib.sha256(content).hexdigest()
            if digest in self._known:
                return _Loaded(picture, digest, None)
            with self._lock:
                found = self._claims.setdefault(digest, own)
        if found is own:
            self._decode(content, own)
        return _Loaded(picture, digest, found)

    def _decode(self, content: bytes, into: "Future[_Found]") -> None:
        try:
            image = decode_bytes(content)
            into.set_result(Fitted.of(image, self._geometry))
        except ImageError as error:
            into.set_result(str(error))
        except BaseException as error:  # whoever waits for it must not wait for ever
            into.set_exception(error)

    def assign(self, chunk: Sequence[_Loaded]) -> tuple[list[Slot[Answer]], list[tuple[Slot[Answer], Fitted]]]:
        """Return a slot for each picture, and those slots that a network has to fill, with what to look at."""
        slots, fresh = [], []
        for each in chunk:
            slot, is_new = (Slot[Answer](), True) if not each.content else self._look_up(each.content)
            slots.append(slot)
            if not is_new:
                continue
            # None: its content was known when it was read, and has been forgotten since
            found = each.found.result() if each.found else self._load_alone(each.picture)
            if isinstance(found, str):
                slot.value = Answer(None, found)
            else:
                fresh.append((slot, found))
        with self._lock:
            for each in chunk:
                self._claims.pop(each.content, None)
        return slots, fresh

    def _load_alone(self, picture: Picture) -> _Found:
        own: Future[_Found] = Future()
        try:
            self._decode(picture.read(), own)
        except ImageError as error:
            return str(error)
        return own.result()

    def _look_up(self, content: str) -> tuple[Slot[Answer], bool]:
        assert self._known is not None  # there is no hash without
        return self._known.look_up(content)


def _answered(loaded: _Loaded, slot: Slot[Answer]) -> Answered:
    assert slot.value is not None  # filled by now, in this chunk or before
    return Answered(loaded.picture, loaded.content, slot.value)


def locate(scores: Scores, row: int, fitted: Fitted) -> tuple[str | None, Box | None]:
    """Return the widget's kind and its box in the original picture."""
    if scores.kinds is None or scores.boxes is None:
        return None, None
    kind = KINDS[int(scores.kinds[row].argmax())]
    if kind == KINDS[0]:
        return kind, None
    left, top, width, height = scores.boxes[row].tolist()
    across, down = fitted.scale
    return kind, (left * across, top * down, width * across, height * down)


def _load_ahead(pictures: Iterable[Picture], reader: _Reader, pool: ThreadPoolExecutor) -> Iterator[list[_Loaded]]:
    """Yield chunks of pictures that were looked at; the next one is read meanwhile."""
    chunks = ([pool.submit(reader.load, picture) for picture in chunk] for chunk in _chunks(pictures))
    for current, _ in itertools.pairwise(itertools.chain(chunks, [()])):
        yield [future.result() for future in current]


def _chunks(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    chunk, held = list[Picture](), 0
    for picture in pictures:
        chunk.append(picture)
        held += picture.held
        if len(chunk) == CHUNK or held >= MOST_HELD:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
