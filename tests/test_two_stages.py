from pathlib import Path

import pytest
import torch

from base.errors import InputError
from model.adapting.heads import warm_head
from model.networks.backbones import build_backbone
from model.networks.trained_model import load_model
from model.networks.two_stages import TwoStageHead, set_two_stages
from model.running.predict import predict_files
from model.running.runtime_names import AUTO
from model.training.train import TrainSettings, train
from tests.crops import write_crops

STAGED = TrainSettings(backbone="tiny", epochs=1, device="cpu", two_stage=True)


def test_a_class_has_the_product_of_both_stages_probabilities() -> None:
    head = TwoStageHead(3, 3, background=1)
    with torch.no_grad():
        head.weight.copy_(torch.eye(3))
        head.bias.zero_()
    found = head(torch.tensor([[0.2, -0.7, 1.1]])).softmax(1)[0]
    widget = torch.tensor(0.7).sigmoid()
    states = torch.tensor([0.2, 1.1]).softmax(0) * widget
    torch.testing.assert_close(found, torch.stack([states[0], 1 - widget, states[1]]))


def test_the_state_of_what_is_no_widget_moves_nothing() -> None:
    head = TwoStageHead(4, 3, background=0)
    loss = torch.nn.functional.cross_entropy(head(torch.randn(2, 4)), torch.tensor([0, 0]))
    loss.backward()
    assert head.weight.grad is not None
    assert head.weight.grad[0].abs().sum() > 0
    assert head.weight.grad[1:].abs().max() < 1e-6


def test_a_run_of_two_stages_is_loaded_exported_and_continued_as_such(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 4)
    trained = train(None, folder, out=tmp_path / "run", settings=STAGED).model
    again = load_model(tmp_path / "run")
    assert (again.background, type(again.network.head)) == ("other", TwoStageHead)
    paths = sorted(folder.rglob("*.png"))
    by_torch, by_graph = (predict_files(again, paths, runtime=name) for name in ("torch", AUTO))
    for one, two in zip(by_torch, by_graph, strict=True):
        assert one.probabilities == pytest.approx(two.probabilities, abs=1e-4)
        assert sum(one.probabilities or ()) == pytest.approx(1, abs=1e-5)
    settings = TrainSettings(epochs=1, device="cpu", init=tmp_path / "run")
    assert train(None, folder, out=tmp_path / "more", settings=settings).model.background == trained.background
    with pytest.raises(InputError, match=r"two_stage: .* was trained with True"):
        train(None, folder, out=tmp_path / "flat", settings=TrainSettings(init=tmp_path / "run", two_stage=False))


def test_the_background_must_be_one_of_three_classes_or_more(tmp_path: Path) -> None:
    network = build_backbone("tiny", 3)
    with pytest.raises(InputError, match="unknown background class of two stages 'other'; available: a, b, c"):
        set_two_stages(network, ("a", "b", "c"), "other")
    with pytest.raises(InputError, match="two stages need two classes beside b"):
        set_two_stages(network, ("a", "b"), "b")


def test_what_fits_the_last_layer_again_refuses_two_stages(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 2)
    model = train(None, folder, out=tmp_path / "run", settings=STAGED).model
    with pytest.raises(InputError, match="without --two-stage"):
        warm_head(model, torch.ones(3, 4).numpy())
