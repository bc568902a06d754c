"""Models that take over by a paired test, the registry that they come into, and the names that it gives them."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from base.errors import InputError, MissingError, ModelError
from model.evaluation.calibration import calibrate
from model.evaluation.compare import PairedCounts
from model.labelled_folders.examples import Example
from model.networks.checkpoint import save_model
from model.networks.model_folders import run_folder
from model.networks.registry_file import REGISTRY_FILE, RegistryEvent, read_registry, registered_names
from model.networks.trained_model import load_model
from model.promoting.promote import promote_model
from model.promoting.promotion_result import PairedTest, PromotionRule
from model.promoting.registry import add_version, check_version, move_alias, roll_back, set_alias
from model.promoting.registry_listing import list_events, list_versions
from model.promoting.registry_settings import PromoteSettings
from model.splitting.overlap import save_seen, sign
from tests.crops import LABELS, write_crops
from tests.test_cli import run
from tests.test_predict import model

RULE = PromotionRule(alpha=0.05, margin=1.0, least_speed=1.1)
ROUNDS = PromoteSettings(rounds=1)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of random weights, of two classes of crops that the first tells apart worst."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (3, 4, 5):
        (folder / f"{seed}").mkdir()
        save_model(model(seed=seed), folder / f"{seed}", training={})
    return folder


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 8)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def counts(both: int, only_this: int, only_other: int, neither: int = 0, *, speed: float = 1.0) -> PairedTest:
    return PairedTest(PairedCounts(both, only_this, only_other, neither), speed, 10, 9)


@pytest.mark.parametrize(
    ("test", "promoted"),
    [
        (counts(900, 20, 4), True),  # better
        (counts(900, 8, 4), False),  # a little better, which may be chance
        (counts(900, 4, 20), False),  # worse
        (counts(2990, 5, 5, speed=1.5), True),  # quicker, and as good
        (counts(2990, 5, 5, speed=1.05), False),  # as good, and hardly quicker
        (counts(95, 0, 0, 5, speed=1.5), False),  # quicker, but of 100 pictures nobody knows how good
        (counts(900, 4, 20, speed=3.0), False),  # quicker and worse
    ],
)
def test_the_rule_asks_for_better_or_for_quicker_at_no_loss(test: PairedTest, promoted: bool) -> None:
    assert RULE.decide(test)[0] is promoted


def test_a_margin_is_of_the_worst_that_the_interval_allows() -> None:
    test = counts(480, 4, 8, speed=2.0)
    worst = -100 * test.interval[0]
    assert PromotionRule(0.05, worst + 0.01, 1.1).decide(test)[0]
    assert not PromotionRule(0.05, worst - 0.01, 1.1).decide(test)[0]


def labelled_by(folder: Path, run_of: Path, crops: Path) -> Path:
    """Crops in folders of what a model says of them: to that model all labels are right."""
    from model.running.predict import predict_files

    paths = sorted(crops.rglob("*.png"))
    for path, found in zip(paths, predict_files(load_model(run_of), paths), strict=True):
        assert found.index is not None
        (folder / LABELS[found.index]).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / LABELS[found.index] / f"{path.parent.name}{path.name}")
    return folder


def test_the_better_model_takes_over_the_worse_is_refused_and_roll_back_goes_step_by_step(
    runs: Path, crops: Path, tmp_path: Path
) -> None:
    labelled = labelled_by(tmp_path / "labelled", runs / "4", crops)
    first = promote_model(runs / "4", labelled, against=runs / "3", settings=ROUNDS)
    assert (first.promoted, first.version) == (True, "v2")
    assert first.test.counts.only_this > 0
    assert first.test.counts.only_other == 0
    refused = promote_model(runs / "5", labelled, settings=ROUNDS)
    assert (refused.promoted, refused.version) == (False, "v2")
    assert load_model("current").fingerprint == load_model(runs / "4").fingerprint
    assert [event.action for event in read_registry(Path("models")).events] == ["begin", "promote", "refused"]
    assert roll_back(Path("models"), "current").version == "v1"
    assert load_model("current").fingerprint == load_model(runs / "3").fingerprint
    with pytest.raises(InputError, match="current stands for v1, and there was nothing before"):
        roll_back(Path("models"), "current")
    again = promote_model(runs / "4", labelled, settings=ROUNDS)
    assert again.version == "v2", "what the registry has is not copied again"


def test_what_a_model_has_learned_does_not_count(runs: Path, crops: Path, tmp_path: Path) -> None:
    labelled = labelled_by(tmp_path / "labelled", runs / "4", crops)
    learned = shutil.copytree(runs / "4", tmp_path / "learned")
    paths = sorted(labelled.rglob("*.png"))
    save_seen(sign([Example(path, path.parent.name, "") for path in paths[:5]], []), learned)
    found = promote_model(learned, labelled, against=runs / "3", settings=ROUNDS, dry_run=True)
    assert (found.left_out, found.test.counts.n) == (5, len(paths) - 5)
    assert not Path("models").exists(), "a dry run writes nothing"
    save_seen(sign([Example(path, path.parent.name, "") for path in paths], []), learned)
    with pytest.raises(InputError, match="all of 24 pictures were learned by one of the models"):
        promote_model(learned, labelled, against=runs / "3", settings=ROUNDS)


def test_the_comparison_is_with_what_would_be_replaced(runs: Path, crops: Path) -> None:
    add = add_version(Path("models"), runs / "3")
    set_alias(Path("models"), "current", add)
    with pytest.raises(InputError, match="current is v1, another model than"):
        promote_model(runs / "4", crops, against=runs / "5", settings=ROUNDS)
    with pytest.raises(InputError, match="is the same model as models/current"):
        promote_model(runs / "3", crops, settings=ROUNDS)


def test_a_version_is_copied_whole_checked_and_never_changed(runs: Path, crops: Path, tmp_path: Path) -> None:
    root = tmp_path / "shelf"
    (runs / "3" / "curves.png").write_bytes(b"curves")
    assert add_version(root, runs / "3") == "v1"
    assert (root / "v1" / "curves.png").read_bytes() == b"curves"
    assert not list(root.glob(".new-*"))
    with pytest.raises(InputError, match="is a version of a registry and stays as it is"):
        calibrate(root / "v1", crops)
    (root / "v1" / "curves.png").write_bytes(b"other")
    with pytest.raises(ModelError, match=r"curves\.png is not what was registered"):
        check_version(root, "v1")
    with pytest.raises(ModelError, match=r"curves\.png is not what was registered"):
        set_alias(root, "current", "v1")
    assert [row[-1][:8] for row in list_versions(root)] == ["damaged:"]


def test_a_name_that_somebody_else_moved_meanwhile_is_left_alone(runs: Path, tmp_path: Path) -> None:
    root = tmp_path / "shelf"
    for seed in (3, 4):
        add_version(root, runs / f"{seed}")
    set_alias(root, "current", "v1")
    late = RegistryEvent(at="", action="promote", alias="current", version="v2", before=None)
    with pytest.raises(InputError, match="current was nothing and has become v1 meanwhile; nothing was changed"):
        move_alias(root, late)
    assert [row[1] for row in list_events(root)] == ["alias"]


def test_a_first_version_that_somebody_is_writing_is_nothing_else(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "shelf" / "v1").mkdir(parents=True)  # renamed, and not yet written down
    assert add_version(tmp_path / "shelf", runs / "3") == "v2"


def test_versions_that_come_in_at_once_get_numbers_of_their_own(runs: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        names = list(pool.map(lambda seed: add_version(tmp_path / "shelf", runs / f"{seed}"), (3, 4, 5)))
    assert sorted(names) == ["v1", "v2", "v3"]
    assert sorted(registered_names(tmp_path / "shelf")) == ["v1", "v2", "v3"]


def test_names_are_taken_wherever_a_model_is_and_a_folder_of_that_name_wins(
    runs: Path, crops: Path, tmp_path: Path
) -> None:
    for root, seed in ((Path("models"), 3), (tmp_path / "shelf", 4)):
        set_alias(root, "current", add_version(root, runs / f"{seed}"))
    prints = {seed: load_model(runs / f"{seed}").fingerprint for seed in (3, 4, 5)}
    named = {"current": 3, "v1": 3, "models/current": 3, "models/v1": 3, f"{tmp_path}/shelf/current": 4}
    assert {name: load_model(name).fingerprint for name in named} == {
        name: prints[seed] for name, seed in named.items()
    }
    code, stdout, _ = run("classify", crops / "checked", "--model", "current")
    assert (code, prints[3] in stdout) == (0, True)
    code, _, stderr = run("classify", crops / "checked", "--model", "canary")
    assert (code, stderr.endswith("; the registry models has current, v1\n")) == (1, True)
    shutil.copytree(runs / "5", "current")
    assert load_model("current").fingerprint == prints[5]
    assert run_folder(Path("models/current")) == Path("models/v1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["promote", "nowhere", "--on", "crops"], "no model nowhere"),
        (["promote", "3", "--on", "nowhere"], "no folder nowhere"),
        (["promote", "3", "--on", "text"], "text is a file"),
        (["promote", "3", "--on", "others"], "class folders that the model does not know: apple, pear"),
        (["promote", "text", "--on", "crops"], "text is a file"),
        (["promote", "3", "--on", "crops", "--registry", "crops"], "crops is no registry and holds something else"),
        (["promote", "3", "--on", "crops", "--registry", "text"], "text is a file"),
        (["promote", "3", "--on", "crops", "--alias", "v7"], "'v7' cannot be a name"),
        (["promote", "3", "--on", "crops", "--alias", "pretrained"], "cannot be a name"),
        (["promote", "3", "--on", "crops", "--margin", "-1"], "margin: Input should be greater"),
        (["models", "list"], "no registry models; `boxwright promote` makes one"),
        (["models", "roll-back"], "no registry models"),
        (["models", "alias", "current", "v1"], "no registry models"),
        (["models", "alias", "current", "v9", "--registry", "shelf"], "unknown version 'v9'; available: v1"),
        (["models", "roll-back", "curent", "--registry", "shelf"], "did you mean current?"),
        (["models", "list", "--registry", "broken"], "broken/registry.json: "),
        (["classify", "crops", "--model", "broken/current"], "broken/registry.json: "),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_wrong_input_is_one_line_that_says_what_to_do(
    words: list[str], message: str, runs: Path, crops: Path, tmp_path: Path
) -> None:
    Path("crops").symlink_to(crops)
    Path("3").symlink_to(runs / "3")
    Path("text").touch()
    write_crops(tmp_path / "others", 2, labels=("apple", "pear"))
    set_alias(Path("shelf"), "current", add_version(Path("shelf"), runs / "3"))
    Path("broken").mkdir()
    Path("broken", REGISTRY_FILE).write_text("{", encoding="utf-8")
    code, _, stderr = run(*words)
    assert (code, stderr.startswith("Error: "), stderr.count("\n")) == (1, True, 1), stderr
    assert message in stderr


def test_the_command_says_what_the_library_says_and_its_exit_code_whether(
    runs: Path, crops: Path, tmp_path: Path
) -> None:
    labelled = labelled_by(tmp_path / "labelled", runs / "4", crops)
    words = ["promote", runs / "4", "--on", labelled, "--against", runs / "3"]
    code, stdout, _ = run(*words, "--dry-run", "--json")
    found = json.loads(stdout)
    assert (code, found["promoted"], found["version"]) == (0, True, None)
    expected = promote_model(runs / "4", labelled, against=runs / "3", settings=ROUNDS, dry_run=True)
    assert found["test"]["interval"] == pytest.approx(expected.test.interval)
    assert run(*words)[0] == 0
    code, stdout, _ = run("promote", runs / "5", "--on", labelled)
    assert (code, "not promoted: neither better" in stdout) == (4, True)
    assert run("models", "alias", "canary", "v1")[1] == "canary is v1\n"
    assert run("models", "roll-back")[1] == "current is v1, no longer v2\n"
    assert [line.split("\t")[1] for line in run("models", "list")[1].splitlines()] == ["canary, current", "-"]
    history = [line.split("\t")[1] for line in run("models", "list", "--history")[1].splitlines()]
    assert history == ["begin", "promote", "refused", "alias", "roll-back"]


def test_a_registry_of_a_newer_version_is_not_misread(tmp_path: Path) -> None:
    (tmp_path / REGISTRY_FILE).write_text('{"format": 2}', encoding="utf-8")
    with pytest.raises(ModelError, match="format 2, but this version of boxwright reads format 1"):
        read_registry(tmp_path)


def test_a_registry_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(MissingError, match="no registry nowhere"):
        roll_back(Path("nowhere"), "current")


def test_the_coverage_of_the_rule_by_chance_alone_is_its_level() -> None:
    """Two models that are as good as one another: how often one of them would take over by the first way."""
    rng = np.random.default_rng(0)
    taken = 0
    for _ in range(500):
        only_this = int(rng.binomial(40, 0.5))
        taken += RULE.decide(counts(400, only_this, 40 - only_this))[0]
    assert taken / 500 < 0.05
