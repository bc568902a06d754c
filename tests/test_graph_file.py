import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from base.errors import ModelError
from model.export import graph_file
from model.export.graph_file import tensor_places, write_graph
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.model_folders import GRAPH, PRETRAINED_FOLDER, WEIGHTS
from model.networks.trained_model import Calibration, Model, load_model, save_calibration
from model.reading.crop_fitting import Geometry
from model.running.onnx_sessions import GRAPH_OF, metadata, open_session
from model.running.parity import Parity, compare_scorers, probe_pictures
from model.running.runtimes import build_scorer


def run_of(folder: Path, backbone: str = "tiny") -> Path:
    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = build_backbone(backbone, 3).eval()
    save_model(Model(network, ("a", "b", "c"), Geometry(), backbone, locates=backbone == "small"), folder, training={})
    return folder


def agree(run: Path) -> Parity:
    """Compare what torch and ONNX Runtime say of crops of all sorts."""
    torch_s, onnx_s = build_scorer(load_model(run), "torch"), build_scorer(load_model(run), "onnx")
    return compare_scorers(torch_s, onnx_s, probe_pictures(Geometry(), rounds=2))[0]


def test_the_graph_in_the_box_is_that_of_its_weights_and_answers_like_torch() -> None:
    graph = open_session(PRETRAINED_FOLDER / GRAPH)
    assert metadata(graph)[GRAPH_OF] == load_model(PRETRAINED_FOLDER).fingerprint
    found = agree(PRETRAINED_FOLDER)
    assert found.same == found.n
    assert found.largest < 1e-4


@pytest.mark.parametrize("backbone", ["tiny", "small", "resnet18"])
def test_a_graph_refers_to_the_weights_beside_it(tmp_path: Path, backbone: str) -> None:
    run = run_of(tmp_path / "run", backbone)
    assert write_graph(run).stat().st_size < 100_000 < (run / WEIGHTS).stat().st_size
    assert agree(run).largest < 1e-4


def test_places_are_those_of_the_tensors(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    content = (run / WEIGHTS).read_bytes()
    for name, tensor in load_model(run).network.state_dict().items():
        first, length = tensor_places(run / WEIGHTS)[name]
        assert np.array_equal(np.frombuffer(content[first : first + length], tensor.numpy().dtype), tensor.flatten())


def test_a_graph_of_other_weights_or_another_temperature_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    run = run_of(tmp_path / "run")
    write_graph(run)
    save_calibration(run, Calibration(temperature=3, n=9, nll_before=1, nll_after=1, data=""), unsure_below=0.8)
    assert agree(run).largest < 1e-4
    shutil.copyfile(PRETRAINED_FOLDER / GRAPH, run / GRAPH)
    save_calibration(run, None, unsure_below=0.8)
    with pytest.raises(ModelError, match="ONNX Runtime cannot read the graph"):  # it wants the other weights' tensors
        build_scorer(load_model(run), "onnx")
    assert build_scorer(load_model(run))(probe_pictures(Geometry())).probabilities.shape == (6, 3)


def test_a_network_in_memory_that_has_learned_since_is_asked_itself(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    write_graph(run)
    learned = load_model(run)
    with torch.no_grad():
        learned.network.head.bias[0] += 5
    new, old = (build_scorer(each, "onnx")(probe_pictures(Geometry())) for each in (learned, load_model(run)))
    assert new.probabilities[:, 0].min() > old.probabilities[:, 0].max()


def test_a_graph_that_differs_is_not_left_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(tmp_path / "run")
    places = tensor_places(run / WEIGHTS)
    first, _ = places["head.weight"]
    wrong = places | {"head.bias": (first, places["head.bias"][1])}
    monkeypatch.setattr(graph_file, "tensor_places", lambda _: wrong)
    with pytest.raises(ModelError, match="ONNX Runtime and torch differ by"):
        write_graph(run)
    assert not (run / GRAPH).exists()
