import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from base.errors import InputError, MissingError, ModelError, OutputExistsError
from model.classifying.classify import classify_to_table
from model.export import export as export_module
from model.export.export import EXPORTERS, export_model, summarize_export
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.trained_model import Calibration, Model, load_model
from model.reading.crop_fitting import Geometry, centred, pad
from model.running.any_model import ExportedModel, load_any_model
from model.running.graph import as_graph
from model.running.predict import predict_files
from model.running.runtimes import build_scorer
from model.running.torch_scorer import scorer
from tests.crops import draw_crop

CLASSES = ("checked", "other", "unchecked")


def saved(folder: Path, backbone: str = "tiny") -> Model:
    folder.mkdir(exist_ok=True)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = build_backbone(backbone, 3)
        network.train()(torch.rand(8, 3, 48, 96))
    model = Model(network.eval(), CLASSES, Geometry(), backbone, locates=True)
    calibration = Calibration(temperature=1.5, n=9, nll_before=1, nll_after=1, data="")
    return replace(save_model(model, folder, training={}), calibration=calibration)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    for seed in range(12):
        path = folder / CLASSES[seed % 3] / f"{seed}.png"
        path.parent.mkdir(exist_ok=True)
        draw_crop(CLASSES[seed % 3], seed).save(path)
    (folder / "checked" / "broken.png").write_text("no picture")
    return folder


@pytest.mark.parametrize("format_name", EXPORTERS)
def test_an_exported_file_classifies_like_the_model(tmp_path: Path, real: Path, format_name: str) -> None:
    model = saved(tmp_path / "run")
    path = tmp_path / f"m{EXPORTERS[format_name].suffix}"
    result = export_model(model, path, format_name=format_name, real=real)
    assert (result.parity.n, result.bytes) == (12, path.stat().st_size)
    assert result.accuracy is not None
    assert "12 labelled crops" in summarize_export(result)
    loaded = load_any_model(path)
    assert isinstance(loaded, ExportedModel)
    assert (loaded.classes, loaded.geometry, loaded.locates) == (model.classes, model.geometry, True)
    paths = sorted(real.rglob("[0-9]*.png"))
    for ours, theirs in zip(predict_files(model, paths), predict_files(loaded, paths, with_features=True), strict=True):
        assert theirs.probabilities == pytest.approx(ours.probabilities, abs=EXPORTERS[format_name].tolerance)
        assert theirs.features is not None
        assert theirs.kind is not None


def test_the_contract_is_in_the_file_and_beside_it_and_suffices(tmp_path: Path, real: Path) -> None:
    """Another program's way: ONNX Runtime and numpy, by what the contract says."""
    model = saved(tmp_path / "run")
    export_model(model, tmp_path / "m.onnx", format_name="onnx")
    inside = json.loads({each.key: each.value for each in onnx.load(tmp_path / "m.onnx").metadata_props}["boxwright"])
    assert inside == json.loads((tmp_path / "m.json").read_text())
    picture = Geometry(**inside["geometry"]).fit(draw_crop("checked", 3))
    canvas = model.geometry.bucket((picture.shape[0], picture.shape[1]))
    session = onnxruntime.InferenceSession((tmp_path / "m.onnx").read_bytes())
    probabilities, boxes = session.run(["probabilities", "boxes"], {"pictures": pad(picture, canvas)[None]})
    expected = scorer(model.network, model.geometry, temperature=model.temperature)([picture])
    assert probabilities == pytest.approx(expected.probabilities, abs=1e-5)
    top, left = centred((picture.shape[0], picture.shape[1]), canvas)
    assert expected.boxes is not None
    assert boxes[0] == pytest.approx(expected.boxes[0] + np.array([left, top, 0, 0]), abs=0.01)


def test_a_file_that_would_differ_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = saved(tmp_path / "other")
    with torch.no_grad():
        other.network.head.bias[0] += 5
    model, write = saved(tmp_path / "run"), EXPORTERS["onnx"].write
    bad = replace(EXPORTERS["onnx"], write=lambda _, contract, crops: write(other, contract, crops))
    monkeypatch.setitem(export_module.EXPORTERS, "onnx", bad)
    with pytest.raises(ModelError, match=r"does not agree: \d+ of 48 predictions"):
        export_model(model, tmp_path / "m.onnx", format_name="onnx")
    assert not list(tmp_path.glob("m.*"))


def test_what_the_tracer_gets_wrong_is_exported_the_slower_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace, wrong = export_module.trace_onnx, saved(tmp_path / "wrong")
    with torch.no_grad():
        wrong.network.head.bias[0] += 5
    monkeypatch.setattr(export_module, "trace_onnx", lambda _, outputs: trace(as_graph(wrong.network), outputs))
    monkeypatch.setattr(export_module, "translate_onnx", trace)
    result = export_model(saved(tmp_path / "run"), tmp_path / "m.onnx", format_name="onnx")
    assert result.parity.same == result.parity.n


def test_wrong_wishes_are_refused_before_any_work(tmp_path: Path, real: Path) -> None:
    model = saved(tmp_path / "run")
    with pytest.raises(InputError, match="unknown format 'onnx8'"):
        export_model(model, tmp_path / "m.onnx", format_name="onnx8")
    with pytest.raises(InputError, match=r"ends in \.pt2"):
        export_model(model, tmp_path / "m.onnx", format_name="pt2")
    with pytest.raises(InputError, match="--real"):
        export_model(model, tmp_path / "m.onnx", format_name="onnx-int8")
    (tmp_path / "m.onnx").touch()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        export_model(model, tmp_path / "m.onnx", format_name="onnx")


def test_other_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no model"):
        load_any_model(tmp_path / "nowhere.onnx")
    for suffix in (".onnx", ".pt2"):
        (tmp_path / f"text{suffix}").write_text("no graph")
        with pytest.raises(ModelError, match=rf"text\{suffix}"):
            load_any_model(tmp_path / f"text{suffix}")
    bare = export_module.trace_onnx(
        as_graph(saved(tmp_path / "run").network), ["probabilities", "features", "kinds", "boxes"]
    )
    (tmp_path / "bare.onnx").write_bytes(bare)
    with pytest.raises(ModelError, match="not written by `boxwright export`"):
        load_any_model(tmp_path / "bare.onnx")


def test_a_run_folder_is_a_classifier_too(tmp_path: Path) -> None:
    saved(tmp_path / "run.onnx")
    assert load_any_model(tmp_path / "run.onnx").fingerprint == load_model(tmp_path / "run.onnx").fingerprint


def test_an_exported_file_names_its_runtime(tmp_path: Path) -> None:
    export_model(saved(tmp_path / "run"), tmp_path / "m.onnx", format_name="onnx")
    with pytest.raises(InputError, match="runs with onnx, not torch"):
        build_scorer(load_any_model(tmp_path / "m.onnx"), "torch")


def test_classify_takes_an_exported_file(tmp_path: Path, real: Path) -> None:
    export_model(saved(tmp_path / "run"), tmp_path / "m.onnx", format_name="onnx")
    result = classify_to_table(load_any_model(tmp_path / "m.onnx"), [real], output=tmp_path / "rows.csv")
    assert (result.total, result.unreadable) == (13, 1)
