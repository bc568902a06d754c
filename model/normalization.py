"""Batch normalisation for one kind of picture, after training on two.

Synthetic and real pictures differ in their statistics, and a running mean over batches of both fits neither. Measuring
it anew on the kind that the network is for needs no labels: Li et al. 2016, arXiv:1603.04779.
"""

from collections.abc import Iterator

import numpy as np
from torch import Tensor
from torch.optim.swa_utils import update_bn

from model.backbones import Backbone
from model.geometry import Geometry, pad
from model.predict import to_floats
from model.training_set import TrainingSet, plan_batches

BATCH = 64


def measure_statistics(network: Backbone, pictures: TrainingSet, geometry: Geometry) -> None:
    """Replace the means and variances of all batch normalisation by those over `pictures`, in place."""
    update_bn(_batches(pictures, geometry), network)


def _batches(pictures: TrainingSet, geometry: Geometry) -> Iterator[Tensor]:
    shapes = [geometry.bucket((picture.shape[0], picture.shape[1])) for picture in pictures.pixels]
    for indices in plan_batches(shapes, batch_size=BATCH, rng=np.random.default_rng(0)):
        canvas = (max(shapes[index][0] for index in indices), max(shapes[index][1] for index in indices))
        yield to_floats(np.stack([pad(pictures.pixels[index], canvas) for index in indices]))
