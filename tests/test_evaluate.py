import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import log_loss, precision_recall_fscore_support
from torch import Tensor, nn

from base.errors import InputError, MissingError
from base.intervals import wilson
from model.evaluation.evaluate import Evaluation, evaluate, evaluate_examples
from model.evaluation.evaluate_settings import EvaluateSettings
from model.evaluation.metrics import brier_score
from model.labelled_folders.folders import read_examples
from model.networks.backbones import Backbone
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.reading.crop_fitting import Geometry
from model.running.predict import predict_files
from tests.crops import write_crops
from tests.test_predict import model as tiny_model

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class MeanColour(nn.Module):
    """Features that are the mean of each channel."""

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.mean((2, 3))


def colour_model() -> Model:
    """A model that answers red, green or blue by the strongest channel."""
    network = Backbone(MeanColour(), width=3, classes=3)
    nn.init.eye_(network.head.weight)
    nn.init.zeros_(network.head.bias)
    return Model(network.eval(), ("red", "green", "blue"), Geometry(), "colour")


def write(folder: Path, **colours: list[tuple[int, int, int]]) -> Path:
    for label, values in colours.items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number, colour in enumerate(values):
            Image.new("RGB", (60, 50), colour).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    """Six right answers of eight; one red picture is sure to be blue, one green one unsure."""
    write(tmp_path, red=[RED, RED, RED, BLUE], green=[GREEN, (128, 100, 0)], blue=[BLUE, BLUE])
    return evaluate(colour_model(), tmp_path)


def test_accuracy_comes_with_wilson_s_interval(evaluation: Evaluation) -> None:
    assert (evaluation.n, evaluation.accuracy) == (8, 0.75)
    assert evaluation.interval == pytest.approx((0.4093, 0.9285), abs=1e-4)


def test_classes_are_in_the_model_s_order(evaluation: Evaluation) -> None:
    assert [row.name for row in evaluation.per_class] == ["red", "green", "blue"]
    assert evaluation.confusion == ((3, 0, 1), (1, 1, 0), (0, 0, 2))


def test_precision_recall_and_f1_are_per_class(evaluation: Evaluation) -> None:
    red, green, blue = evaluation.per_class
    assert (red.precision, red.recall, red.support) == (0.75, 0.75, 4)
    assert (green.precision, green.recall, green.support) == (1.0, 0.5, 2)
    assert (blue.recall, blue.support) == (1.0, 2)
    assert blue.precision == pytest.approx(2 / 3)
    assert evaluation.macro_f1 == pytest.approx((0.75 + 2 / 3 + 0.8) / 3)


def test_the_scores_of_classes_are_scikit_learn_s_where_one_has_no_pictures_too(tmp_path: Path) -> None:
    model, folder = colour_model(), write(tmp_path, red=[RED, BLUE, RED], green=[RED, RED])
    examples = [example for example in read_examples(folder) if example.label in model.classes]
    found = evaluate_examples(model, examples).per_class
    answers = [model.classes[p.index or 0] for p in predict_files(model, [example.path for example in examples])]
    labels = [example.label for example in examples]
    expected = precision_recall_fscore_support(labels, answers, labels=model.classes, zero_division=0.0)
    assert [[getattr(row, name) for row in found] for name in ("precision", "recall", "f1", "support")] == [
        pytest.approx(column) for column in expected
    ]


def test_precision_and_recall_have_wilson_s_intervals(evaluation: Evaluation) -> None:
    red, green, _ = evaluation.per_class
    assert (red.precision_interval, red.recall_interval) == (wilson(3, 4), wilson(3, 4))
    assert (green.precision_interval, green.recall_interval) == (wilson(1, 1), wilson(1, 2))


def test_probabilities_are_scored(evaluation: Evaluation, tmp_path: Path) -> None:
    model = colour_model()
    examples = [example for example in read_examples(tmp_path) if example.label in model.classes]
    rows = np.array([item.probabilities for item in predict_files(model, [example.path for example in examples])])
    labels = np.array([model.classes.index(example.label) for example in examples])
    score = evaluation.calibration
    assert score.nll == pytest.approx(log_loss(labels, rows / rows.sum(1, keepdims=True), labels=[0, 1, 2]), rel=1e-5)
    assert score.brier == pytest.approx(brier_score(rows, labels), rel=1e-5)
    assert (score.temperature, sum(each.n for each in score.bins)) == (1.0, 8)
    assert "calibration error" in evaluation.to_text()


def test_the_most_confident_mistakes_come_first(evaluation: Evaluation) -> None:
    found = [(mistake.label, mistake.prediction) for mistake in evaluation.mistakes]
    assert found == [("red", "blue"), ("green", "red")]
    assert evaluation.mistakes[0].confidence > evaluation.mistakes[1].confidence


def test_an_evaluation_is_json_and_text(evaluation: Evaluation) -> None:
    values = json.loads(json.dumps(evaluation.to_dict()))
    assert values["mistakes"][0]["path"].endswith("red/3.png")
    assert values["per_class"][0]["name"] == "red"
    text = evaluation.to_text(worst=1)
    assert "accuracy 75.0% (95 % interval 40.9% to 92.9%) on 8 pictures" in text
    assert "red taken for blue" in text
    assert "green taken for red" not in text


def test_classes_without_pictures_do_not_count_in_macro_f1(tmp_path: Path) -> None:
    result = evaluate(colour_model(), write(tmp_path, red=[RED], green=[GREEN]))
    assert result.macro_f1 == 1.0
    assert result.per_class[2].support == 0


def test_unreadable_pictures_are_listed_and_not_counted(tmp_path: Path) -> None:
    write(tmp_path, red=[RED, RED], blue=[BLUE])
    (tmp_path / "red" / "0.png").write_text("I am a text")
    result = evaluate(colour_model(), tmp_path)
    assert (result.n, result.accuracy) == (2, 1.0)
    assert [(item.path.name, item.reason) for item in result.unreadable] == [("0.png", "is not a picture")]
    assert "could not be read" in result.to_text()


def test_a_picture_with_two_labels_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, red=[RED], green=[GREEN])
    assert evaluate(colour_model(), tmp_path).warnings == ()
    with Image.open(tmp_path / "red" / "0.png") as image:
        image.save(tmp_path / "green" / "again.bmp")
    [warning] = evaluate(colour_model(), tmp_path).warnings
    first, second = tmp_path / "green" / "again.bmp", tmp_path / "red" / "0.png"
    assert warning == f"{tmp_path}: 1 picture is there under two labels, as {first} (green) and {second} (red)"


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, red=[RED])
    (tmp_path / "red" / "0.png").write_bytes(b"")
    with pytest.raises(InputError, match="none of 1 picture can be read"):
        evaluate(colour_model(), tmp_path)


def test_a_class_that_the_model_does_not_know_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, red=[RED], pink=[RED])
    with pytest.raises(InputError, match="does not know: pink; the model's classes: red, green, blue"):
        evaluate(colour_model(), tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        evaluate(colour_model(), tmp_path / "nowhere")


def test_families_and_libraries_are_counted_worst_first(tmp_path: Path) -> None:
    write(tmp_path, red=[RED, BLUE, RED], blue=[BLUE])
    families = {"red/0.png": "acme/dot", "red/1.png": "acme/ring", "red/2.png": "plain", "blue/0.png": "acme/ring"}
    rows = [json.dumps({"file_name": name, "family": family}) for name, family in families.items()]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    evaluation = evaluate(colour_model(), tmp_path)
    assert [(one.name, one.right, one.n) for one in evaluation.families] == [
        ("acme/ring", 1, 2),
        ("acme/dot", 1, 1),
        ("plain", 1, 1),
    ]
    assert [(one.name, one.right, one.n) for one in evaluation.libraries] == [("acme", 2, 3)]
    text = evaluation.to_text()
    assert "acme/ring   50.0%      2" in text
    assert "acme/dot" not in text


def test_kinds_and_pairs_are_read_from_the_manifest(tmp_path: Path) -> None:
    write(tmp_path, red=[RED, BLUE, RED], blue=[BLUE, BLUE])
    pairs = {
        "red/0.png": ("radio", 1),
        "blue/0.png": ("radio", 1),
        "red/1.png": ("switch", 2),
        "blue/1.png": ("switch", 2),
    }
    rows = [
        json.dumps({"file_name": name, "kind": kind, "group": "0-0", "window": {"left_px": left}})
        for name, (kind, left) in pairs.items()
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    evaluation = evaluate(colour_model(), tmp_path)
    assert [(one.name, one.right, one.n, one.interval) for one in evaluation.kinds] == [
        ("switch", 1, 2, wilson(1, 2)),
        ("radio", 2, 2, wilson(2, 2)),
    ]
    assert evaluation.pairs is not None
    assert (evaluation.pairs.n, evaluation.pairs.both_right, evaluation.pairs.same_answer) == (2, 1, 1)
    assert "2 counterfactual pairs: both right 50.0%" in evaluation.to_text()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    save_model(tiny_model(), folder, training={})
    return folder


def test_robustness_and_comparison_are_there_when_asked_for(trained: Path, tmp_path: Path) -> None:
    loaded, crops = load_model(trained), write_crops(tmp_path, 2)
    plain = evaluate(loaded, crops)
    assert (plain.robustness, plain.comparison) == ((), None)
    settings = EvaluateSettings(sample=2, threads=1)
    full = evaluate(loaded, crops, settings=settings, robustness=True, other=trained)
    assert {curve.n for curve in full.robustness} == {2}
    assert full.comparison is not None
    assert (full.comparison.other, full.comparison.difference) == (str(trained), 0.0)
    values = json.loads(json.dumps(full.to_dict()))
    assert values["robustness"][0]["damage"] == "blur"
    assert values["comparison"]["counts"]["only_this"] == 0
    assert "robustness" in full.to_text()
    assert f"{trained} {full.accuracy:.1%}, on the same 6 pictures" in full.to_text()


def test_top_k_is_for_models_of_more_classes(trained: Path, tmp_path: Path) -> None:
    loaded, crops = load_model(trained), write_crops(tmp_path, 2)
    result = evaluate(loaded, crops, settings=EvaluateSettings(top_k=2))
    assert result.top_k is not None
    assert result.accuracy <= result.top_k.accuracy <= 1
    assert f"top-2 accuracy {result.top_k.accuracy:.1%}" in result.to_text()
    with pytest.raises(InputError, match="top_k 3: the model has 3 classes"):
        evaluate(loaded, crops, settings=EvaluateSettings(top_k=3))


def test_another_model_that_does_not_know_the_classes_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the model's classes: checked, other, unchecked"):
        evaluate(colour_model(), write(tmp_path, red=[RED]), other=trained)


def test_pictures_without_families_have_no_table(evaluation: Evaluation) -> None:
    assert evaluation.families == evaluation.libraries == ()
    assert "family" not in evaluation.to_text()
