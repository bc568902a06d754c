"""`boxwright train --finder`: a finder that there is, taught on annotated screenshots."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from base.errors import InputError
from model.finder_learning import finder_tuning
from model.finder_learning.finder_training import FinderSettings
from model.finder_learning.finder_tuning import tune_finder
from model.finding.finder import load_finder
from model.finding.finder_files import PRETRAINED_FINDER
from model.networks.model_folders import PRETRAINED_FOLDER, WEIGHTS
from tests.squares import BOXES, draw_screen
from tests.test_cli import run

TINY = ("--steps", "1", "--batch-size", "1", "--threads", "1")
QUICK = FinderSettings(steps=1, batch_size=1, threads=1)


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where there is neither boxwright.toml nor a run of the developer's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "mine", BOXES)


def write_coco(folder: Path, boxes: Sequence[tuple[int, int, int, int]], *, listed: int = 4, left: int = 0) -> Path:
    """Draw a screen with boxes, and annotate the first of them."""
    folder.mkdir()
    placed = [(x + left, y, width, height) for x, y, width, height in boxes]
    draw_screen(*placed).save(folder / "a.png")
    annotations = [
        {"id": index, "image_id": 0, "category_id": index % 2, "bbox": box} for index, box in enumerate(placed[:listed])
    ]
    names = ("checkbox unchecked", "checkbox checked")
    coco = {
        "images": [{"id": 0, "file_name": "a.png", "width": 900, "height": 700}],
        "categories": [{"id": index, "name": name} for index, name in enumerate(names)],
        "annotations": annotations,
    }
    (folder / "annotations.json").write_text(json.dumps(coco))
    return folder


def test_the_command_does_what_the_library_does_and_what_it_writes_finds(mine: Path) -> None:
    code, stdout, stderr = run("train", "--finder", mine, "--out", "runs/cli", "--seed", "3", *TINY)
    library = tune_finder([mine], out=Path("library"), settings=QUICK.model_copy(update={"seed": 3}))
    said = "a finder; 1 step on 4 widgets of 1 screen; how sure it is, left as it was"
    assert (code, stdout, stderr) == (0, f"runs/cli: {said}\n", "")
    assert library.summary == f"library: {said}"
    assert (Path("runs/cli") / WEIGHTS).read_bytes() == (Path("library") / WEIGHTS).read_bytes()
    assert load_finder("runs/cli").card.belief == load_finder().card.belief
    assert load_finder("runs/cli").card.training["init"] == load_finder().card.fingerprint
    code, rows, _ = run("scan", mine / "a.png", "--finder", "runs/cli", "--model", "pretrained")
    assert (code, rows.startswith("path,kind,state,")) == (0, True)
    code, text, _ = run("evaluate", "--screens", mine, "--finder", "runs/cli")
    assert (code, text.partition(";")[0]) == (0, "4 widgets on 1 screen")


def test_the_finder_in_the_box_is_what_it_begins_with_unless_another_is_named(mine: Path) -> None:
    for out, init in (("a", ()), ("b", ("--init", "pretrained")), ("c", ("--init", PRETRAINED_FINDER))):
        assert run("train", "--finder", mine, "--out", out, *init, *TINY)[0] == 0
    assert (
        (Path("a") / WEIGHTS).read_bytes() == (Path("b") / WEIGHTS).read_bytes() == (Path("c") / WEIGHTS).read_bytes()
    )
    assert run("train", "--finder", mine, "--out", "d", "--init", "a", *TINY)[0] == 0
    assert load_finder("d").card.training["init"] == load_finder("a").card.fingerprint


def test_settings_come_from_their_own_section_and_several_sets_are_taken(mine: Path, tmp_path: Path) -> None:
    Path("boxwright.toml").write_text("[train]\nepochs = 5\n\n[finder]\nsteps = 2\nbatch_size = 1\n")
    other = write_coco(tmp_path / "other", BOXES[:2], listed=2, left=9)
    code, stdout, _ = run("train", "--finder", mine, "--finder", other, "--out", "out")
    assert (code, stdout.partition("; how")[0]) == (0, "out: a finder; 2 steps on 6 widgets of 2 screens")


def test_how_sure_to_be_is_fitted_on_what_is_held_out(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder_tuning, "LEAST_HELD_OUT", 2)
    val = write_coco(tmp_path / "val", BOXES, listed=2, left=50)
    stages: list[str] = []

    def bar(stage: str) -> Callable[[int, int], None]:
        stages.append(stage)
        return lambda done, total: None

    barely = QUICK.model_copy(update={"learning_rate": 1e-9})
    tuned = tune_finder([mine], out=Path("out"), settings=barely, val=val, on_progress=bar)
    assert tuned.summary.endswith("; how sure it is, fitted on 2 widgets held out")
    assert stages == ["training", "fitting how sure to be"]
    before, after = load_finder().card.belief, load_finder("out").card.belief
    assert (before.least, before.doubt) == (after.least, after.doubt)
    assert before.bias != after.bias


def test_what_is_held_out_is_not_trained_on_and_is_enough(mine: Path, tmp_path: Path) -> None:
    few = write_coco(tmp_path / "few", BOXES, left=50)
    with pytest.raises(InputError, match="few: 4 widgets, but at least 50 say how sure to be"):
        tune_finder([mine], out=Path("out"), settings=QUICK, val=few)
    with pytest.raises(InputError, match="mine: 1 of 1 screen would be trained on as well"):
        tune_finder([mine], out=Path("out"), settings=QUICK, val=mine)
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--finder", "nowhere"), "no folder nowhere"),
        (("--finder", "."), ".: has no annotations.json or screens.jsonl, which say where the widgets are"),
        (("--finder", "mine", "--init", "nowhere"), "no finder nowhere; leave it out for the one in the box"),
        (
            ("--finder", "mine", "--init", str(PRETRAINED_FOLDER)),
            f"{PRETRAINED_FOLDER} is not a finder's folder: it has no finder.json",
        ),
        (
            ("--finder", "mine", "--real", "crops", "--epochs", "3", "--resume"),
            "--epochs, --real, --resume: not for --finder, which takes --init, --init-share, --batch-size, "
            "--learning-rate, --seed, --threads, --steps, --val, --out and --overwrite",
        ),
        (
            ("--synthetic", "crops", "--steps", "3"),
            "--steps is for --finder; without it, --epochs says how long to train",
        ),
        (("--finder", "mine", "--out", "mine"), "mine is not empty"),
    ],
)
def test_what_cannot_be_is_one_line(words: tuple[str, ...], message: str, mine: Path) -> None:
    code, stdout, stderr = run("train", *words)
    assert (code, stdout) == (1, "")
    assert stderr.startswith(f"Error: {message}")
    assert stderr.count("\n") == 1
    assert not Path("runs").exists()


def test_pictures_that_are_missing_broken_or_of_another_size_are_named(mine: Path) -> None:
    picture, out = mine / "a.png", ("--out", "out", *TINY)
    content = picture.read_bytes()
    picture.unlink()
    assert run("train", "--finder", mine, *out)[2] == f"Error: {picture}: no such file or directory\n"
    picture.write_bytes(content[:2000])
    assert run("train", "--finder", mine, *out)[2].startswith(f"Error: {picture}: ")
    draw_screen(size=(90, 70)).save(picture)
    message = f"Error: {picture}: has 90 x 70 px, and the set says 900 x 700 px\n"
    assert run("train", "--finder", mine, *out)[::2] == (1, message)


def test_screens_that_show_no_widget_teach_nothing(tmp_path: Path) -> None:
    bare = write_coco(tmp_path / "bare", BOXES, listed=0)
    code, _, stderr = run("train", "--finder", bare, *TINY)
    assert (code, stderr) == (1, "Error: no screenshot shows a widget: there is nothing to learn from\n")
