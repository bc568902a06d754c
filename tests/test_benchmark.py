import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from base.errors import InputError
from model.export.benchmark import STAGES, benchmark_model
from model.networks.trained_model import load_model
from tests.crops import draw_crop
from tests.test_export import saved


def write_crops(folder: Path, count: int) -> Path:
    for seed in range(count):
        draw_crop("checked", seed).save(folder / f"{seed}.png")
    return folder


def test_all_that_can_be_read_is_measured(tmp_path: Path) -> None:
    write_crops(tmp_path, 6)
    (tmp_path / "broken.png").write_text("no picture")
    result = benchmark_model(load_model(Path("pretrained")), [tmp_path], runtime="torch", threads=2, rounds=2)
    assert (result.images, result.unreadable, result.threads, result.rounds) == (6, 1, 2, 2)
    assert tuple(result.stages) == STAGES
    assert all(rate > 0 for rate in (*result.stages.values(), result.images_per_s, result.floor_per_s))
    assert 0 < result.latency_ms["p50"] <= result.latency_ms["p99"]
    assert result.of_floor == pytest.approx(result.images_per_s / result.floor_per_s, rel=0.9)


def test_pictures_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.raises(InputError, match="none of the pictures"):
        benchmark_model(load_model(Path("pretrained")), [tmp_path])


def test_the_command_prints_json(tmp_path: Path) -> None:
    from cli import app

    saved(tmp_path / "run")
    write_crops(tmp_path, 3)
    arguments = ["benchmark", str(tmp_path / "run"), str(tmp_path), "--rounds", "1", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, json.loads(result.stdout)["images"]) == (0, 3)
