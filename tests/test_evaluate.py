import json
from pathlib import Path

import pytest
from PIL import Image
from torch import Tensor, nn

from generator.errors import InputError, MissingError
from model.backbones import Backbone
from model.checkpoint import Model
from model.evaluate import Evaluation, evaluate
from model.geometry import Geometry

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


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, red=[RED])
    (tmp_path / "red" / "0.png").write_bytes(b"")
    with pytest.raises(InputError, match="none of the 1 pictures can be read"):
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


def test_pictures_without_families_have_no_table(evaluation: Evaluation) -> None:
    assert evaluation.families == evaluation.libraries == ()
    assert "family" not in evaluation.to_text()
