from pathlib import Path

import pytest
import torch

from base.errors import InputError
from base.settings import load_settings
from model.learning.learner import set_training
from model.networks.backbones import build_backbone
from model.training.train import TrainResult, TrainSettings, train
from tests.crops import write_crops


def test_a_frozen_trunk_gets_no_gradient_and_keeps_its_statistics() -> None:
    network = build_backbone("tiny", 3)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    set_training(network, frozen=True)
    torch.stack([output.sum() for output in network.sight(torch.rand(2, 3, 48, 48))]).sum().backward()
    learning = {name.partition(".")[0] for name, weight in network.named_parameters() if weight.grad is not None}
    assert learning == {"head", "place", "kind", "box"}
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_a_thawed_trunk_learns_again() -> None:
    network = build_backbone("tiny", 3)
    set_training(network, frozen=True)
    set_training(network, frozen=False)
    torch.stack([output.sum() for output in network.sight(torch.rand(2, 3, 48, 48))]).sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())
    assert network.body.training


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 4)


def run(crops: Path, out: Path, **changes: object) -> TrainResult:
    settings = {"epochs": 2, "batch_size": 4, "threads": 2, "val_share": 0, "ema": 0} | changes
    return train(crops, None, out=out, settings=TrainSettings.model_validate(settings))


def test_the_trunk_is_left_alone_for_as_many_epochs_as_told(tmp_path: Path, crops: Path) -> None:
    first = run(crops, tmp_path / "first", backbone="tiny").model.network
    both = run(crops, tmp_path / "both", init=tmp_path / "first", freeze_epochs=2).model.network
    one = run(crops, tmp_path / "one", init=tmp_path / "first", freeze_epochs=1).model.network
    name = "body.0.weight"
    assert all(torch.equal(new, old) for new, old in zip(both.body.buffers(), first.body.buffers(), strict=True))
    assert torch.equal(both.state_dict()[name], first.state_dict()[name])
    assert not torch.equal(both.head.weight, first.head.weight)
    assert not torch.equal(one.state_dict()[name], first.state_dict()[name])


def test_a_small_rate_keeps_the_trunk_close_to_where_it_began(tmp_path: Path, crops: Path) -> None:
    first = run(crops, tmp_path / "first", backbone="tiny").model.network
    slow = run(crops, tmp_path / "slow", init=tmp_path / "first", trunk_rate=1e-6).model.network
    torch.testing.assert_close(
        slow.body.state_dict()["0.weight"], first.body.state_dict()["0.weight"], atol=1e-6, rtol=0
    )
    assert (slow.head.weight - first.head.weight).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"freeze_epochs": 1}, "would keep a trunk of random weights; set weights or init"),
        ({"init": "runs/first", "weights": "imagenet"}, "leave one out"),
        ({"weights": "cifar"}, "weights: Input should be 'none' or 'imagenet'"),
        ({"trunk_rate": 0}, "trunk_rate: Input should be greater than 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, flags: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_settings(TrainSettings, "train", flags, file=tmp_path / "none.toml")
