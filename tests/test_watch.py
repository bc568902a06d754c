"""Watching what is classified: the tests' levels, planted shifts, references in files, and what the command says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ImageOps
from scipy.stats import ks_2samp

from active.watching.foreign_cluster import find_foreign_cluster
from active.watching.observation import ObservedPictures, load_observation, observe_pictures, save_observation
from active.watching.two_samples import Dealing, energy_distances, largest_steps, share_distances
from active.watching.watch import WatchSettings, compare_observations, list_lately
from base.errors import InputError, ModelError
from base.intervals import holm
from model.gap.measures import STATISTICS
from model.networks.checkpoint import save_model
from model.networks.trained_model import load_model
from tests.crops import draw_crop
from tests.test_cli import run
from tests.test_predict import model

QUICK = WatchSettings(permutations=499)


def observed(count: int, *, seed: int, shift: float = 0.0, of: int | None = None, classes: int = 3) -> ObservedPictures:
    """Rows of noise; the first `of` of them, or all, are shifted in features and in the answers."""
    rng = np.random.default_rng([seed, classes])
    moved = np.arange(count) < (count if of is None else of)
    features = rng.normal(size=(count, 8)) + shift * moved[:, None]
    raw = rng.exponential(size=(count, classes))
    raw[moved, 0] += 3 * abs(shift)
    statistics = rng.normal(size=(count, len(STATISTICS)))
    statistics[moved, 6] += shift
    return ObservedPictures(
        "model",
        tuple("abcdefg"[:classes]),
        tuple(Path(f"{number}.png") for number in range(count)),
        features.astype(np.float32),
        (raw / raw.sum(1, keepdims=True)).astype(np.float32),
        statistics.astype(np.float32),
    )


def dealing(first: int, second: int, count: int = 199, seed: int = 0) -> Dealing:
    return Dealing.of(first, second, count=count, rng=np.random.default_rng(seed))


def test_the_statistics_are_those_of_the_literature() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(size=(12, 3)), rng.normal(size=(20, 3)).round(1) + 0.5
    both = np.concatenate([ours, theirs]).astype(np.float32)
    apart = np.linalg.norm(both[:, None] - both[None], axis=2)
    expected = 2 * apart[:12, 12:].mean() - apart[:12, :12].mean() - apart[12:, 12:].mean()
    assert energy_distances(both, dealing(12, 20))[0] == pytest.approx(expected, rel=1e-4)
    steps = largest_steps(both, dealing(12, 20))
    for column in range(3):
        assert steps[column, 0] == pytest.approx(ks_2samp(both[:12, column], both[12:, column]).statistic, abs=1e-6)
    classes = np.array([0] * 6 + [2] * 6 + [0] * 15 + [2] * 5)
    shares = {0: (6 / 12 - 15 / 20) ** 2 / (21 / 32), 2: (6 / 12 - 5 / 20) ** 2 / (11 / 32)}
    assert share_distances(classes, dealing(12, 20))[0] == pytest.approx(sum(shares.values()), rel=1e-4)


def test_holm_s_correction_is_that_of_the_literature() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


def test_a_p_value_counts_the_dealings_that_are_no_less() -> None:
    assert dealing(5, 5).p_value(np.array([2.0, 1.0, 2.0, 3.0])) == 0.75
    assert dealing(5, 5).p_value(np.array([9.0, *range(9)])) == 0.1


def test_alarms_are_as_rare_as_the_level_says_where_nothing_changed() -> None:
    settings = WatchSettings(permutations=99, alpha=0.2)
    alarms = sum(
        bool(compare_observations(observed(40, seed=seed), observed(60, seed=1000 + seed), settings=settings).alarms)
        for seed in range(60)
    )
    assert alarms <= 20, "twelve are expected at most"


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_what_has_moved_raises_its_alarms_whatever_the_number_of_classes(classes: int) -> None:
    found = compare_observations(
        observed(60, seed=0, shift=2.0, classes=classes), observed(80, seed=1, classes=classes), settings=QUICK
    )
    assert set(found.alarms) == {"features", "predictions", "confidence", "properties"}
    assert found.tests[3].changes[0].name == "luminance"
    assert {change.name for change in found.tests[1].changes} == set("abcd"[:classes])
    assert (found.tests[1].changes[0].name, found.tests[1].changes[0].lately) == ("a", 1.0)
    assert found.to_text().endswith("alarm: features, predictions, confidence, properties")
    assert json.loads(json.dumps(found.to_dict()))["tests"][0]["alarm"] is True


def test_the_most_foreign_cluster_is_what_was_planted() -> None:
    late, known = observed(100, seed=0, shift=4.0, of=25), observed(200, seed=1)
    found = find_foreign_cluster(late, known, rng=np.random.default_rng(0))
    assert found is not None
    assert len(set(found.members) & set(range(25))) / len(found.members) > 0.9
    assert found.in_reference <= 2


def test_the_same_seed_gives_the_same_figures_and_another_draws_anew() -> None:
    late, known = observed(50, seed=0), observed(50, seed=1)
    results = [
        compare_observations(late, known, settings=WatchSettings(seed=seed, permutations=199)).to_text()
        for seed in (0, 0, 1)
    ]
    assert results[0] == results[1] != results[2]


def test_too_few_pictures_and_two_models_are_refused() -> None:
    with pytest.raises(InputError, match="29 different pictures of late; 30 are needed"):
        compare_observations(observed(29, seed=0), observed(40, seed=1))
    with pytest.raises(InputError, match="1 different picture of the reference; 30 are needed"):
        compare_observations(observed(30, seed=0), observed(1, seed=1))
    other = ObservedPictures("other", *list(vars(observed(40, seed=1)).values())[1:])
    with pytest.raises(InputError, match="the reference is by model other, not by model"):
        compare_observations(observed(40, seed=0), other)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, crops to refer to, others like them, and those again in dark mode."""
    folder = tmp_path_factory.mktemp("watched")
    for name in ("run", "pool", "late", "dark"):
        (folder / name).mkdir()
    save_model(model(), folder / "run", training={})
    for seed in range(25):
        for label in ("checked", "unchecked"):
            draw_crop(label, seed).save(folder / "pool" / f"{label}{seed}.png")
            drawn = draw_crop(label, 1000 + seed)
            drawn.save(folder / "late" / f"{label}{seed}.png")
            ImageOps.invert(drawn).save(folder / "dark" / f"{label}{seed}.png")
    return folder


@pytest.fixture(autouse=True)
def there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def watch(*words: str | Path) -> tuple[int, str, str]:
    return run("watch", *words, "--model", "run")


def test_the_command_is_quiet_where_nothing_changed_and_says_what_did(tmp_path: Path) -> None:
    code, stdout, _ = watch("late", "--reference", "pool")
    assert (code, stdout.splitlines()[-1]) == (0, "quiet, at a level of 0.01 for all tests")
    words = ["--reference", "pool", "-o", tmp_path / "found.json", "--report", tmp_path / "page.html"]
    code, stdout, _ = watch("dark", *words)
    assert code == 4
    assert "luminance: " in stdout
    assert "most foreign: " in stdout
    found: dict[str, Any] = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["alarms"] == stdout.splitlines()[-1].removeprefix("alarm: ").split(", ")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/png") >= 10
    assert Path(found["foreign"]["pictures"][0]).name in page


def test_a_reference_is_kept_beside_the_model_and_needs_its_pictures_no_more() -> None:
    code, _, stderr = watch("late")
    assert (code, "no reference run/reference.npz; name a folder of pictures with --reference" in stderr) == (1, True)
    assert watch("--reference", "pool", "--save-reference", "run/reference.npz")[::2] == (
        0,
        "50 pictures in run/reference.npz\n",
    )
    assert watch("dark")[0] == 4
    loaded = load_model("run")
    kept = load_observation(Path("run/reference.npz"), loaded)
    fresh = observe_pictures(loaded, sorted(Path("pool").iterdir()))
    assert kept.features == pytest.approx(fresh.features, rel=1e-3, abs=1e-3)
    assert (kept.paths, kept.classes) == (fresh.paths, fresh.classes)
    Path("run/reference.npz").unlink()


def test_a_table_of_classify_names_the_pictures(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    assert run("classify", "dark", "--model", "run", "-o", table)[0] == 0
    assert list(list_lately([table])) == sorted(Path("dark").iterdir())
    assert watch(table, "--reference", "pool")[0] == 4


def test_stated_limits_raise_an_alarm_too() -> None:
    code, stdout, _ = watch("late", "--reference", "pool", "--least-per-s", "1e9", "--most-ms", "1e9")
    assert (code, stdout.splitlines()[-1]) == (4, "alarm: pictures a second")
    assert "ms a picture, 99th percentile: " in stdout


def test_a_reference_of_another_model_or_something_else_is_refused(tmp_path: Path) -> None:
    save_observation(observed(40, seed=0), tmp_path / "other.npz")
    with pytest.raises(InputError, match="is a reference of model model, not of "):
        load_observation(tmp_path / "other.npz", load_model("run"))
    (tmp_path / "broken.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match="is no reference of `boxwright watch --save-reference`"):
        load_observation(tmp_path / "broken.npz", load_model("run"))


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "name pictures that were classified lately"),
        (["late", "--reference", "nowhere"], 1, "no reference nowhere"),
        (["nowhere", "--reference", "pool"], 1, "nowhere"),
        (["nowhere.csv", "--reference", "pool"], 1, "no table nowhere.csv"),
        (["late/checked0.png", "--reference", "pool"], 1, "1 different picture of late; 30 are needed"),
        (["late", "--reference", "empty"], 1, "empty"),
        (["late", "--reference", "pool", "--report", "pool"], 1, "pool is a folder"),
        (["late", "--reference", "pool", "--save-reference", "kept.txt"], 1, "ends in .npz"),
        (["late", "--reference", "pool", "--alpha", "2"], 1, "alpha: Input should be less than 1"),
        (["broken", "--reference", "pool"], 1, "none of 2 pictures can be read"),
        (["columns.csv", "--reference", "pool"], 1, "no column path"),
        (["lost.csv", "--reference", "pool"], 1, "no picture gone.png"),
    ],
)
def test_wrong_input_is_one_line(words: list[str], code: int, message: str) -> None:
    Path("empty").mkdir(exist_ok=True)
    Path("broken").mkdir(exist_ok=True)
    for name in "ab":
        Path("broken", f"{name}.png").write_bytes(f"no picture {name}".encode())
    Path("columns.csv").write_text("file\na.png\n", encoding="utf-8")
    Path("lost.csv").write_text("path\ngone.png\n", encoding="utf-8")
    found, _, stderr = watch(*words)
    assert (found, message in stderr) == (code, True), stderr


def test_pictures_that_cannot_be_read_are_counted_and_told_by_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    code, stdout, _ = watch("late", tmp_path / "bad.png", "--reference", "pool")
    assert (code, "could not be read: 1 picture\n" in stdout) == (3, True)
