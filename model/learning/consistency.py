"""Learning from real pictures that have no labels: which there are, and what the averaged network takes them for.

FixMatch (Sohn et al. 2020, arXiv:2001.07685) with a mean teacher (Tarvainen and Valpola 2017, arXiv:1703.01780): where
the averaged network is sure of a picture's class, the network must see the same class in the picture strongly changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from base.errors import InputError
from model.labelled_folders.contradictions import hash_examples
from model.labelled_folders.folders import Example
from model.networks.backbones import Backbone
from model.reading.images import find_images


@dataclass(frozen=True)
class Guesses:
    """Classes that a network takes N pictures for, (N,), and whether it is sure, (N,)."""

    labels: Tensor
    sure: Tensor


@torch.no_grad()
def guess(network: Backbone, pictures: Tensor, *, confidence: float) -> Guesses:
    """Return the likeliest class of each picture; sure are those of at least that probability.

    Nothing is done to make classes as frequent as each other, since nobody knows how frequent they are.

    Args:
        network: in eval mode.
        pictures: float (N, 3, H, W) in 0..1; N may be 0.
        confidence: 0 is always sure.
    """
    if len(pictures) == 0:
        empty = torch.empty(0, dtype=torch.long, device=pictures.device)
        return Guesses(empty, empty.bool())
    probabilities, labels = network(pictures).float().softmax(1).max(1)
    return Guesses(labels, probabilities >= confidence)


def find_unlabelled(sources: Sequence[Path], *, labelled: Collection[Example]) -> list[Example]:
    """Return the pictures that files, folders (recursive) and patterns name, sorted, without labels.

    Copies of labelled pictures are left out: those that are validated on must stay unseen.

    Raises:
        MissingError: a path does not exist, or a pattern matches nothing.
        InputError: a folder holds no picture, or none but copies.
    """
    if not sources:
        return []
    known = {example.content for example in hash_examples(list(labelled))} - {""}
    found = hash_examples([Example(path, "", str(path)) for path in find_images(sources)])
    left = [example for example in found if example.content not in known]
    if not left:
        raise InputError(f"all unlabelled pictures, {len(found)}, are copies of labelled ones; add others or none")
    return left
