"""Networks that torch runs."""

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from base.arrays import Floats, Pixels
from model.networks.backbones import Backbone
from model.reading.crop_fitting import Geometry
from model.running.graph import as_graph, output_widths
from model.running.scorer import Scorer, Scores, score_in_batches


def scorer(network: Backbone, geometry: Geometry, *, temperature: float = 1.0, threads: int | None = None) -> Scorer:
    """Return a function from pictures at their fitted size to their scores, in order, that torch computes.

    The network is copied as it is now, its batch normalisation folded into its convolutions. Logits are divided by
    `temperature`. `threads` score side by side, as many as there are cores when None.
    """
    graph = as_graph(network, temperature=temperature)

    def run(batch: Pixels) -> Sequence[Floats]:
        torch.set_num_threads(1)  # which each thread keeps for itself
        with torch.inference_mode():
            return [output.numpy() for output in graph(torch.from_numpy(batch))]

    in_batches = score_in_batches(run, output_widths(network), geometry, threads=threads)

    def score(pictures: Sequence[Pixels]) -> Scores:
        with torch_threads(1):
            return in_batches(pictures)

    return score


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
