"""Training a finder, from known screenshots to the folder that finds."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from base.errors import InputError, ModelError
from model.finder_learning.belief_fit import save_belief
from model.finder_learning.finder_folder import read_finder_network
from model.finder_learning.finder_training import FinderSettings, train_finder
from model.finder_learning.known_screens import read_known_screens
from model.finding.finder import Finder, load_finder
from model.finding.finder_files import FINDER_FILE, PRETRAINED_FINDER
from model.finding.scanner import load_scanner
from model.networks.model_folders import WEIGHTS
from tests.test_tiles import known_screen

SETTINGS = FinderSettings(steps=2, batch_size=2, seed=4)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    screens = [known_screen((300, 200, 20, 20), (420, 260, 40, 20))]
    first, again = (train_finder(screens, out=tmp_path / name, settings=SETTINGS) for name in ("a", "b"))
    assert (first / WEIGHTS).read_bytes() == (again / WEIGHTS).read_bytes()
    assert len(Finder(first).card.fingerprint) == 16


def test_a_training_goes_on_from_the_finder_in_the_box(tmp_path: Path) -> None:
    settings = FinderSettings(steps=1, batch_size=1, init=PRETRAINED_FINDER, init_share=0.9)
    tuned = train_finder([known_screen((300, 200, 20, 20))], out=tmp_path / "run", settings=settings)
    before, after = (read_finder_network(folder).head.weight for folder in (PRETRAINED_FINDER, tuned))
    assert 0 < float((before - after).detach().abs().max()) < 0.01
    assert Finder(tuned).card.belief == load_finder().card.belief


def test_screens_without_a_widget_teach_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no screenshot shows a widget"):
        train_finder([known_screen()], out=tmp_path / "run", settings=SETTINGS)


def test_the_graph_in_the_box_answers_as_its_network_does() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (1, 64, 96, 3), np.uint8)
    with torch.no_grad():
        expected = read_finder_network(PRETRAINED_FINDER)(torch.from_numpy(picture).permute(0, 3, 1, 2).float() / 255)
    assert np.allclose(load_finder()._answers(picture[0]), expected[0].numpy(), atol=1e-4)


def test_a_band_of_a_large_picture_answers_nearly_as_the_whole_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = load_finder()
    pixels = np.asarray(Image.effect_noise((256, 640), 40).convert("RGB"))
    whole = finder._answers(pixels)
    monkeypatch.setattr("model.finding.finder.BAND_PX", 256 * 192)
    banded = finder._answers(pixels)
    assert banded.shape == whole.shape
    assert float(np.abs(banded - whole).mean()) < 0.3


def test_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    (_copy(tmp_path) / WEIGHTS).write_bytes(b"0" * 100)
    with pytest.raises(ModelError, match=FINDER_FILE):
        read_finder_network(tmp_path)


def test_a_finder_of_changed_weights_does_not_begin_to_look(tmp_path: Path) -> None:
    finder = _copy(tmp_path)
    content = bytearray((finder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (finder / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match=f"{WEIGHTS} is damaged, or belongs to another {FINDER_FILE}"):
        load_finder(finder)


def test_scanners_that_believe_otherwise_have_other_fingerprints(tmp_path: Path) -> None:
    finder = _copy(tmp_path)
    before = load_scanner(finder=finder).fingerprint
    save_belief(finder, load_finder(finder).card.belief.model_copy(update={"bias": 0.0}))
    assert load_scanner(finder=finder).fingerprint != before == load_scanner().fingerprint


def test_screens_whose_widgets_are_not_all_listed_are_passed_over_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = {"width": 40, "height": 30, "widgets": [{"box": [4, 4, 12, 12], "kind": "radio", "state": "checked"}]}
    rows = [known | {"file": f"{name}.png", "complete": name == "whole"} for name in ("whole", "part")]
    (tmp_path / "screens.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        Image.new("RGB", (40, 30)).save(tmp_path / str(row["file"]))
    (screen,) = read_known_screens(tmp_path)
    assert screen.image().size == (40, 30)
    assert "1 screen passed over, not all widgets of which are listed" in caplog.text


def _copy(folder: Path) -> Path:
    for path in PRETRAINED_FINDER.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
