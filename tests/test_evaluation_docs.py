"""What docs/evaluation.md promises: its commands run, in its order."""

import re
import shlex
from pathlib import Path

import pytest

from model.networks.checkpoint import save_model
from tests.crops import write_crops
from tests.test_cli import run
from tests.test_predict import model

TEXT = (Path(__file__).parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ boxwright (.+)$", TEXT, flags=re.MULTILINE)


@pytest.mark.browser
@pytest.mark.usefixtures("kept_worker")
def test_the_commands_run_in_the_order_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_crops(Path("data/real"), 2)
    write_crops(Path("data/held-out"), 17)
    for seed, name in enumerate(("MODEL", "OTHER")):
        Path(name).mkdir()
        save_model(model(seed=seed), Path(name), training={})
    Path("boxwright.toml").write_text("[evaluate]\nsample = 2\nthreads = 1\n")
    assert len(COMMANDS) == 8
    for command in COMMANDS:
        words = shlex.split(command.replace("-n 200", "-n 12 --workers 1").partition(" >")[0])
        code, stdout, stderr = run(*words)
        assert code == 0, f"{command}: {stdout}{stderr}"
    assert "Beside the other model" in Path("evaluation.html").read_text(encoding="utf-8")
