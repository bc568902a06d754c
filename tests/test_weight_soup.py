from pathlib import Path

import pytest
import torch

from base.errors import InputError
from model.adapting.weight_soup import average_runs
from model.networks.checkpoint import save_model
from model.networks.trained_model import load_model
from tests.test_checkpoint import model, saved


def test_a_soup_has_the_mean_of_all_weights_and_batch_statistics(tmp_path: Path) -> None:
    runs = [saved(tmp_path / str(seed), seed) for seed in (1, 2, 4)]
    (tmp_path / "soup").mkdir()
    soup = average_runs(runs, tmp_path / "soup")
    assert load_model(tmp_path / "soup").fingerprint == soup.fingerprint
    states = [load_model(run).network.state_dict() for run in runs]
    for name, tensor in load_model(tmp_path / "soup").network.state_dict().items():
        if tensor.is_floating_point():
            assert torch.allclose(tensor, sum(state[name] for state in states) / 3, atol=1e-6)


def test_a_soup_of_one_is_that_one(tmp_path: Path) -> None:
    run = saved(tmp_path / "run")
    (tmp_path / "soup").mkdir()
    assert average_runs([run], tmp_path / "soup").fingerprint == load_model(run).fingerprint


def test_what_is_not_alike_or_nothing_is_refused(tmp_path: Path) -> None:
    run, other = saved(tmp_path / "run"), tmp_path / "other"
    other.mkdir()
    save_model(model(classes=("off", "on", "other")), other, training={})
    with pytest.raises(InputError, match="other classes"):
        average_runs([run, other], tmp_path)
    with pytest.raises(InputError, match="no runs"):
        average_runs([], tmp_path)
