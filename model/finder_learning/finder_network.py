"""The network that finds widgets: fully convolutional, an answer for each cell of 8 px."""

import torch
from torch import Tensor, nn

from model.finding.cells import KIND_COUNT

ANSWER_CHANNELS = 1 + 4 + KIND_COUNT + 2
"""Channels of the answer: that a widget's centre is here, its box, its kind, that it can be used, and that there is a
widget too small to be found at this size."""


class _Separable(nn.Module):
    """A depthwise 5x5 and a pointwise convolution beside a shortcut; at first it passes its input on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        last = nn.BatchNorm2d(channels)
        nn.init.zeros_(last.weight)
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, channels, 5, padding=2, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 1, bias=False),
            last,
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(maps + self.convolutions(maps))


def _halving(channels_in: int, channels_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, 2, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class FinderNetwork(nn.Module):
    """Takes pictures as float (N, 3, H, W) in 0..1, H and W multiples of 32; returns (N, answers, H / 8, W / 8).

    Maps of 16 and 32 px a cell see what stands around and are added to those of 8, as in a feature pyramid
    (arXiv 1612.03144); large widgets are found on the picture made smaller, so that one head does for all.
    """

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 96, 160), blocks: tuple[int, ...] = (3, 3, 3)) -> None:
        super().__init__()
        self.widths, self.blocks = tuple(widths), tuple(blocks)
        first, second, fine, middle, coarse = widths
        self.stem = nn.Sequential(_halving(3, first), _halving(first, second))
        self.fine = nn.Sequential(_halving(second, fine), *(_Separable(fine) for _ in range(blocks[0])))
        self.middle = nn.Sequential(_halving(fine, middle), *(_Separable(middle) for _ in range(blocks[1])))
        self.coarse = nn.Sequential(_halving(middle, coarse), *(_Separable(coarse) for _ in range(blocks[2])))
        self.to_middle = nn.Conv2d(coarse, middle, 1)
        self.joined_middle = _Separable(middle)
        self.to_fine = nn.Conv2d(middle, fine, 1)
        self.joined_fine = _Separable(fine)
        self.head = nn.Conv2d(fine, ANSWER_CHANNELS, 1)
        if self.head.bias is not None:
            nn.init.constant_(self.head.bias[:1], -4.0)  # most cells hold nothing
            nn.init.constant_(self.head.bias[-1:], -4.0)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the answers; see `model.finding.cells` for what they mean."""
        fine = self.fine(self.stem(pictures * 4 - 2))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.joined_middle(middle + _twice(self.to_middle(coarse)))
        fine = self.joined_fine(fine + _twice(self.to_fine(middle)))
        answers: Tensor = self.head(fine)
        return answers


def _twice(maps: Tensor) -> Tensor:
    return nn.functional.interpolate(maps, scale_factor=2.0, mode="nearest")
