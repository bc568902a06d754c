"""What docs/fifteen-minutes.md and docs/stopping.md promise: the commands run in their order, the settings are some."""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

from active.loop.loop import LoopSettings
from active.store.store import LabelStore
from tests.crops import write_crops
from tests.test_cli import run

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = re.findall(r"^\$ boxwright (.+)$", (DOCS / "fifteen-minutes.md").read_text(encoding="utf-8"), re.MULTILINE)


def oracle(place: str) -> None:
    with LabelStore.open(place, create=False) as store:
        for number, item in enumerate(store.open_items()):
            store.record(item.item, "label", "other" if number == 0 else item.path.name.partition("-")[0])


def test_the_commands_run_in_the_order_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("screens").mkdir()
    for path in sorted(write_crops(Path("known"), 8).rglob("*.png")):
        shutil.copy(path, Path("screens", f"{path.parent.name}-{path.name}"))
    Path("boxwright.toml").write_text("[loop.fine_tuning]\nepochs = 1\n")
    assert len(COMMANDS) == 8
    said = ""
    for command in COMMANDS:
        if command == "label":
            oracle("data/labels.db")
            continue
        code, out, errors = run(*shlex.split(command))
        assert code == 0, f"{command}: {out}{errors}"
        said += out
        if command == "loop screens -n 40" and "wait for a label" in out:
            oracle("data/labels.db")
            run(*shlex.split(command))
    assert "24 images wait for a label" in said
    assert Path("before.csv").read_text().count("\n") == Path("after.csv").read_text().count("\n") == 25
    assert len(list(Path("labelled").rglob("*.png"))) == 24


def test_the_settings_are_the_defaults() -> None:
    [toml] = re.findall(r"^```toml\n(.*?)^```", (DOCS / "stopping.md").read_text(encoding="utf-8"), re.M | re.S)
    assert LoopSettings.model_validate(tomllib.loads(toml)["loop"]) == LoopSettings()
