from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from base.arrays import Pixels
from base.errors import InputError, ModelError
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.network import Backbone
from model.networks.trained_model import Calibration, Model
from model.reading.crop_fitting import Geometry
from model.running import onnx_graph, runtimes
from model.running.graph import as_graph, output_widths
from model.running.graph_cache import cached_graph
from model.running.onnx_graph import trace_onnx
from model.running.predict import predict_files
from model.running.runtimes import RUNTIMES, build_scorer
from model.running.scorer import Scores
from tests.crops import draw_crop


def model(backbone: str = "tiny", classes: int = 3, temperature: float = 1.0) -> Model:
    """A network of random weights whose batch statistics are not those it began with."""
    names = ("checked", "other", "unchecked")[:classes]
    with torch.random.fork_rng():
        torch.manual_seed(classes)
        network = build_backbone(backbone, classes)
        network.train()(torch.rand(8, 3, 48, 96))
    calibration = Calibration(temperature=temperature, n=9, nll_before=1, nll_after=1, data="")
    return Model(network.eval(), names, Geometry(), backbone, calibration=calibration, locates=backbone == "tiny")


class _Unexportable(torch.nn.Module):
    """What ONNX has no operator for where the size of pictures is free."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.adaptive_avg_pool2d(pictures, 8).flatten(1)


def crops() -> list[Pixels]:
    """Fitted crops, tiny, wide and tall ones among them."""
    images = [draw_crop("checked", seed) for seed in range(4)]
    sizes = [(30, 20), (2, 1), (900, 40), (60, 400), (1, 300)]
    return [Geometry().fit(image) for image in [*images, *(images[0].resize(size) for size in sizes)]]


def assert_close(ours: Scores, theirs: Scores) -> None:
    assert np.abs(ours.probabilities - theirs.probabilities).max() < 1e-5
    assert np.abs(ours.features - theirs.features).max() < 1e-3
    assert (ours.boxes is None, ours.kinds is None) == (theirs.boxes is None, theirs.kinds is None)
    if ours.boxes is not None and theirs.boxes is not None and ours.kinds is not None and theirs.kinds is not None:
        assert np.abs(ours.boxes - theirs.boxes).max() < 1e-2
        assert np.abs(ours.kinds - theirs.kinds).max() < 1e-5


@pytest.mark.parametrize("runtime", sorted(set(RUNTIMES) - {"torch"}))
@pytest.mark.parametrize(("backbone", "classes"), [("tiny", 3), ("tiny", 2), ("resnet18", 2), ("majority", 3)])
def test_runtimes_give_what_torch_gives(runtime: str, backbone: str, classes: int) -> None:
    given = model(backbone, classes, temperature=1.7)
    assert_close(build_scorer(given, "torch")(crops()), build_scorer(given, runtime)(crops()))


@pytest.mark.parametrize("runtime", sorted(RUNTIMES))
def test_the_number_of_threads_changes_nothing(runtime: str) -> None:
    results = [build_scorer(model(), runtime, threads=count)(crops() * 3).probabilities for count in (1, 3)]
    assert np.array_equal(*results)


@pytest.mark.parametrize("runtime", sorted(RUNTIMES))
def test_no_picture_gives_empty_tables(runtime: str) -> None:
    scores = build_scorer(model(), runtime)([])
    assert (scores.probabilities.shape, scores.features.shape[0]) == ((0, 3), 0)


def test_an_unknown_runtime_is_refused_with_the_choices() -> None:
    with pytest.raises(InputError, match="unknown runtime 'onx'; did you mean onnx"):
        build_scorer(model(), "onx")


def test_a_network_that_cannot_be_traced_runs_on_torch_unless_asked(tmp_path: Path) -> None:
    given = replace(model("tiny"), fingerprint="saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
        patch.setattr(onnx_graph, "trace_onnx", lambda graph, outputs: b"no graph")
        with pytest.raises(ModelError, match="cannot read the graph"):
            build_scorer(given, "onnx")
        assert_close(build_scorer(given)(crops()), build_scorer(given, "torch")(crops()))


def test_a_graph_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = model(temperature=3.0)
    right, trace = model(temperature=1.0), onnx_graph.trace_onnx
    monkeypatch.setattr(
        onnx_graph, "trace_onnx", lambda graph, outputs: trace(as_graph(wrong.network, temperature=3.0), outputs)
    )
    with pytest.raises(ModelError, match="differ by"):
        build_scorer(right, "onnx")


def test_without_onnx_runtime_torch_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    given = replace(model(), fingerprint="saved")
    monkeypatch.setattr(runtimes, "has_onnx_runtime", lambda: False)
    monkeypatch.setattr(runtimes, "_onnx", lambda *_: pytest.fail("ONNX Runtime was used"))
    assert build_scorer(given)(crops()).probabilities.shape == (9, 3)


def test_a_saved_model_s_graph_is_made_once_and_an_unsaved_one_s_is_not_kept(tmp_path: Path) -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"graph %d" % len(made))
        return made[-1]

    given = model()
    saved = save_model(given, tmp_path, training={})
    assert [cached_graph(saved, make, folder=tmp_path / "g") for _ in range(2)] == [b"graph 0"] * 2
    assert [cached_graph(given, make, folder=tmp_path / "g") for _ in range(2)] == [b"graph 1", b"graph 2"]
    warm = replace(saved, calibration=Calibration(temperature=2, n=9, nll_before=1, nll_after=1, data=""))
    assert cached_graph(warm, make, folder=tmp_path / "g") == b"graph 3"
    with torch.no_grad():
        saved.network.head.bias += 1
    assert cached_graph(saved, make, folder=tmp_path / "g") == b"graph 4"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert cached_graph(replace(model(), fingerprint="a"), lambda: b"graph", folder=tmp_path / "file" / "x") == b"graph"


def test_predictions_of_runtimes_agree_in_kind_and_box(tmp_path: Path) -> None:
    paths = [tmp_path / f"{seed}.png" for seed in range(5)]
    for seed, path in enumerate(paths):
        draw_crop("checked", seed).save(path)
    ours, theirs = (list(predict_files(model(), paths, runtime=runtime, threads=1)) for runtime in ("torch", "onnx"))
    for one, other in zip(ours, theirs, strict=True):
        assert one.kind == other.kind
        assert one.box == (other.box and pytest.approx(other.box, abs=0.01))


def test_a_network_that_cannot_be_exported_leaves_no_word_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    network = Backbone(_Unexportable(), width=192, classes=2).eval()
    with pytest.raises(ModelError, match="torch cannot trace this network into ONNX"):
        trace_onnx(as_graph(network, temperature=1.0), list(output_widths(network)))
    assert capfd.readouterr().out == ""
