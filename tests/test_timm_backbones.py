import importlib
import sys
from pathlib import Path

import pytest
import torch

from base.errors import InputError, MissingError, ModelError
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.torchvision_shim import import_torchvision
from model.networks.trained_model import Model, load_model
from model.reading.crop_fitting import Geometry
from model.running.batch_norm import fold_batch_norm
from tests.test_published_weights import cache

__all__ = ["cache"]

PICTURES = torch.rand(2, 3, 48, 128)


@pytest.fixture(autouse=True)
def timm_installed() -> None:
    import_torchvision()  # timm would trip over operators that are missing
    pytest.importorskip("timm")


@pytest.mark.parametrize("name", ["timm:resnet10t", "timm:vit_tiny_patch16_224"])
def test_a_network_of_timm_learns_is_saved_and_loaded(name: str, tmp_path: Path) -> None:
    network = build_backbone(name, 3)
    network(PICTURES).square().sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    save_model(Model(network.eval(), ("a", "b", "c"), Geometry(), name), tmp_path, training={})
    loaded = load_model(tmp_path)
    assert loaded.backbone == name
    with torch.inference_mode():
        expected = network(PICTURES)
        torch.testing.assert_close(loaded.network(PICTURES), expected)
        torch.testing.assert_close(fold_batch_norm(loaded.network)(PICTURES), expected, atol=1e-4, rtol=1e-4)


def test_normalization_is_that_of_the_published_weights() -> None:
    assert build_backbone("timm:vit_tiny_patch16_224", 2).normalization.mean.flatten().tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet18x", "unknown timm network 'resnet18x'; did you mean resnet18"),
        ("resnet18.nobody", r"unknown timm network 'resnet18.nobody'; .*closest of \d+: .*resnet18\."),
        ("mixer_s16_224", "timm:mixer_s16_224 does not take a picture of 80 x 48 px"),
        ("levit_128s", "timm:levit_128s does not take a picture of 80 x 48 px"),
    ],
)
def test_a_network_that_cannot_be_used_says_why(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_backbone(f"timm:{name}", 2)


def test_without_timm_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ModelError, match=r"timm is not installed; pip install 'boxwright\[timm\]'"):
        build_backbone("timm:resnet18", 2)


def test_published_weights_come_from_torch_s_cache(cache: Path) -> None:
    published = importlib.import_module("timm").create_model("resnet10t")
    with pytest.raises(MissingError, match=r"get https://huggingface.co/timm/resnet10t\.\S+ elsewhere and put it at"):
        build_backbone("timm:resnet10t", 2, weights="imagenet")
    file = cache / "timm--resnet10t.c3_in1k--model.safetensors"
    importlib.import_module("safetensors.torch").save_file(published.state_dict(), file)
    network = build_backbone("timm:resnet10t", 2, weights="imagenet")
    assert torch.equal(network.body.state_dict()["layer4.0.conv1.weight"], published.layer4[0].conv1.weight)


def test_a_network_without_published_weights_says_so() -> None:
    with pytest.raises(InputError, match=r"timm has no weights for efficientnet_b6; .*list_pretrained"):
        build_backbone("timm:efficientnet_b6", 2, weights="imagenet")
