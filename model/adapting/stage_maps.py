"""What all but the last block of a network make of a picture and of changed versions of it, computed once."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from base.arrays import Pixels
from base.seeds import rng_for
from model.learning.augment import augment
from model.networks.backbones import Backbone
from model.networks.locating import LocatingBackbone
from model.networks.trained_model import Model
from model.reading.crop_fitting import pad
from model.running.batch_norm import fold_batch_norm
from model.running.torch_scorer import to_floats

VERSIONS = 8
"""Changed versions of each picture: a training shows them in turn, and begins again when all were shown."""


@dataclass(frozen=True)
class StageMaps:
    """Maps of a picture as it is, (C, h, w), and of its changed versions, (VERSIONS, C, h, w), float32."""

    plain: Tensor
    changed: Tensor

    @property
    def cells(self) -> tuple[int, int]:
        """Return height and width of the maps."""
        return self.plain.shape[1], self.plain.shape[2]


def has_last_block(network: Backbone) -> bool:
    """Tell whether the network is a row of layers, so that its last block can be told from those before it."""
    return isinstance(network, LocatingBackbone) and isinstance(network.body, nn.Sequential) and len(network.body) > 1


def compute_stage_maps(model: Model, pictures: Sequence[Pixels], items: Sequence[str]) -> list[StageMaps]:
    """Return what all layers before the last block make of fitted pictures.

    Each is computed apart and changed as its content decides, so that it has the same maps in whatever company.

    Args:
        model: one whose network `has_last_block`.
        pictures: each at its fitted size.
        items: the hashes of their contents.
    """
    network = copy.deepcopy(model.network)
    kept = fold_batch_norm(nn.Sequential(network.normalization, *_layers(network)[:-1]))
    found = []
    with torch.inference_mode(mode=False), torch.no_grad():
        for picture, item in zip(pictures, items, strict=True):
            canvas = pad(picture, model.geometry.bucket((picture.shape[0], picture.shape[1])))
            plain, versions = to_floats(canvas[None]), to_floats(np.repeat(canvas[None], VERSIONS, axis=0))
            generator = torch.Generator().manual_seed(rng_for(0, "stage maps", item).getrandbits(63))
            changed, _ = augment(versions.contiguous(), torch.zeros(VERSIONS, 4), generator)
            maps = kept(torch.cat([plain, changed]).contiguous(memory_format=torch.channels_last))
            found.append(StageMaps(maps[0], maps[1:]))
    return found


def last_block(network: Backbone) -> Backbone:
    """Return a copy of the network that takes the maps of `compute_stage_maps` for pictures."""
    ending = copy.deepcopy(network)
    ending.normalization = nn.Identity()
    ending.body = nn.Sequential(_layers(ending)[-1])
    return ending


def with_last_block(network: Backbone, ending: Backbone) -> Backbone:
    """Return a copy of the network whose last block, and all that follows it, is that of `ending`."""
    joined, other = copy.deepcopy(network), copy.deepcopy(ending)
    for name, part in other.named_children():
        if name not in ("normalization", "body"):
            setattr(joined, name, part)
    joined.body = nn.Sequential(*_layers(joined)[:-1], *_layers(other))
    return joined.eval()


def _layers(network: Backbone) -> list[nn.Module]:
    return list(network.body.children())
