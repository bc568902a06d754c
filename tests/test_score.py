import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps
from typer.testing import CliRunner

from base.errors import InputError, OutputExistsError
from cli import app
from generator.formats.card import SCORE_BEGIN, SCORE_END
from model.gap import domain
from model.gap.crop_statistics import Described, describe_crops, sample_like
from model.gap.domain import Domain, tell_apart
from model.gap.likeness import group_alike, group_together, look_vectors
from model.gap.score import ScoreSettings, score_dataset
from model.gap.score_result import DatasetScore
from model.labelled_folders.folders import read_examples
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry
from tests.crops import LABELS, write_crops

SETTINGS = ScoreSettings(threads=1, sample=200)


@pytest.fixture(autouse=True, scope="module")
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain, "TREES", 8)
        patch.setattr(domain, "RESAMPLES", 50)
        yield


def untrained() -> Model:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Model(build_backbone("tiny", 3).eval(), LABELS, Geometry(), "tiny")


def described(folder: Path) -> Described:
    return describe_crops(untrained(), read_examples(folder), threads=1)


def apart(real: Described, synthetic: Described) -> Domain:
    groups = group_together(real, synthetic, group_alike(look_vectors(real, synthetic)))
    return tell_apart(real, synthetic, groups, threads=1)


def repaint(source: Path, out: Path) -> Path:
    """Copy class folders with their colours inverted."""
    for path in source.rglob("*.png"):
        target = out / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            ImageOps.invert(image).save(target)
    return out


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("synthetic"), 40)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("real"), 20, first_seed=1000)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    save_model(untrained(), folder, training={})
    return folder


@pytest.fixture(scope="module")
def scored(synthetic: Path, real: Path, run: Path, tmp_path_factory: pytest.TempPathFactory) -> DatasetScore:
    ramp = Image.linear_gradient("L")
    Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))).resize((300, 90)).save(real / "checked" / "odd.png")
    return score_dataset(synthetic, real, out=tmp_path_factory.mktemp("out") / "score", settings=SETTINGS, model=run)


def test_a_set_cannot_be_told_from_itself(synthetic: Path) -> None:
    one = described(synthetic)
    result = apart(one, one)
    assert result.auc == pytest.approx(0.5, abs=0.02)
    assert all(gap.auc == pytest.approx(0.5) for gap in result.gaps)


def test_draws_of_one_kind_can_hardly_be_told_apart(synthetic: Path, tmp_path: Path) -> None:
    result = apart(described(write_crops(tmp_path, 40, first_seed=500)), described(synthetic))
    assert 0.3 < result.auc < 0.7
    assert result.interval[0] < result.auc < result.interval[1]


def test_inverted_colours_are_told_apart_and_named(synthetic: Path, tmp_path: Path) -> None:
    others = write_crops(tmp_path / "others", 40, first_seed=500)
    result = apart(described(repaint(others, tmp_path / "inverted")), described(synthetic))
    assert result.auc > 0.99
    assert result.views["colour only"] > 0.99
    assert abs(result.views["size only"] - 0.5) < 0.2
    best = {gap.name: gap for gap in result.gaps[:3]}
    assert best["ground_luminance"].auc == 0
    assert best["ground_luminance"].real[1] < 0.1 < best["ground_luminance"].synthetic[1]


def test_shuffled_labels_give_chance_even_where_the_sets_differ(synthetic: Path, tmp_path: Path) -> None:
    result = apart(described(repaint(synthetic, tmp_path / "inverted")), described(synthetic))
    assert sum(result.control) / len(result.control) == pytest.approx(0.5, abs=0.1)


def test_too_few_crops_are_refused(tmp_path: Path, synthetic: Path) -> None:
    few = described(write_crops(tmp_path, 2))
    with pytest.raises(InputError, match=r"\d real crops that are not near copies of each other; 10 are needed"):
        apart(few, described(synthetic))


def test_the_sample_has_the_real_mix_of_classes(synthetic: Path, tmp_path: Path) -> None:
    mixed = write_crops(write_crops(tmp_path, 4, labels=["checked"]), 12, labels=["unchecked"])
    ours, theirs = described(mixed), described(synthetic)
    labels = [theirs.examples[index].label for index in sample_like(ours, theirs, most=1000, seed=0)]
    assert (labels.count("checked"), labels.count("unchecked"), labels.count("other")) == (13, 40, 0)
    assert len(sample_like(ours, theirs, most=20, seed=0)) == 20


def test_files_of_equal_content_stay_in_one_fold(synthetic: Path) -> None:
    one = described(synthetic)
    count = len(one.examples)
    groups = group_together(one, one, group_alike(look_vectors(one, one)))
    assert (groups[:count] == groups[count:]).all()


def test_what_nothing_resembles_comes_first(scored: DatasetScore) -> None:
    first = scored.neighbours[0]
    assert scored.real_name(first.real) == "checked/odd.png"
    assert first.uncovered
    assert scored.uncovered < len(scored.neighbours) / 3
    assert list(first.distances) == sorted(first.distances)


def test_a_copy_of_a_synthetic_crop_is_its_own_nearest(synthetic: Path, run: Path, tmp_path: Path) -> None:
    copy = write_crops(tmp_path / "copy", 40)
    score = score_dataset(synthetic, copy, out=tmp_path / "out", settings=SETTINGS, model=run)
    assert score.uncovered == 0
    assert all(item.distances[0] == pytest.approx(0, abs=1e-5) for item in score.neighbours)
    assert score.domain.auc == pytest.approx(0.5, abs=0.02)


def test_all_that_was_found_is_written(scored: DatasetScore) -> None:
    values = json.loads((scored.out / "score.json").read_text(encoding="utf-8"))
    assert values["evaluation"]["n"] == 61
    assert values["domain"]["auc"] == scored.domain.auc
    assert values["coverage"]["crops"][0]["file_name"] == "checked/odd.png"
    assert len(values["coverage"]["crops"]) == 61
    for name in ("telling.png", "uncovered.png"):
        with Image.open(scored.out / name) as image:
            assert len(image.convert("L").getcolors() or ()) > 50
    report = (scored.out / "report.md").read_text(encoding="utf-8")
    assert f"**{scored.domain.auc:.3f}**" in report
    assert "| checked/odd.png |" in report
    assert f"AUC {scored.domain.auc:.3f}" in scored.to_text()


def test_the_card_gets_the_score_and_hears_of_a_model_that_saw_real_crops(
    synthetic: Path, real: Path, run: Path, tmp_path: Path
) -> None:
    mixed = shutil.copytree(run, tmp_path / "mixed")
    (mixed / "settings.json").write_text(json.dumps({"sources": {"real": "data"}, "settings": {}}), encoding="utf-8")
    folder = shutil.copytree(synthetic, tmp_path / "set")
    (folder / "README.md").write_text(f"Mine.\n{SCORE_BEGIN}\nnothing\n{SCORE_END}\nEnd.\n", encoding="utf-8")
    score = score_dataset(folder, real, out=tmp_path / "out", settings=SETTINGS, model=mixed)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("Mine.\n")
    assert text.endswith("\nEnd.\n")
    assert f"{100 * score.evaluation.accuracy:.1f} %" in text
    assert score.saw_real
    assert "trained on real crops as well" in text
    assert str(tmp_path) not in text


def test_without_a_model_one_is_trained_on_the_set_alone(synthetic: Path, real: Path, tmp_path: Path) -> None:
    settings = ScoreSettings(epochs=1, threads=1, sample=200)
    score = score_dataset(synthetic, real, out=tmp_path / "out", settings=settings)
    sources = json.loads((tmp_path / "out" / "run" / "settings.json").read_text(encoding="utf-8"))["sources"]
    assert sources.pop("synthetic") == str(synthetic)
    assert not any(sources.values()), "nothing else was trained on"
    assert not score.saw_real
    with pytest.raises(OutputExistsError):
        score_dataset(synthetic, real, out=tmp_path / "out", settings=settings)


def test_real_crops_of_another_class_are_refused(synthetic: Path, tmp_path: Path) -> None:
    other = write_crops(tmp_path / "real", 3, labels=["slider"])
    with pytest.raises(InputError, match="slider"):
        score_dataset(synthetic, other, out=tmp_path / "out", settings=SETTINGS)
    assert not (tmp_path / "out").exists()


def test_the_command_prints_and_writes_what_the_library_finds(
    scored: DatasetScore, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boxwright.toml").write_text("[score]\nthreads = 1\nsample = 200\n", encoding="utf-8")
    words = ["score", scored.dataset, "--real", scored.real_folder, "--model", run, "--out", "out"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0
    assert (tmp_path / "out" / "score.json").read_bytes() == (scored.out / "score.json").read_bytes()
    assert result.stdout == f"{scored.to_text()}\nreport and pictures: out\n"
