"""Training pictures in memory, and how an epoch draws and batches them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Indices, Labels, Mask, Pixels
from base.errors import ImageError
from model.labelled_folders.folders import Example
from model.labelled_folders.signatures import Signature, sign_picture
from model.learning.hints import UNKNOWN
from model.learning.windows import Sample, cut_window
from model.networks.widget_kinds import KINDS
from model.reading.crop_fitting import Geometry, Shape, pad
from model.reading.images import Unreadable, decode_bytes
from model.reading.picture_reference import file_picture
from model.reading.remarks import NOTED, Remarks

UNLABELLED = -1
"""The label of a picture that has none."""

POOL_BATCHES = 64
"""Pictures are sorted by shape within this many batches: enough to pad little, few enough to keep an epoch mixed."""

MAX_PADDING = 1.5
"""A batch is closed early where one more picture would make its canvas this many times as large as its pictures."""


@dataclass(frozen=True)
class TrainingSet:
    """Decoded pictures with what is known of them; the fingerprint is of the files' bytes and labels.

    Attributes:
        pixels: each at its fitted size.
        labels: (N,), the index of the class, or UNLABELLED.
        kinds: (N,), the index of the widget's kind in `networks.widget_kinds.KINDS`, or `hints.UNKNOWN`.
        boxes: (N, 4), where the widget is in the fitted picture; zeros where there is none, or nobody knows where.
        signatures: of each, made when it was read.
    """

    pixels: Sequence[Pixels]
    labels: Labels
    kinds: Labels
    boxes: Floats
    unreadable: Sequence[Unreadable]
    fingerprint: str
    signatures: Sequence[Signature] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, rows: Indices) -> "TrainingSet":
        """Return those pictures alone, in that order, without a fingerprint."""
        return TrainingSet(
            [self.pixels[row] for row in rows], self.labels[rows], self.kinds[rows], self.boxes[rows], (), ""
        )

    def sample(self, index: int) -> Sample:
        """Return one picture with its widget's kind and box."""
        return Sample(self.pixels[index], int(self.kinds[index]), self.boxes[index])


NOTHING = TrainingSet((), np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4), np.float32), (), "")


@dataclass(frozen=True)
class Batch:
    """Pictures on one canvas, uint8 (N, H, W, 3), and what is known of them, (N,) each, boxes (N, 4) on the canvas.

    `seeds`, (N,), are of what is drawn for each picture alone.
    """

    pictures: Pixels
    labels: Labels
    real: Mask
    kinds: Labels
    boxes: Floats
    seeds: Labels


def decode_examples(
    examples: Sequence[Example],
    geometry: Geometry,
    classes: Sequence[str],
    *,
    threads: int,
    looks: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> TrainingSet:
    """Read and scale pictures once, into memory; those that cannot be read are listed, not raised.

    Each file is opened once: the same bytes are hashed, decoded and signed. At the end it is said how many were read
    with a note, and which.

    Args:
        examples: their labels are all in `classes`, or "" where nobody gave one.
        geometry: how a picture is scaled.
        classes: in the order that gives the indices.
        threads: how many pictures are decoded at once.
        looks: sign what the pictures look like too, and not only their bytes.
        on_progress: called with (done, total).
    """
    noted = Remarks(NOTED)

    def decode(example: Example) -> tuple[Pixels, list[float], Signature] | Unreadable:
        try:
            read, content = file_picture(example.path, content=example.content).read_hashed(always=True)
            decoded = decode_bytes(read, geometry=geometry)
            pixels = geometry.fit(decoded)
        except ImageError as error:
            return Unreadable(example.shown, str(error))
        if decoded.note:
            noted.add(decoded.note)
        signature = sign_picture(example.path, content, decoded.image if looks else None)
        return pixels, _fit_box(example, pixels.shape[0] / decoded.image.height), signature

    index_of = {"": UNLABELLED} | {name: index for index, name in enumerate(classes)}
    fingerprint = hashlib.sha256()
    pixels, boxes, signatures, read, unreadable = [], [], [], [], []
    with ThreadPoolExecutor(threads) as pool:
        for done, (example, result) in enumerate(zip(examples, pool.map(decode, examples), strict=True), start=1):
            if isinstance(result, Unreadable):
                unreadable.append(result)
            else:
                pixels.append(result[0])
                boxes.append(result[1])
                signatures.append(result[2])
                read.append(example)
                fingerprint.update(f"{result[2].content} {example.label}\n".encode())
            if on_progress is not None:
                on_progress(done, len(examples))
    noted.say()
    labels = np.array([index_of[example.label] for example in read], np.int64)
    kinds = np.array([KINDS.index(example.kind) if example.kind in KINDS else UNKNOWN for example in read], np.int64)
    known = np.array(boxes, np.float32).reshape(-1, 4)
    return TrainingSet(pixels, labels, kinds, known, unreadable, fingerprint.hexdigest(), signatures)


def _fit_box(example: Example, scale: float) -> list[float]:
    """Return where the widget is in the fitted picture; the box of something else is not of interest."""
    if example.box is None or example.kind not in KINDS[1:]:
        return [0.0] * 4
    return [length * scale for length in example.box]


def draw_balanced(labels: Labels, count: int, rng: np.random.Generator) -> Indices:
    """Return about `count` indices, equally many of each class, none a second time before its class is used up."""
    present = np.unique(labels)
    quota = -(-count // max(1, len(present)))
    drawn = []
    for label in present:
        members = np.flatnonzero(labels == label)
        rounds = -(-quota // len(members))
        drawn.append(np.concatenate([rng.permutation(members) for _ in range(rounds)])[:quota])
    return np.concatenate(drawn) if drawn else np.empty(0, np.int64)


def draw_natural(labels: Labels, count: int, rng: np.random.Generator) -> Indices:
    """Return `count` indices, classes as they come, none a second time before all are used up."""
    rounds = -(-count // max(1, len(labels)))
    return np.concatenate([np.empty(0, np.int64), *(rng.permutation(len(labels)) for _ in range(rounds))])[:count]


@dataclass(frozen=True)
class Balance:
    """What is done about classes that are rarer than others: how pictures are drawn, and whether losses make up."""

    draw: Callable[[Indices, int, np.random.Generator], Indices]
    weighted_loss: bool = False


BALANCES: dict[str, Balance] = {
    "loss": Balance(draw_natural, weighted_loss=True),
    "natural": Balance(draw_natural),
    "sampling": Balance(draw_balanced),
}
"""Name to balance."""


def epoch_length(synthetic: int, real: int, real_share: float) -> tuple[int, int]:
    """Return how many synthetic and real pictures an epoch draws.

    All of the only source; or every synthetic picture once, and real ones until they are `real_share` of the whole.
    """
    if not synthetic or not real:
        return synthetic, real
    return synthetic, round(synthetic * real_share / (1 - real_share))


def plan_batches(
    shapes: Sequence[Shape], *, batch_size: int, rng: np.random.Generator, together: int = 1
) -> list[Indices]:
    """Group pictures, given by their shape, into batches of like shape, in random order; each picture is in one.

    Batches that are worked on `together` follow each other and are alike too, so that none waits for another.
    """
    order = rng.permutation(len(shapes))
    groups: list[list[Indices]] = []
    for start in range(0, len(order), POOL_BATCHES * batch_size):
        pool = sorted(order[start : start + POOL_BATCHES * batch_size], key=lambda index: shapes[index])
        batches = list(_chunk(pool, shapes, batch_size))
        groups += [batches[first : first + together] for first in range(0, len(batches), together)]
    return [batch for index in rng.permutation(len(groups)) for batch in groups[index]]


def _chunk(indices: Sequence[int], shapes: Sequence[Shape], batch_size: int) -> Iterator[Indices]:
    batch: list[int] = []
    height = width = area = 0
    for index in indices:
        own = shapes[index]
        taller, wider, larger = max(height, own[0]), max(width, own[1]), area + own[0] * own[1]
        wasteful = taller * wider * (len(batch) + 1) > MAX_PADDING * larger
        if batch and (len(batch) == batch_size or wasteful):
            yield np.array(batch)
            batch, (taller, wider), larger = [], own, own[0] * own[1]
        batch.append(index)
        height, width, area = taller, wider, larger
    if batch:
        yield np.array(batch)


@dataclass(frozen=True)
class Mixture:
    """The sources of a training, each of which may be empty, and how much of them an epoch draws.

    `most_synthetic` bounds the synthetic pictures of an epoch; others are drawn in the next. `unlabelled` are real
    pictures too, `unlabelled_share` of the whole, drawn as they come: nobody knows their classes.
    """

    synthetic: TrainingSet
    real: TrainingSet
    real_share: float
    most_synthetic: int | None = None
    balance: Balance = BALANCES["sampling"]
    unlabelled: TrainingSet = NOTHING
    unlabelled_share: float = 0.0

    @property
    def lengths(self) -> tuple[int, int]:
        """Return how many labelled pictures an epoch draws, synthetic and real."""
        synthetic = min(len(self.synthetic), self.most_synthetic or len(self.synthetic))
        return epoch_length(synthetic, len(self.real), self.real_share)

    @property
    def unlabelled_length(self) -> int:
        """Return how many unlabelled pictures an epoch draws."""
        share = self.unlabelled_share if len(self.unlabelled) else 0.0
        return round(sum(self.lengths) * share / (1 - share))

    @property
    def locates(self) -> bool:
        """Tell whether pictures say where their widgets are."""
        return any(bool((source.boxes[:, 2] > 0).any()) for source in (self.synthetic, self.real))

    def __len__(self) -> int:
        """Return about how many pictures an epoch has."""
        return sum(self.lengths) + self.unlabelled_length

    def class_weights(self, classes: int) -> Floats | None:
        """Return the loss's weight of each class, (classes,), None where it has none.

        All classes that are there come to the same sum over an epoch, and the mean over its pictures is 1.
        """
        if not self.balance.weighted_loss:
            return None
        counts = np.zeros(classes)
        for source, length in zip((self.synthetic, self.real), self.lengths, strict=True):
            counts += length * np.bincount(source.labels, minlength=classes) / max(1, len(source))
        present = counts > 0
        weights = np.zeros(classes, np.float32)
        weights[present] = counts.sum() / present.sum() / counts[present]
        return weights

    def epoch(
        self, geometry: Geometry, *, batch_size: int, rng: np.random.Generator, together: int = 1
    ) -> Iterator[Batch]:
        """Yield the batches of one epoch, long pictures cut to windows, each at a random place of its canvas."""
        synthetic, real_count = self.lengths
        drawn = [(self.synthetic, index) for index in self.balance.draw(self.synthetic.labels, synthetic, rng)]
        drawn += [(self.real, index) for index in self.balance.draw(self.real.labels, real_count, rng)]
        guessed = draw_natural(self.unlabelled.labels, self.unlabelled_length, rng)
        drawn += [(self.unlabelled, index) for index in guessed]
        seeds = rng.spawn(1)[0].integers(2**62, size=len(drawn))  # a stream of its own
        samples = [cut_window(source.sample(index), rng) for source, index in drawn]
        labels = np.array([source.labels[index] for source, index in drawn], np.int64)
        real = np.array([source is not self.synthetic for source, _ in drawn])
        kinds = np.array([sample.kind for sample in samples], np.int64)
        shapes = [geometry.bucket((sample.pixels.shape[0], sample.pixels.shape[1])) for sample in samples]
        for batch in plan_batches(shapes, batch_size=batch_size, rng=rng, together=together):
            canvas = (max(shapes[index][0] for index in batch), max(shapes[index][1] for index in batch))
            placed = [_place(samples[index], canvas, rng) for index in batch]
            pictures, boxes = np.stack([sample.pixels for sample in placed]), np.stack([s.box for s in placed])
            yield Batch(pictures, labels[batch], real[batch], kinds[batch], boxes, seeds[batch])


def _place(sample: Sample, canvas: Shape, rng: np.random.Generator) -> Sample:
    height, width = sample.pixels.shape[:2]
    top, left = int(rng.integers(canvas[0] - height + 1)), int(rng.integers(canvas[1] - width + 1))
    return Sample(pad(sample.pixels, canvas, offset=(top, left)), sample.kind, sample.moved(left, top))
