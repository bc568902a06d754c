import subprocess
import sys

import pytest
import torch

from generator.errors import InputError
from model.backbones import BACKBONES, MaxMeanPool, build_backbone
from model.torchvision_shim import import_torchvision, state

SHAPES = [(48, 48), (48, 320), (176, 80)]


@pytest.mark.parametrize("name", BACKBONES)
@pytest.mark.parametrize("classes", [2, 5])
def test_every_backbone_takes_crops_of_any_shape_and_gives_logits_and_features(name: str, classes: int) -> None:
    network = build_backbone(name, classes).eval()
    with torch.inference_mode():
        for height, width in SHAPES:
            pictures = torch.rand(2, 3, height, width)
            features = network.features(pictures)
            logits = network(pictures)
            assert logits.shape == (2, classes)
            assert features.shape == (2, network.head.in_features)
            torch.testing.assert_close(network.head(features), logits)


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_learns_from_each_of_its_weights(name: str) -> None:
    network = build_backbone(name, 3)
    network(torch.rand(4, 3, 48, 64)).square().sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


def test_our_own_backbones_are_small() -> None:
    sizes = {name: sum(weight.numel() for weight in build_backbone(name, 3).parameters()) for name in ("small", "tiny")}
    assert sizes["tiny"] < 150_000 < sizes["small"] < 1_000_000


def test_an_unknown_backbone_is_an_error_that_names_the_choices() -> None:
    with pytest.raises(InputError, match=r"unknown backbone 'resnet19'; did you mean resnet18.*available: .*small"):
        build_backbone("resnet19", 3)


def test_pooling_keeps_the_strongest_cell_and_the_mean() -> None:
    maps = torch.tensor([[[[0.0, 4.0], [0.0, 0.0]]]])
    assert MaxMeanPool()(maps).tolist() == [[4.0, 1.0]]


def test_torchvision_s_models_and_transforms_work_here() -> None:
    torchvision = import_torchvision()
    assert torchvision.models.resnet18(weights=None)(torch.zeros(2, 3, 32, 32)).shape == (2, 1000)
    assert state() in ("compiled operators loaded", "compiled operators missing; models and transforms work")


def test_our_own_backbones_do_not_load_torchvision() -> None:
    code = "import sys; from model.backbones import build_backbone; build_backbone('small', 3)"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'torchvision' not in sys.modules"], check=True, timeout=60)
