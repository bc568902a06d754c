import json
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from base.errors import InputError, ModelError
from model.learning.training_settings import TrainSettings
from model.networks.backbone_catalogue import BACKBONES
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.locating import LocatingBackbone
from model.networks.model_folders import MODEL_FILE
from model.networks.network import Backbone, MaxMeanPool
from model.networks.pruning import MULTIPLE, prune
from model.networks.trained_model import Model, load_model
from model.networks.widths import layer_widths
from model.reading.crop_fitting import Geometry
from model.training.plan import TrainingSources, plan_training
from tests.crops import write_crops


def untrained(backbone: str) -> Model:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = build_backbone(backbone, 3).eval()
    return Model(network, ("checked", "other", "unchecked"), Geometry(), backbone)


def _depthwise(classes: int) -> Backbone:
    layers = [nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32), nn.Conv2d(32, 32, 3, groups=32), nn.Conv2d(32, 64, 1)]
    return Backbone(nn.Sequential(*layers, MaxMeanPool()), width=128, classes=classes)


class _Scaled(nn.Module):
    """Has a weight for each channel that is in no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(32, 1, 1))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps * self.scale


def _scaled(classes: int) -> Backbone:
    return Backbone(nn.Sequential(nn.Conv2d(3, 32, 3), _Scaled(), MaxMeanPool()), width=64, classes=classes)


@pytest.fixture(autouse=True)
def more_backbones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES.built_in, "depthwise", _depthwise)
    monkeypatch.setitem(BACKBONES.built_in, "scaled", _scaled)


@pytest.mark.parametrize("backbone", ["tiny", "depthwise"])
def test_a_pruned_model_is_saved_and_loaded_like_any_other(tmp_path: Path, backbone: str) -> None:
    model = untrained(backbone)
    pruned = prune(model, 0.5)
    save_model(pruned, tmp_path, training={})
    loaded = load_model(tmp_path)
    pictures = torch.rand(2, 3, 48, 64)
    assert torch.equal(loaded.network(pictures), pruned.network(pictures))
    assert loaded.widths == pruned.widths
    count, before = (sum(each.numel() for each in one.network.parameters()) for one in (loaded, model))
    assert count < before / 2
    assert layer_widths(model.network) == layer_widths(untrained(backbone).network)


def test_what_is_left_is_a_multiple_and_heads_keep_their_outputs() -> None:
    network = prune(untrained("small"), 0.4).network
    assert isinstance(network, LocatingBackbone)
    outputs = {width[1] for name, width in layer_widths(network).items() if name.startswith("body.")}
    assert outputs == {8, 16, 32, 72}
    assert all(width % MULTIPLE == 0 for width in outputs)
    assert [head.out_features for head in (network.head, network.kind, network.box)] == [3, 5, 4]
    assert network.sight(torch.rand(1, 3, 48, 64)).place.shape == (1, 3, 4)


def test_the_channels_with_the_smallest_weights_go() -> None:
    model = untrained("tiny")
    first = model.network.body[0]
    kept = [0, 2, 3, 5, 7, 8, 10, 11]
    with torch.no_grad():
        first.weight *= 0.01
        first.weight[kept] *= 1000
    pruned = prune(model, 0.1)
    assert torch.equal(pruned.network.body[0].weight, first.weight[kept])


def test_a_pruned_model_can_be_pruned_again(tmp_path: Path) -> None:
    once = prune(untrained("small"), 0.3)
    twice = prune(once, 0.5)
    save_model(twice, tmp_path, training={})
    assert layer_widths(load_model(tmp_path).network) == layer_widths(twice.network)
    assert layer_widths(twice.network)["head"][0] < layer_widths(once.network)["head"][0]


def test_a_network_without_channels_is_refused() -> None:
    with pytest.raises(InputError, match="no layer of majority gets narrower"):
        prune(untrained("majority"), 0.5)


def test_a_network_whose_layers_cannot_be_narrowed_is_refused() -> None:
    with pytest.raises(InputError, match="scaled cannot be pruned: Unwrapped parameters"):
        prune(untrained("scaled"), 0.5)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_pruning", None)
    with pytest.raises(ModelError, match=r"boxwright\[compress\]"):
        prune(untrained("tiny"), 0.5)


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ({"body.0": [3, 0]}, "greater than 0"),
        ({"body.99": [8, 8]}, "no convolution, normalisation or linear layer body.99"),
        ({"body.0": [3, 4]}, "does not fit backbone tiny"),
    ],
)
def test_widths_that_do_not_fit_are_an_error(tmp_path: Path, widths: dict[str, list[int]], message: str) -> None:
    save_model(untrained("tiny"), tmp_path, training={})
    card = json.loads((tmp_path / MODEL_FILE).read_text())
    (tmp_path / MODEL_FILE).write_text(json.dumps(card | {"widths": widths}))
    with pytest.raises(ModelError, match=message):
        _ = load_model(tmp_path).network


def test_a_training_begins_with_what_pruning_leaves(tmp_path: Path) -> None:
    crops = write_crops(tmp_path / "crops", 1)
    (tmp_path / "run").mkdir()
    saved = save_model(untrained("tiny"), tmp_path / "run", training={})
    settings = TrainSettings(init=tmp_path / "run", prune=0.5, val_share=0)
    start = plan_training(TrainingSources(crops, None, None), settings).start
    pruned = prune(saved, 0.5)
    assert start.widths == pruned.widths
    torch.testing.assert_close(start.network.state_dict(), pruned.network.state_dict(), rtol=0, atol=0)


def test_pruning_needs_a_trained_network() -> None:
    with pytest.raises(ValueError, match="set init, too"):
        TrainSettings(prune=0.5)
