"""Drawing beside other work: the same bytes, in order, and no more than is asked for."""

from pathlib import Path

import pytest

from base.errors import InputError
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.drawing_ahead import drawing_ahead
from tests.kept_worker import draw
from tests.test_dataset import FAMILIES, fingerprint


def write_name(folder: Path, text: str, *, resume: bool) -> None:
    """Stand for what draws: a folder with one file."""
    if text == "bad":
        raise InputError("bad settings")
    folder.mkdir(exist_ok=resume)
    (folder / "text").write_text(text)


def test_folders_are_drawn_in_order_and_waited_for(tmp_path: Path) -> None:
    wanted = [(tmp_path / name, (write_name, name)) for name in ("a", "b")]
    with drawing_ahead(wanted) as drawing:
        assert (drawing.wait_for(tmp_path / "b") / "text").read_text() == "b"
        assert (tmp_path / "a" / "text").read_text() == "a"


def test_what_drawing_raises_is_raised_where_the_folder_is_waited_for(tmp_path: Path) -> None:
    with drawing_ahead([(tmp_path / "a", (write_name, "bad"))]) as drawing, pytest.raises(InputError, match="bad set"):
        drawing.wait_for(tmp_path / "a")


def test_after_an_error_nothing_more_is_begun(tmp_path: Path) -> None:
    wanted = [(tmp_path / str(number), (write_name, "x")) for number in range(200)]
    with pytest.raises(InputError, match="stop"), drawing_ahead(wanted):
        raise InputError("stop")
    assert len(list(tmp_path.iterdir())) < 200


@pytest.mark.browser
def test_crops_drawn_beside_other_work_have_the_same_bytes(tmp_path: Path) -> None:
    settings = GenerateSettings(n=12, seed=3, workers=1, families=FAMILIES)
    draw(tmp_path / "alone", settings)
    with drawing_ahead([(tmp_path / "beside", (generate, settings))]) as drawing:
        beside = drawing.wait_for(tmp_path / "beside")
    assert fingerprint(beside) == fingerprint(tmp_path / "alone")
