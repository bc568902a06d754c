"""What docs/labelling.md promises: its commands run, in its order, and its keys are those of the labeller."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from active.labelling.keys import LabelSettings, key_map
from active.store.store import LabelStore
from model.networks.checkpoint import save_model
from tests.crops import write_crops
from tests.test_cli import run
from tests.test_predict import model

TEXT = (Path(__file__).parents[1] / "docs" / "labelling.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ boxwright (.+)$", TEXT, flags=re.MULTILINE)


def test_the_commands_run_in_the_order_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_crops(Path("POOL"), 6)
    Path("MODEL").mkdir()
    save_model(model(), Path("MODEL"), training={})
    assert len(COMMANDS) == 12
    for command in COMMANDS:
        if command == "label":
            with LabelStore.open("data/labels.db", create=False) as store:
                for item in store.open_items():
                    store.record(item.item, "label", item.path.parent.name)
            continue
        code, stdout, stderr = run(*shlex.split(command.replace("--epochs 30", "--epochs 1 --threads 1")))
        assert code == 0, f"{command}: {stdout}{stderr}"
    with LabelStore.open("data/labels.db") as store, LabelStore.open("copy.db") as copy:
        assert {(each.item, each.label) for each in copy.labels()} == {
            (each.item, each.label) for each in store.labels()
        }


def test_the_settings_are_settings() -> None:
    [toml] = re.findall(r"^```toml\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    settings = LabelSettings.model_validate(tomllib.loads(toml)["label"])
    keys = key_map(["checked", "unchecked"], settings)
    assert (keys.key_of("skip"), keys.key_of("undo"), keys.classes) == ("x", "u", {"1": "checked", "e": "unchecked"})


def test_every_key_is_explained() -> None:
    shown = {"backspace": "⌫", "left": "←", "right": "→"}
    for key in key_map(["checked"], LabelSettings()).commands:
        assert f"`{shown.get(key, key)}`" in TEXT
