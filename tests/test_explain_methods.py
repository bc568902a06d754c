"""Heat maps inside networks: that they point at what the network goes by, and which method fits which."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from base.errors import InputError
from model.classifying.classifier import Classifier, load_classifier
from model.explaining.heat_maps import METHODS, choose_method, draw_heat_map
from model.explaining.method_names import ATTENTION_ROLLOUT, EXPLAIN_METHODS, LAYER_CAM, OCCLUSION
from model.networks.backbones import build_backbone
from model.networks.network import Backbone, MaxMeanPool
from model.networks.torchvision_shim import import_torchvision
from model.networks.trained_model import Model
from model.networks.vision_transformer import AnySizeTransformer
from model.reading.crop_fitting import Geometry
from model.running.any_model import ExportedModel
from model.running.contract import describe_export
from model.running.graph import as_graph, output_widths

INSIDE = [name for name in METHODS if name not in (ATTENTION_ROLLOUT, OCCLUSION)]
RED, BLUE = (16, 10), (90, 30)
"""The middles of two spots, x and y."""


class Colours(nn.Module):
    """Maps of how red and how blue each place is, pooled."""

    def __init__(self) -> None:
        super().__init__()
        weights = torch.tensor([[1.0, -0.5, -0.5], [-0.5, -0.5, 1.0]]).view(2, 3, 1, 1)
        fine, coarse = nn.Conv2d(3, 2, 1, bias=False), nn.Conv2d(2, 2, 4, 4, bias=False)
        fine.weight = nn.Parameter(weights, requires_grad=False)
        coarse.weight = nn.Parameter(torch.eye(2).view(2, 2, 1, 1).expand(2, 2, 4, 4) / 16, requires_grad=False)
        self.layers = nn.Sequential(fine, nn.ReLU(), coarse, nn.ReLU(inplace=True), MaxMeanPool())

    def forward(self, pictures: Tensor) -> Tensor:
        pooled: Tensor = self.layers((pictures + 2) / 4)
        return pooled


def by_colour() -> Model:
    network = Backbone(Colours(), width=4, classes=3)
    network.head.weight = nn.Parameter(torch.tensor([[9.0, 0, 9, 0], [0, 0, 0, 0], [0, 9, 0, 9]]))
    return Model(network.eval(), ("red", "neither", "blue"), Geometry(), "small")


def two_spots(size: tuple[int, int] = (120, 48)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for (x, y), colour in ((RED, "red"), (BLUE, "blue")):
        pen.rectangle((x - 5, y - 5, x + 5, y + 5), fill=colour)
    return image


@pytest.mark.parametrize("method", [*INSIDE, OCCLUSION])
@pytest.mark.parametrize(("label", "spot"), [("red", RED), ("blue", BLUE)])
def test_a_map_points_at_what_the_class_goes_by(method: str, label: str, spot: tuple[int, int]) -> None:
    classify = Classifier(by_colour())
    fitted = classify.fit(two_spots())
    x, y = draw_heat_map(classify, fitted, label=label, method=method).peak(fitted)
    assert abs(x - spot[0]) <= 8
    assert abs(y - spot[1]) <= 8


def test_a_peak_is_in_pixels_of_the_file_and_not_of_the_network() -> None:
    classify = Classifier(by_colour())
    fitted = classify.fit(two_spots().resize((360, 144), Image.Resampling.NEAREST))
    assert fitted.pixels.shape[0] == 48
    x, y = draw_heat_map(classify, fitted, label="blue", method=LAYER_CAM).peak(fitted)
    assert abs(x - 3 * BLUE[0]) <= 24
    assert abs(y - 3 * BLUE[1]) <= 24


class Stare(nn.Module):
    """A layer of attention that looks at one of its tokens alone."""

    fused_attn = True

    def __init__(self, token: int) -> None:
        super().__init__()
        self.token, self.attn_drop = token, nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        count = tokens.shape[1]
        weights = torch.zeros(len(tokens), 2, count, count)
        weights[..., self.token] = 1
        if self.fused_attn:  # as a fused kernel does, it shows its weights to nobody
            return tokens
        return tokens + 0 * self.attn_drop(weights).sum()


class Staring(nn.Module):
    """A transformer of two layers, with a token for the class before those of the patches."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 16, 16)
        self.layers = nn.Sequential(Stare(10), Stare(10))

    def forward(self, pictures: Tensor) -> Tensor:
        tokens = self.patches(pictures).flatten(2).transpose(1, 2)
        first = torch.zeros(len(tokens), 1, 4)
        features: Tensor = self.layers(torch.cat([first, tokens], 1))[:, 0]
        return features


def test_rollout_points_at_the_patch_that_is_looked_at() -> None:
    network = Backbone(Staring(), width=4, classes=3).eval()
    classify = Classifier(Model(network, ("a", "b", "c"), Geometry(), "small"))
    fitted = classify.fit(Image.new("RGB", (96, 48), "white"))
    x, y = draw_heat_map(classify, fitted, method=ATTENTION_ROLLOUT).peak(fitted)
    assert (x // 16, y // 16) == (3, 1)  # token 10 is the tenth patch, of 6 in a row
    assert all(layer.fused_attn for layer in network.modules() if isinstance(layer, Stare))


def torchvision_transformer() -> Backbone:
    torchvision = import_torchvision()
    sizes = {"image_size": 64, "patch_size": 16, "num_layers": 2, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 16}
    return Backbone(AnySizeTransformer(torchvision.models.VisionTransformer(**sizes)), width=16, classes=3)


@pytest.mark.parametrize("build", [lambda: build_backbone("timm:test_vit", 3), torchvision_transformer])
def test_real_transformers_are_rolled_out_and_left_as_they_were(build: Callable[[], Backbone]) -> None:
    network = build()
    pictures = torch.rand(1, 3, 48, 112)
    with torch.no_grad():
        before = network.eval()(pictures)
    classify = Classifier(Model(network, ("a", "b", "c"), Geometry(), "small"))
    assert choose_method(classify) == ATTENTION_ROLLOUT
    heat = draw_heat_map(classify, classify.fit(two_spots()), method="auto").heat
    assert heat.shape == (48, 120)
    assert (heat.min(), heat.max()) == (0, 1)
    with torch.no_grad():
        assert torch.equal(network(pictures), before)
    with pytest.raises(InputError, match="a graph alone"):
        draw_heat_map(graph_alone(network), classify.fit(two_spots()), method=ATTENTION_ROLLOUT)


def graph_alone(network: Backbone) -> Classifier:
    model = Model(network, ("a", "b", "c"), Geometry(), "small")
    graph = as_graph(network)

    def run(batch: np.ndarray) -> list[np.ndarray]:  # type: ignore[type-arg]
        with torch.inference_mode():
            return [output.numpy() for output in graph(torch.from_numpy(batch))]

    return Classifier(
        ExportedModel(describe_export(model, output_widths(network), "onnx"), "onnx", run, Path("m.onnx"), b"")
    )


@pytest.mark.parametrize(
    ("name", "method"), [("small", LAYER_CAM), ("tiny", LAYER_CAM), ("majority", OCCLUSION), ("resnet18", LAYER_CAM)]
)
def test_auto_takes_what_fits_the_network(name: str, method: str) -> None:
    network = build_backbone(name, 3).eval()
    assert choose_method(Classifier(Model(network, ("a", "b", "c"), Geometry(), name))) == method


def test_a_graph_alone_has_occlusion_and_says_so() -> None:
    classify = graph_alone(build_backbone("tiny", 3).eval())
    fitted = classify.fit(two_spots())
    assert choose_method(classify) == OCCLUSION
    assert draw_heat_map(classify, fitted, method="auto").method == OCCLUSION
    for method in INSIDE:
        with pytest.raises(InputError, match=rf"{method} looks inside a network.*or occlusion"):
            draw_heat_map(classify, fitted, method=method)


def test_what_does_not_fit_a_network_is_refused() -> None:
    classify = Classifier(Model(build_backbone("tiny", 3).eval(), ("a", "b", "c"), Geometry(), "tiny"))
    fitted = classify.fit(two_spots())
    with pytest.raises(InputError, match="no attention from all parts"):
        draw_heat_map(classify, fitted, method=ATTENTION_ROLLOUT)
    with pytest.raises(InputError, match="unknown method 'gradcam'; did you mean grad-cam"):
        draw_heat_map(classify, fitted, method="gradcam")
    with pytest.raises(InputError, match="unknown class 'd'"):
        draw_heat_map(classify, fitted, label="d")


def test_the_names_are_those_of_the_methods() -> None:
    assert set(EXPLAIN_METHODS) == set(METHODS)


@pytest.mark.parametrize("left", [8, 70])
def test_the_model_in_the_box_looks_at_the_box(left: int) -> None:
    image = Image.new("RGB", (120, 48), "white")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((left, 12, left + 24, 36), 4, fill=(37, 99, 235))
    pen.line((left + 5, 24, left + 10, 30, left + 19, 18), fill="white", width=3)
    classify = load_classifier()
    fitted = classify.fit(image)
    found = draw_heat_map(classify, fitted, method="auto")
    assert (found.label, found.method) == ("checked", LAYER_CAM)
    x, y = found.peak(fitted)
    assert left <= x <= left + 24
    assert 12 <= y <= 36
