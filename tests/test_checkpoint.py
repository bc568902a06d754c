import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from base.errors import MissingError, ModelError
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.model_folders import newest_run
from model.networks.trained_model import Calibration, Model, load_model, save_calibration
from model.reading.crop_fitting import Geometry


def model(seed: int = 0, classes: tuple[str, ...] = ("off", "on")) -> Model:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Model(build_backbone("tiny", len(classes)).eval(), classes, Geometry(height_px=40), "tiny")


def saved(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(parents=True)
    save_model(model(seed), folder, training={"note": "é"})
    return folder


def edit_card(folder: Path, **changes: object) -> None:
    card = folder / "model.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    original = save_model(model(), tmp_path, training={})
    loaded = load_model(tmp_path)
    assert (loaded.classes, loaded.geometry, loaded.backbone) == (("off", "on"), Geometry(height_px=40), "tiny")
    assert loaded.fingerprint == original.fingerprint != ""
    pictures = torch.rand(2, 3, 48, 64)
    with torch.inference_mode():
        torch.testing.assert_close(loaded.network(pictures), original.network(pictures))
    assert not loaded.network.training


def test_the_fingerprint_tells_weights_apart(tmp_path: Path) -> None:
    prints = [load_model(saved(tmp_path / str(n), seed)).fingerprint for n, seed in enumerate((0, 0, 1))]
    assert prints[0] == prints[1] != prints[2]


def test_a_missing_model_is_a_missing_error(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no model .*nowhere"):
        load_model(tmp_path / "nowhere")


def test_a_folder_or_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ModelError, match="is a file; a run folder"):
        load_model(tmp_path / "a.png")
    with pytest.raises(ModelError, match=r"is not a run folder: it has no model.json"):
        load_model(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_damaged_weights_are_refused(tmp_path: Path, damage: str) -> None:
    weights = saved(tmp_path / "run") / "weights.safetensors"
    whole = weights.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    weights.write_bytes({"cut": whole[:middle], "flipped": flipped, "empty": b"", "text": b"hello"}[damage])
    with pytest.raises(ModelError, match=r"weights.safetensors is damaged"):
        load_model(tmp_path / "run")


def test_missing_weights_are_named(tmp_path: Path) -> None:
    (saved(tmp_path / "run") / "weights.safetensors").unlink()
    with pytest.raises(ModelError, match=r"it has no weights.safetensors"):
        load_model(tmp_path / "run")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "format 99, but this version of boxwright reads format 1"),
        ({"backbone": "resnet19"}, "unknown backbone 'resnet19'; did you mean resnet18"),
        ({"backbone": "small"}, "does not fit backbone small"),
        ({"classes": []}, "classes: there are none"),
        ({"classes": ["a", "b", "c"]}, "does not fit backbone tiny"),
        ({"geometry": {"height_px": "tall"}}, "geometry.height_px: Input should be a valid integer"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    edit_card(saved(tmp_path / "run"), **changes)
    with pytest.raises(ModelError, match=message) as caught:
        _ = load_model(tmp_path / "run").network
    assert "\n" not in str(caught.value)


def test_a_card_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (saved(tmp_path / "run") / "model.json").write_text("{")
    with pytest.raises(ModelError, match=r"model.json: value: Invalid JSON"):
        load_model(tmp_path / "run")


def test_the_newest_run_is_the_one_written_last(tmp_path: Path) -> None:
    for age, name in enumerate(("b", "deep/a", "c")):
        card = saved(tmp_path / name) / "model.json"
        os.utime(card, (1000 - age, 1000 - age))
    os.utime(tmp_path / "deep" / "a" / "model.json", (2000, 2000))
    assert newest_run(tmp_path) == tmp_path / "deep" / "a"


@pytest.mark.parametrize("there", [True, False])
def test_without_a_run_the_model_in_the_box_is_taken(tmp_path: Path, there: bool) -> None:
    runs = tmp_path if there else tmp_path / "runs"
    model = load_model(newest_run(runs))
    assert (model.classes, model.backbone, model.locates) == (("checked", "other", "unchecked"), "small", True)


def test_a_folder_of_its_name_comes_before_the_model_in_the_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    boxed = load_model(Path("pretrained"))
    saved(tmp_path / "pretrained")
    assert load_model(Path("pretrained")).fingerprint != boxed.fingerprint


def test_a_temperature_is_stored_beside_the_weights_and_taken_out_again(tmp_path: Path) -> None:
    bare = load_model(saved(tmp_path / "run"))
    fitted = Calibration(temperature=1.25, n=60, nll_before=0.5, nll_after=0.4, data="abc")
    save_calibration(tmp_path / "run", fitted, unsure_below=0.7)
    warm = load_model(tmp_path / "run")
    assert (warm.calibration, warm.temperature, warm.unsure_below) == (fitted, 1.25, 0.7)
    assert warm.fingerprint == f"{bare.fingerprint}-T1.25"
    save_calibration(tmp_path / "run", None, unsure_below=0.8)
    assert load_model(tmp_path / "run").fingerprint == bare.fingerprint


def test_a_card_from_before_there_were_temperatures_is_read(tmp_path: Path) -> None:
    card = saved(tmp_path / "run") / "model.json"
    values = json.loads(card.read_text())
    del values["calibration"]
    card.write_text(json.dumps(values))
    assert load_model(tmp_path / "run").temperature == 1.0


def test_other_weights_do_not_inherit_a_temperature(tmp_path: Path) -> None:
    fitted = Calibration(temperature=1.25, n=60, nll_before=0.5, nll_after=0.4, data="abc")
    again = save_model(replace(model(), calibration=fitted), tmp_path, training={})
    assert again.calibration is None
    assert load_model(tmp_path).calibration is None


def test_a_temperature_that_makes_no_sense_is_a_model_error(tmp_path: Path) -> None:
    folder = saved(tmp_path / "run")
    edit_card(folder, calibration={"temperature": 0, "n": 60, "nll_before": 1, "nll_after": 1, "data": ""})
    with pytest.raises(ModelError, match=r"calibration\.temperature"):
        load_model(folder)
