import numpy as np
import torch

from model.backbones import build_backbone
from model.geometry import Geometry
from model.normalization import measure_statistics
from model.training_set import TrainingSet


def pictures(shade: int, count: int = 4) -> TrainingSet:
    pixels = [np.full((48, 64 + 16 * (number % 2), 3), shade, np.uint8) for number in range(count)]
    return TrainingSet(pixels, np.zeros(count, np.int64), [], "")


def statistics(shade: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    network = build_backbone("tiny", 2).eval()
    measure_statistics(network, pictures(shade), Geometry())
    assert not network.training
    return {name: value for name, value in network.named_buffers() if name.endswith("running_mean")}


def test_statistics_are_those_of_the_pictures_and_of_nothing_before_them() -> None:
    dark, light, again = statistics(0), statistics(255), statistics(0)
    first = next(iter(dark))
    assert not torch.allclose(dark[first], light[first])
    assert all(torch.equal(dark[name], again[name]) for name in dark)


def test_weights_stay_as_they_are() -> None:
    network = build_backbone("tiny", 2)
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    measure_statistics(network, pictures(90), Geometry())
    assert all(torch.equal(weight, before[name]) for name, weight in network.named_parameters())
