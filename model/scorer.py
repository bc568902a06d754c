"""A network at work: its batch normalisation folded, small batches, each picture on a canvas of its own."""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model.backbones import Backbone, channels_last
from model.folding import fold_batch_norm
from model.geometry import Geometry, Pixels, Shape, centred, pad
from model.locating import KINDS, LocatingBackbone, decode_boxes

Floats = npt.NDArray[np.float32]

BATCH = 8
"""Small batches stay in the processor's cache: 64 at a time are slower."""


@dataclass(frozen=True)
class Scores:
    """What a network makes of N pictures.

    Attributes:
        probabilities: (N, classes).
        features: (N, F), penultimate.
        kinds: (N, kinds), probabilities of the widget's kind in the order of `model.locating.KINDS`; None where the
            network has no such head.
        boxes: (N, 4), where the widget is in the fitted picture: left, top, width, height; None likewise.
    """

    probabilities: Floats
    features: Floats
    kinds: Floats | None = None
    boxes: Floats | None = None


Scorer = Callable[[Sequence[Pixels]], Scores]


class _Whole(nn.Module):
    """Gives all that a network sees in one pass."""

    def __init__(self, network: Backbone) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        if isinstance(self.network, LocatingBackbone):
            return tuple(self.network.sight(pictures))
        features = self.network.features(pictures)
        return self.network.head(features), features


def scorer(network: Backbone, geometry: Geometry, *, temperature: float = 1.0) -> Scorer:
    """Return a function from pictures at their fitted size to their scores, in order.

    The network is copied as it is now, its batch normalisation folded into its convolutions. Each picture is
    padded to its own bucket, so that its result does not depend on its company. Logits are divided by `temperature`.
    """
    locating = isinstance(network, LocatingBackbone)
    with torch.no_grad():
        folded = channels_last(fold_batch_norm(_Whole(network)))

    def score(pixels: Sequence[Pixels]) -> Scores:
        count = len(pixels)
        probabilities = np.empty((count, network.head.out_features), np.float32)
        features = np.empty((count, network.head.in_features), np.float32)
        kinds, boxes = np.empty((count, len(KINDS)), np.float32), np.empty((count, 4), np.float32)
        for indices, shape in _by_bucket(pixels, geometry):
            batch = np.stack([pad(pixels[index], shape) for index in indices])
            with torch.inference_mode():
                logits, penultimate, *hints = folded(to_floats(batch))
                probabilities[indices] = (logits / temperature).softmax(1).numpy()
                features[indices] = penultimate.numpy()
                if hints:
                    kinds[indices] = hints[0].softmax(1).numpy()
                    shifts = np.array([_shift(pixels[index], shape) for index in indices], np.float32)
                    boxes[indices] = decode_boxes(hints[1], hints[2], shape).numpy() - shifts
        return Scores(probabilities, features, kinds, boxes) if locating else Scores(probabilities, features)

    return score


def _shift(picture: Pixels, canvas: Shape) -> tuple[float, float, float, float]:
    """Return how far `pad` moves a picture, and with it a box."""
    top, left = centred((picture.shape[0], picture.shape[1]), canvas)
    return left, top, 0, 0


def _by_bucket(pixels: Sequence[Pixels], geometry: Geometry) -> Iterator[tuple[list[int], Shape]]:
    buckets: defaultdict[Shape, list[int]] = defaultdict(list)
    for index, picture in enumerate(pixels):
        buckets[geometry.bucket((picture.shape[0], picture.shape[1]))].append(index)
    for shape, indices in sorted(buckets.items()):
        for start in range(0, len(indices), BATCH):
            yield indices[start : start + BATCH], shape


def to_floats(pictures: Pixels) -> Tensor:
    """Return uint8 pictures (N, H, W, 3) as floats (N, 3, H, W) in 0..1, laid out channels last."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)


@contextlib.contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use `count` threads, and put the number back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
