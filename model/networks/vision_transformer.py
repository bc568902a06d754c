"""A vision transformer for pictures of any size: its position embeddings are stretched to the picture's grid."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class AnySizeTransformer(nn.Module):
    """torchvision's VisionTransformer without its head and its fixed size; features are the class token's, (N, D).

    The picture keeps its aspect. Its grid of patches may be 3 x 88 where the network learned 14 x 14 positions, which
    are resized as DeiT does for larger pictures (Touvron et al. 2021, section 3.3), here on each axis by itself.
    """

    def __init__(self, network: Any) -> None:  # noqa: ANN401  # known only once torchvision is imported
        super().__init__()
        self.class_token: nn.Parameter = network.class_token
        self.positions: nn.Parameter = network.encoder.pos_embedding
        self.patches: nn.Conv2d = network.conv_proj
        self.dropout: nn.Module = network.encoder.dropout
        self.layers: nn.Sequential = network.encoder.layers
        self.norm: nn.Module = network.encoder.ln
        self.side: int = network.image_size // network.patch_size

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the features of pictures (N, 3, H, W)."""
        maps = self.patches(pictures)
        patches = maps.flatten(2).transpose(1, 2)
        first = self.class_token.expand(maps.shape[0], -1, -1)
        tokens = torch.cat([first, patches], 1) + self._positions(maps)
        features: Tensor = self.norm(self.layers(self.dropout(tokens)))[:, 0]
        return features

    def _positions(self, maps: Tensor) -> Tensor:
        """Return an embedding for the class token and for each cell of maps (N, D, h, w), (1, 1 + hw, D)."""
        grid = self.positions[:, 1:].transpose(1, 2).reshape(1, -1, self.side, self.side)
        size = (maps.shape[2], maps.shape[3])
        resized = functional.interpolate(grid, size=size, mode="bicubic", align_corners=False)
        return torch.cat([self.positions[:, :1], resized.flatten(2).transpose(1, 2)], 1)
