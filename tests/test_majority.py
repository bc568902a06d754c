import json
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.evaluate import evaluate
from model.networks.majority import count_classes, majority_network
from model.networks.trained_model import load_model
from model.running.predict import predict_files
from model.training.train import TrainSettings, train
from tests.crops import write_crops


def test_shares_are_those_of_the_labels_and_a_class_that_is_not_there_is_improbable() -> None:
    network = majority_network(3)
    log_shares = count_classes(network, np.array([1, 1, 1, 0]))
    assert np.exp(log_shares) == pytest.approx([0.25, 0.75, 0], abs=1e-6)
    assert network.head.bias.exp().tolist() == pytest.approx([0.25, 0.75, 0], abs=1e-6)


def test_the_baseline_is_trained_saved_and_evaluated_like_a_network(tmp_path: Path) -> None:
    write_crops(tmp_path / "data", 6, labels=["unchecked"])
    write_crops(tmp_path / "data", 2, labels=["checked", "other"])
    val = write_crops(tmp_path / "val", 2)
    result = train(tmp_path / "data", None, out=tmp_path / "run", settings=TrainSettings(backbone="majority"), val=val)
    (row,) = result.epochs
    assert (row.train_accuracy, row.val_accuracy) == (0.6, pytest.approx(1 / 3))
    assert row.loss == pytest.approx(-(0.6 * np.log(0.6) + 0.4 * np.log(0.2)))
    model = load_model(result.folder)
    (prediction,) = predict_files(model, [val / "checked" / "0000.png"], threads=1)
    assert prediction.probabilities == pytest.approx((0.2, 0.2, 0.6))
    assert evaluate(model, val).accuracy == pytest.approx(1 / 3)
    assert json.loads((result.folder / "model.json").read_text())["backbone"] == "majority"


def test_it_counts_anew_when_it_starts_from_an_earlier_baseline(tmp_path: Path) -> None:
    first = train(
        write_crops(tmp_path / "one", 3),
        None,
        out=tmp_path / "first",
        settings=TrainSettings(backbone="majority", val_share=0),
    )
    real = write_crops(tmp_path / "two", 3, labels=["other"])
    again = train(None, real, out=tmp_path / "again", settings=TrainSettings(init=first.folder, val_share=0))
    assert again.model.network.head.bias.exp().tolist() == pytest.approx([0, 1, 0], abs=1e-5)
