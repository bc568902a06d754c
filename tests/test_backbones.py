import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from base.errors import InputError
from model.learning.batches import Batch
from model.learning.learner import Optimisation
from model.learning.training_settings import TrainSettings
from model.networks.backbone_catalogue import BACKBONES
from model.networks.backbones import build_backbone, channels_last
from model.networks.checkpoint import save_model
from model.networks.locating import LocatingBackbone
from model.networks.network import MaxMeanPool, Standardize
from model.networks.torchvision_shim import import_torchvision, state
from model.networks.trained_model import Model, load_model
from model.reading.crop_fitting import Geometry
from model.running.batch_norm import fold_batch_norm
from model.running.predict import predict_files
from model.running.runtime_names import AUTO
from tests.crops import draw_crop

SHAPES = [(32, 32), (48, 160), (80, 48)]
LARGE = 20_000_000
"""Weights of a network whose graph takes many seconds to make; torch runs it as well."""


@pytest.fixture(scope="module", params=BACKBONES)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A network after a training step, saved and loaded again; made once, because some are large."""
    folder = tmp_path_factory.mktemp("backbone")
    learner = Optimisation(build_backbone(request.param, 2), TrainSettings(backbone=request.param), total=2, threads=1)
    batch = Batch(
        np.full((2, 48, 64, 3), 200, np.uint8),
        np.array([0, 1]),
        real=np.array([True, False]),
        kinds=np.array([1, 0]),
        boxes=np.array([[8, 8, 16, 16], [0, 0, 0, 0]], np.float32),
        seeds=np.array([1, 2]),
    )
    (result,) = learner.learn([batch])
    assert (result.count, learner.seen) == (2, 2)
    save_model(Model(learner.averaged(), ("on", "off"), Geometry(), request.param), folder, training={})
    loaded = load_model(folder)
    shutil.rmtree(folder)
    return loaded


def test_every_backbone_classifies_a_crop_alike_alone_and_in_company(trained: Model, tmp_path: Path) -> None:
    sizes = [(60, 48), (60, 48), (150, 40)]
    paths = [tmp_path / f"{number}.png" for number in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        draw_crop("checked", 0).resize(size).save(path)
    runtime = "torch" if sum(weight.numel() for weight in trained.network.parameters()) > LARGE else AUTO
    predict = partial(predict_files, trained, threads=1, runtime=runtime)
    together = [prediction.probabilities for prediction in predict(paths, with_features=True)]
    (alone,) = predict(paths[:1])
    assert together[0] == together[1] == pytest.approx(alone.probabilities, abs=1e-4)
    assert sum(together[2] or ()) == pytest.approx(1)


def test_every_backbone_computes_the_same_when_folded(trained: Model) -> None:
    folded = channels_last(fold_batch_norm(trained.network))
    assert not any(type(module) is torch.nn.BatchNorm2d for module in folded.modules())
    with torch.inference_mode():
        for height, width in SHAPES:
            pictures = torch.rand(1, 3, height, width)
            logits = trained.network(pictures)
            assert logits.shape == (1, 2)
            torch.testing.assert_close(folded(pictures), logits, atol=1e-4, rtol=1e-4)


def test_every_backbone_learns_from_each_of_its_weights(trained: Model) -> None:
    network = trained.network.train()
    pictures = torch.rand(2, 3, 32, 48)
    seen = network.sight(pictures) if isinstance(network, LocatingBackbone) else [network(pictures)]
    torch.stack([output.square().sum() for output in seen]).sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


def test_our_own_backbones_are_small() -> None:
    sizes = {name: sum(weight.numel() for weight in build_backbone(name, 3).parameters()) for name in ("small", "tiny")}
    assert sizes["tiny"] < 150_000 < sizes["small"] < 1_000_000


def test_an_unknown_backbone_is_an_error_that_names_the_choices() -> None:
    with pytest.raises(InputError, match=r"unknown backbone 'resnet19'; did you mean resnet18.*available: .*timm:NAME"):
        build_backbone("resnet19", 3)


def test_every_backbone_is_in_the_table_of_the_docs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "backbones.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| [\d.]+ \|", page, flags=re.MULTILINE) == list(BACKBONES)


def test_pooling_keeps_the_strongest_cell_and_the_mean() -> None:
    maps = torch.tensor([[[[0.0, 4.0], [0.0, 0.0]]]])
    assert MaxMeanPool()(maps).tolist() == [[4.0, 1.0]]


def test_normalization_is_saved_with_the_weights() -> None:
    standardize = Standardize((0.5, 0.25, 0.0), (0.5, 0.25, 1.0))
    assert standardize(torch.ones(1, 3, 1, 1)).flatten().tolist() == [1, 3, 1]
    assert sorted(standardize.state_dict()) == ["mean", "std"]


def test_torchvision_s_models_and_transforms_work_here() -> None:
    torchvision = import_torchvision()
    assert torchvision.models.resnet18(weights=None)(torch.zeros(2, 3, 32, 32)).shape == (2, 1000)
    assert state() in ("compiled operators loaded", "compiled operators missing; models and transforms work")


def test_our_own_backbones_load_neither_torchvision_nor_timm() -> None:
    code = "import sys; from model.networks.backbones import build_backbone; build_backbone('small', 3)"
    check = "assert not {'torchvision', 'timm'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{code}; {check}"], check=True, timeout=60)
