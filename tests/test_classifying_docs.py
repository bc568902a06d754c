"""What docs/classifying.md promises: its commands run, in its order, and its tables name what there is."""

import re
import shlex
from pathlib import Path

import pytest

from active.store.store import LabelStore
from model.classifying.columns import Header
from model.evaluation.gallery import MOST_SHOWN
from model.networks.checkpoint import save_model
from model.networks.trained_model import load_model
from model.reading.sources import CONTAINERS
from model.running.predict import PREDICT_CHUNK
from model.streaming.repeats import MOST_REMEMBERED
from model.tables.row_formats import CELL_FORMATS
from tests.crops import draw_crop, write_crops
from tests.test_cli import run
from tests.test_predict import model

TEXT = (Path(__file__).parents[1] / "docs" / "classifying.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.*)boxwright (.+)$", TEXT, flags=re.MULTILINE)


def test_the_commands_run_in_the_order_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_crops(Path("POOL"), 3)
    draw_crop("other", 9).save("POOL/a.png")
    Path("runs/mine").mkdir(parents=True)
    save_model(model(), Path("runs/mine"), training={})
    assert len(COMMANDS) == 9
    for before, command in COMMANDS:
        listed = "\0".join(map(str, sorted(Path("POOL").rglob("*.png")))) if before else None
        code, stdout, stderr = run(*shlex.split(command), listed=listed)
        assert code == 0, f"{command}: {stdout}{stderr}"
    assert {path.name for path in Path().iterdir()} == {
        *("POOL", "runs", "data", "sorted", "report.html"),
        *(f"predictions{ending}" for ending in CELL_FORMATS),
    }
    with LabelStore.open("data/labels.db", create=False) as store:
        assert store.open_items()


def test_columns_and_numbers_are_those_of_the_code() -> None:
    columns = Header.of(load_model(Path("pretrained"))).columns.keys() - {"checked", "other", "unchecked"}
    assert [name for name in columns if f"`{name}`" not in TEXT] == []
    assert [ending for ending in (*CELL_FORMATS, *CONTAINERS) if ending not in TEXT and ending != ".pq"] == []
    assert f"{MOST_REMEMBERED:,} different" in TEXT
    assert f"every {PREDICT_CHUNK} pictures" in TEXT
    assert f"the {MOST_SHOWN} least certain" in TEXT
