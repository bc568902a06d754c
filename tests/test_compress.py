import json
from pathlib import Path

import pytest

from base.errors import InputError, ModelError, OutputExistsError
from model.evaluation.evaluate import evaluate
from model.export import candidates as candidates_module
from model.export.candidates import INT8
from model.export.compress import CompressSettings, compress_model
from model.export.compression_result import Compression
from model.learning.training_settings import TrainSettings
from model.networks.trained_model import load_model
from model.running.any_model import load_any_model
from model.running.predict import predict_files
from model.training.plan import TrainingSources
from model.training.train import train
from tests.crops import write_crops
from tests.test_cli import run

QUICK = CompressSettings(epochs=1, rounds=1, threads=1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with crops to train on, others to test on, and a run."""
    folder = tmp_path_factory.mktemp("compress")
    crops = write_crops(folder / "crops", 20)
    write_crops(folder / "test", 4, first_seed=100)
    settings = TrainSettings(backbone="tiny", epochs=1, batch_size=8, threads=1, val_share=0)
    train(crops, None, out=folder / "run", settings=settings)
    return folder


@pytest.fixture(scope="module")
def result(place: Path) -> Compression:
    return compress_model(
        place / "run",
        TrainingSources(place / "crops", None, None),
        out=place / "out",
        settings=QUICK.model_copy(update={"int8": True}),
        test=place / "test",
    )


def test_each_stage_is_measured_beside_the_model_before(place: Path, result: Compression) -> None:
    assert [stage.name for stage in result.stages] == ["before", "pruned", "before, int8", "pruned, int8"]
    assert [stage.n for stage in result.stages] == [12] * 4
    before, pruned, _, quantized = result.stages
    assert before.paired is None
    assert pruned.paired is not None
    assert pruned.paired.only_this - pruned.paired.only_before == pruned.right - before.right
    assert before.bytes > pruned.bytes == (place / "out" / "weights.safetensors").stat().st_size
    assert quantized.path == str(place / "out" / INT8)
    assert before.parameters > pruned.parameters == quantized.parameters
    assert min(stage.images_per_s for stage in result.stages) > 0
    assert (result.refused, result.tested_on) == ({}, f"of {place / 'test'}")


@pytest.mark.usefixtures("result")
def test_a_compressed_model_classifies_and_is_evaluated_like_any_other(place: Path, result: Compression) -> None:
    model = load_model(place / "out")
    assert model.widths
    evaluation = evaluate(model, place / "test", other=place / "run")
    assert evaluation.accuracy == result.stages[1].right / 12
    paths = sorted((place / "test").rglob("*.png"))
    rows = list(predict_files(load_any_model(place / "out" / INT8), paths))
    right = sum(model.classes[row.index or 0] == row.path.parent.name for row in rows)
    assert right == result.stages[3].right


def test_without_a_test_folder_the_part_that_is_held_out_measures(place: Path, tmp_path: Path) -> None:
    found = compress_model(
        place / "run", TrainingSources(place / "crops", None, None), out=tmp_path / "out", settings=QUICK
    )
    assert found.tested_on == "held out of the sources"
    assert found.stages[0].n == 9
    # The model before was trained on all crops, and so on those that are held out now.
    assert f"{place / 'run'}: 9 of 9 pictures were in the training" in " ".join(found.warnings)


def test_the_command_gives_what_the_library_gives(place: Path, result: Compression, tmp_path: Path) -> None:
    flags = ("--synthetic", place / "crops", "--test", place / "test", "--epochs", 1, "--threads", 1, "--json")
    code, stdout, _ = run("compress", place / "run", "--out", tmp_path / "out", *flags)
    assert code == 0
    stages = json.loads(stdout)["stages"]
    assert [stage["right"] for stage in stages] == [stage.right for stage in result.stages[:2]]
    assert load_model(tmp_path / "out").fingerprint == load_model(place / "out").fingerprint


def test_an_int8_model_that_does_not_agree_is_left_out_and_named(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ModelError("the exported model does not agree")

    monkeypatch.setattr(candidates_module, "export_model", refuse)
    settings = QUICK.model_copy(update={"int8": True})
    found = compress_model(
        place / "run", TrainingSources(place / "crops", None, None), out=tmp_path / "out", settings=settings
    )
    assert [stage.name for stage in found.stages] == ["before", "pruned"]
    assert "pruned, int8: refused: the exported model does not agree" in found.to_text()


def test_what_cannot_be_measured_rightly_is_refused_before_anything_is_trained(place: Path, tmp_path: Path) -> None:
    sources = TrainingSources(place / "crops", None, None)
    with pytest.raises(InputError, match=r"60 pictures of .* would be trained on"):
        compress_model(place / "run", sources, out=tmp_path / "out", settings=QUICK, test=place / "crops")
    with pytest.raises(InputError, match="holds the model to compress"):
        compress_model(place / "run", sources, out=place / "run", settings=QUICK, overwrite=True)
    with pytest.raises(OutputExistsError):
        compress_model(place / "run", sources, out=place / "test", settings=QUICK)
    code, _, stderr = run("compress", place / "run", "--out", tmp_path / "out")
    assert (code, "nothing to train on" in stderr) == (1, True)
    assert not (tmp_path / "out").exists()
