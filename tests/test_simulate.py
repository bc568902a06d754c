import json
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from active.replay.near_copies import write_copies
from active.replay.replay import BASELINE
from active.replay.simulate import SimulateSettings, simulate
from active.replay.simulation_result import Simulation
from base.errors import InputError, OutputExistsError
from model.labelled_folders.folders import read_examples
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry
from tests.crops import LABELS, write_crops


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a pool, a group of its own for each crop, and a model of random weights."""
    pool = write_crops(tmp_path / "pool", 8)
    names = [path.relative_to(pool).as_posix() for path in sorted(pool.rglob("*.png"))]
    # Two pictures a group: then the groups of the metadata count, not the looks of these few crops.
    rows = [json.dumps({"file_name": name, "group": name[-6:]}) for name in names]
    (pool / "metadata.jsonl").write_text("\n".join(rows))
    run = tmp_path / "run"
    run.mkdir()
    network = build_backbone("tiny", classes=3).eval()
    save_model(Model(network, LABELS, Geometry(), "tiny"), run, training={})
    return tmp_path


def run(place: Path, out: str = "out", *, resume: bool = False, overwrite: bool = False, **given: object) -> Simulation:
    settings = SimulateSettings.model_validate(
        {"strategies": ("margin",), "rounds": 2, "batch": 3, "seeds": 2, "pull": 1.0, **given}
    )
    return simulate(
        place / "pool",
        place / "run",
        out=place / out,
        settings=settings,
        resume=resume,
        overwrite=overwrite,
    )


def test_every_arm_is_replayed_beside_plain_random(place: Path) -> None:
    result = run(place, strategies=("margin", "disagreement"))
    assert {arm.arm for arm in result.arms} == {BASELINE, "margin", "disagreement"}
    assert all(arm.curve.labels == (0, 3, 6) for arm in result.arms)
    assert len({arm.curve.accuracy[0] for arm in result.arms}) == 1


def test_result_drawing_and_page_are_written(place: Path) -> None:
    result = run(place)
    assert json.loads((place / "out" / "simulation.json").read_text())["target"] == result.target
    with Image.open(place / "out" / "curves.png") as curves:
        assert curves.width > 300
    page = (place / "out" / "report.html").read_text()
    assert "random/plain" in page
    assert "data:image/png" in page


def test_a_stopped_simulation_goes_on_and_comes_to_the_same(place: Path) -> None:
    whole = run(place)
    replays = sorted((place / "out" / "replays").iterdir())
    assert len(replays) == 4
    before = replays[0].stat().st_mtime_ns
    replays[-1].unlink()
    assert run(place, resume=True) == whole
    assert replays[0].stat().st_mtime_ns == before
    assert replays[-1].exists()


def test_more_strategies_can_be_added_later(place: Path) -> None:
    first = run(place)
    more = run(place, resume=True, strategies=("margin", "entropy"))
    assert {arm.arm for arm in more.arms} == {BASELINE, "margin", "entropy"}
    kept = {arm.arm: arm.curve for arm in more.arms}
    assert all(kept[arm.arm] == arm.curve for arm in first.arms)


def test_another_question_is_no_resumption(place: Path) -> None:
    run(place)
    with pytest.raises(InputError, match="was begun with another batch; choose another folder, or --overwrite"):
        run(place, resume=True, batch=2)
    with pytest.raises(OutputExistsError):
        run(place)
    assert run(place, overwrite=True, batch=2).arms[0].curve.labels == (0, 2, 4)


def test_copies_join_the_pool_but_not_the_test_part(place: Path) -> None:
    plain, copied = run(place), run(place, "copied", copies=3)
    assert copied.test_sizes == plain.test_sizes
    assert copied.pool_sizes == tuple(3 * size for size in plain.pool_sizes)


def test_copies_are_other_pictures_of_the_same_group_and_come_out_the_same(place: Path, tmp_path: Path) -> None:
    examples = read_examples(place / "pool")[:2]
    first, second = (
        write_copies(examples, tmp_path / name, copies=2, on_progress=lambda _done, _total: None) for name in "ab"
    )
    assert [example.group for example in first] == [example.group for example in examples for _ in range(2)]
    assert first[1].path.read_bytes() == second[1].path.read_bytes() != first[0].path.read_bytes()


@pytest.mark.parametrize("layers", ["all", "last"])
def test_true_mode_trains_from_the_warm_start(place: Path, layers: str) -> None:
    tuning = {"epochs": 1, "synthetic_per_epoch": 6, "layers": layers}
    result = run(place, strategies=("margin",), rounds=1, batch=6, mode="true", fine_tuning=tuning)
    assert {arm.curve.labels for arm in result.arms} == {(0, 6)}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("strategies", ("margn",), "did you mean margin"),
        ("seeds", 1, "greater than or equal to 2"),
        ("mode", "x", "fast"),
    ],
)
def test_settings_that_make_no_sense_are_refused(field: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SimulateSettings.model_validate({field: value})


def test_plain_random_is_always_there() -> None:
    assert SimulateSettings().strategies[0] == BASELINE
    assert SimulateSettings(strategies=("badge",)).strategies == (BASELINE, "badge")


def test_the_baseline_alone_is_drawn_too_and_one_panel_keeps_its_size(place: Path) -> None:
    run(place, strategies=())
    with Image.open(place / "out" / "curves.png") as curves:
        assert curves.width == pytest.approx(3.4 * 150, abs=2)
    assert ".chart { width: auto; max-width: 100%; }" in (place / "out" / "report.html").read_text()
