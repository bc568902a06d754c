"""A scanner with networks, though untrained ones: it goes to other processes whole, and its command runs."""

import pickle
from pathlib import Path

import pytest
import torch
from PIL import Image

from model.finder_learning.finder_folder import save_finder
from model.finder_learning.finder_network import FinderNetwork
from model.finding.finder_files import Belief
from model.finding.scanner import load_scanner
from model.scanning.scan import ScanSettings, scan_to_table
from tests.scanners import draw_screen, some_widgets, write_screens
from tests.test_cli import run


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finder")
    torch.manual_seed(0)
    save_finder(FinderNetwork().eval(), folder, belief=Belief(least=-9.0, least_hint=-9.0, bias=4.0), training={})
    return folder


def test_a_scanner_that_was_pickled_finds_the_same_without_its_files(finder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in finder.iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    scanner = load_scanner("pretrained", finder=moved)
    screen = draw_screen(some_widgets(3))
    expected, packed = scanner.scan(screen, min_confidence=0.0), pickle.dumps(scanner)
    for path in moved.iterdir():
        path.unlink()
    found = pickle.loads(packed)
    assert found.scan(screen, min_confidence=0.0) == expected
    assert expected
    assert (found.fingerprint, found.states) == (scanner.fingerprint, ("checked", "unchecked"))


def test_the_command_writes_what_the_scanner_finds(
    finder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shots = write_screens(Path("shots"), 2)
    code, stdout, _ = run("scan", shots, "-m", "pretrained", "--finder", finder, "--min-confidence", "0")
    scanner = load_scanner("pretrained", finder=finder)
    result = scan_to_table(scanner, [shots], output="out.csv", settings=ScanSettings(min_confidence=0))
    assert (code, stdout) == (0, Path("out.csv").read_text())
    screens = [Image.open(path).convert("RGB") for path in shots.rglob("*.png")]
    assert result.widgets == sum(len(scanner.scan(screen, min_confidence=0)) for screen in screens) > 0
