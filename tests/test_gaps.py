import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from active.choosing.folder_pictures import list_examples
from active.exchange.labels import import_labels
from active.gaps.gaps import GapsSettings, RealCrops, find_gaps
from active.gaps.gaps_result import Gaps, recipe_of, write_recipe
from active.gaps.gaps_sheet import write_gaps_sheet
from active.gaps.hard_crops import find_hard_crops
from active.gaps.nearest_crops import find_nearest
from active.gaps.recipe_fitting import LEAST_TIMES, MOST_TIMES, fit_times
from active.store.store import LabelStore
from base.errors import InputError, MissingError
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.recipe_file import read_recipe
from generator.sampling.sampling_weights import SamplingWeights
from model.gap.crop_statistics import Described, describe_crops
from model.labelled_folders.folders import read_examples
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model
from tests.crops import LABELS, write_crops
from tests.drawn_crops import write_drawn
from tests.test_cli import run
from tests.test_predict import model
from tests.test_score import untrained

SETTINGS = GapsSettings(threads=1, nearest=3)


@pytest.fixture(scope="module")
def judge() -> Model:
    return untrained()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn(tmp_path_factory.mktemp("drawn") / "set", 120)


@pytest.fixture(scope="module")
def lamps(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real crops that are like those of the family lamp, to the pixel."""
    folder = tmp_path_factory.mktemp("real") / "lamps"
    for row in [row for row in read_manifest(drawn) if row.family == "lamp"][:12]:
        (folder / row.label).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(drawn / row.file_name, folder / row.file_name)
    return folder


@pytest.fixture(scope="module")
def gaps(judge: Model, drawn: Path, lamps: Path) -> Gaps:
    return find_gaps(judge, RealCrops(read_examples(lamps)), synthetic=drawn, settings=SETTINGS)


def with_probabilities(real: Described, *rows: tuple[float, ...]) -> Described:
    readings = tuple(replace(one, probabilities=row) for one, row in zip(real.readings, rows, strict=True))
    return replace(real, readings=readings)


def test_what_is_read_wrongly_or_without_confidence_is_hard_and_the_worst_comes_first(
    judge: Model, lamps: Path
) -> None:
    real = describe_crops(judge, [each for each in read_examples(lamps) if each.label == "checked"][:1] * 4, threads=1)
    real = with_probabilities(real, (0.7, 0.1, 0.2), (0.9, 0.1, 0), (0.3, 0.6, 0.1), (0.05, 0.9, 0.05))
    hard = find_hard_crops(real, LABELS, sure=0.8)
    assert [(each.place, each.wrong, round(each.doubt, 2)) for each in hard] == [
        (3, True, 0.95),
        (2, True, 0.7),
        (0, False, 0.3),
    ]
    blank = replace(real, examples=tuple(replace(example, label="") for example in real.examples))
    assert [each.place for each in find_hard_crops(blank, LABELS, sure=0.8)] == [2, 0]


def test_a_model_that_never_saw_the_label_says_what_is_hard(judge: Model, lamps: Path) -> None:
    real = describe_crops(judge, read_examples(lamps)[:2], threads=1)
    real = with_probabilities(real, (0.3, 0.6, 0.1), (0.9, 0.1, 0))
    unseen = dict(zip(real.contents, ("checked", "other"), strict=True))
    [hard] = find_hard_crops(real, LABELS, sure=0.8, unseen=unseen)
    assert (hard.place, hard.predicted, hard.doubt) == (1, "other", 1.0)


def test_times_are_shrunk_bounded_and_named_only_where_they_say_something() -> None:
    usual = {"a": 50, "b": 50, "rare": 0.001}
    assert fit_times({"a": 5, "b": 5}, usual, pull=1) == {}
    assert fit_times({"a": 10}, usual, pull=1) == {"a": 1.83, "b": LEAST_TIMES}
    assert fit_times({"rare": 100}, usual, pull=1)["rare"] == MOST_TIMES
    assert fit_times({"a": 10}, usual, pull=1000) == {}
    assert fit_times({"new": 10, "a": 1}, {"a": 0}, pull=1) == {}


def test_what_is_like_the_hard_crops_is_drawn_more_often(gaps: Gaps) -> None:
    assert len(gaps.matched) == 12
    assert gaps.weights.families["lamp"] > 1.25
    assert gaps.weights.families.get("box", 1) < 1
    assert all(next(iter(gaps.near_families(match))) == "lamp" for match in gaps.matched)
    assert gaps.weights.base == 0.5


def test_near_crops_of_the_right_state_are_taken(gaps: Gaps) -> None:
    for match in gaps.matched:
        assert {gaps.rows[each.place].label for each in match.nearest} == {match.crop.label}
        assert sum(each.weight for each in match.nearest) == pytest.approx(match.crop.doubt / match.alike)


def test_copies_of_one_crop_count_once(judge: Model, drawn: Path, lamps: Path) -> None:
    examples = read_examples(lamps)[:1] * 5
    real, synthetic = (describe_crops(judge, each, threads=1) for each in (examples, read_examples(drawn)))
    hard = find_hard_crops(real, LABELS, sure=1)
    matched = find_nearest(hard, real, synthetic, count=3, seed=0)
    assert [match.alike for match in matched] == [5] * 5
    assert sum(each.weight for match in matched for each in match.nearest) == pytest.approx(hard[0].doubt)


def test_a_crop_like_nothing_drawn_is_listed_as_uncovered(judge: Model, drawn: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    found = find_gaps(judge, RealCrops(list_examples(tmp_path)), synthetic=drawn, settings=SETTINGS)
    recipe = recipe_of(found, model="m", real="r")
    assert [Path(crop.path).name for crop in recipe.uncovered] == ["noise.png"]
    assert "noise.png, read as " in found.to_text()


def test_a_recipe_file_says_what_was_found_and_is_read_again(gaps: Gaps, tmp_path: Path) -> None:
    weights = SamplingWeights(
        families={'a"\\/é': 2.5},
        factors={"font size, px": {"12": 0.5}},
        parameters={"box": {"size_px": (12, 14), "mark": {"✓": 2.0}}},
    )
    recipe = recipe_of(replace(gaps, weights=weights), model="runs/\udcff", real="data")
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert read_recipe(tmp_path / "recipe.toml") == recipe
    assert read_recipe(tmp_path / "recipe.toml").weights() == weights


def test_a_sheet_shows_a_row_for_each_hard_crop_that_is_no_copy(gaps: Gaps, tmp_path: Path) -> None:
    write_gaps_sheet(gaps, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 4 * 240, "the real crop and three beside it"
        assert sheet.height > 100 * min(12, len({match.group for match in gaps.matched}))


def test_nothing_hard_gives_a_recipe_that_changes_nothing(judge: Model, lamps: Path, tmp_path: Path) -> None:
    found = find_gaps(judge, RealCrops(list_examples(lamps, unlabelled=True)), settings=GapsSettings(sure=0.01))
    assert found.to_text().endswith("nothing is hard: there is nothing to draw more of")
    write_recipe(recipe_of(found, model="m", real="r"), tmp_path / "recipe.toml")
    assert not read_recipe(tmp_path / "recipe.toml").changes_anything
    with pytest.raises(InputError, match="nothing to show"):
        write_gaps_sheet(found, tmp_path / "sheet.png")


def test_what_is_hard_is_what_the_model_calls_unsure_unless_said_otherwise(judge: Model, lamps: Path) -> None:
    unsure = replace(judge, unsure_below=0.01)
    found = find_gaps(unsure, RealCrops(list_examples(lamps, unlabelled=True)))
    assert found.sure == 0.01
    assert not found.matched
    assert GapsSettings(sure=0.6).sure_of(unsure) == 0.6


def test_labels_of_other_classes_are_refused(judge: Model, drawn: Path, tmp_path: Path) -> None:
    examples = read_examples(write_crops(tmp_path / "doors", 2, labels=("open", "shut")))
    with pytest.raises(InputError, match="does not know the classes open, shut"):
        find_gaps(judge, RealCrops(examples), synthetic=drawn, settings=SETTINGS)


def test_only_an_ordinary_set_says_what_is_usual(judge: Model, lamps: Path, tmp_path: Path) -> None:
    crops = RealCrops(read_examples(lamps))
    steered = write_drawn(tmp_path / "steered", 5, weights=SamplingWeights(families={"box": 2}))
    with pytest.raises(InputError, match="was drawn with a recipe"):
        find_gaps(judge, crops, synthetic=steered, settings=SETTINGS)
    with pytest.raises(MissingError, match=r"no dataset\.json"):
        find_gaps(judge, crops, synthetic=lamps, settings=SETTINGS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[families]\ncheckbox_nativ = 2\n",
            r"mine\.toml: unknown family .* did you mean checkbox_native",
        ),
        ("[factors]\ndark = {maybe = 2}\n", r"mine\.toml: factors: .*unknown value of dark 'maybe'"),
        ("[parameters.checkbox_native]\nsize = [1, 2]\n", r"mine\.toml: unknown parameter of checkbox_native 'size'"),
        ("families = [", r"mine\.toml is no TOML file: "),
        ("[family]\n", r"mine\.toml: family: Extra inputs"),
    ],
)
def test_generate_refuses_a_recipe_that_it_cannot_follow(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        generate(tmp_path / "out", GenerateSettings(recipe=tmp_path / "mine.toml"))
    assert not (tmp_path / "out").exists()


def test_generate_wants_a_recipe_file_and_draws_no_screens_by_it(tmp_path: Path) -> None:
    for recipe, error in ((tmp_path / "none.toml", MissingError), (tmp_path, InputError)):
        with pytest.raises(error, match="recipe file"):
            generate(tmp_path / "out", GenerateSettings(recipe=recipe))
    with pytest.raises(InputError, match="a recipe is for crops"):
        generate(tmp_path / "out", GenerateSettings(recipe=tmp_path, format="coco"))


def test_the_command_reports_writes_and_takes_labels_of_a_store(drawn: Path, lamps: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    save_model(model(), tmp_path / "model", training={})
    loose = tmp_path / "loose"
    loose.mkdir()
    for path in lamps.rglob("*.png"):
        shutil.copyfile(path, loose / path.name)
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        import_labels(store, lamps)
    words = ["gaps", tmp_path / "model", "--real", loose, "--synthetic", drawn, "-o", tmp_path / "recipe.toml"]
    code, stdout, stderr = run(*words, "--sheet", tmp_path / "sheet.png")
    assert (code, stdout.splitlines()[0][:24]) == (0, "12 crops, 0 labelled: 0 ")
    assert f"boxwright generate DATASET --recipe {tmp_path / 'recipe.toml'}" in stderr
    assert (tmp_path / "sheet.png").exists()
    code, _, stderr = run(*words)
    assert (code, "is there already" in stderr) == (1, True)
    code, stdout, _ = run(*words, "--labels", tmp_path / "labels.db", "--overwrite")
    assert (code, stdout.splitlines()[0].startswith("12 crops, 12 labelled: ")) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pretrained", "--real", "nowhere"], "no folder nowhere"),
        (["nowhere", "--real", "crops"], "no model nowhere"),
        (["pretrained", "--real", "crops", "--synthetic", "crops"], "no dataset.json in crops"),
        (["pretrained", "--real", "empty"], "no class folders in empty"),
        (["pretrained", "--real", "crops/checked/0000.png"], "is a file"),
        (["pretrained", "--real", "crops", "--labels", "none.db"], "none.db"),
        (["pretrained", "--real", "crops", "-o", "empty"], "empty is a folder"),
        (["pretrained", "--real", "crops", "--sure", "2"], "sure: Input should be less than or equal to 1"),
        (["pretrained", "--real", "crops", "--base", "0"], "base: Input should be greater than or equal to 0.1"),
    ],
)
def test_wrong_input_is_one_line_that_says_what_to_do(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_crops(tmp_path / "crops", 1)
    (tmp_path / "empty").mkdir()
    code, _, stderr = run("gaps", *words)
    assert (code, stderr.startswith("Error: "), message in stderr) == (1, True, True), stderr
