import shutil
from pathlib import Path

import pytest

from base.errors import InputError, MissingError
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings
from generator.datasets.rerender import rerender
from tests.families import BOX
from tests.kept_worker import draw

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rerender")
    (folder / "mine.html").write_text(BOX, encoding="utf-8")
    families = ("mine", "switch_ios", "chip_plain")
    draw(folder / "set", GenerateSettings(n=230, seed=3, workers=2, templates=folder, families=families))
    return folder


@pytest.mark.usefixtures("rendered_by_studio")
def test_crops_of_every_page_come_out_with_the_same_bytes(made: Path) -> None:
    rows = list(read_manifest(made / "set"))
    for row in (rows[0], rows[77], rows[-1]):
        result = rerender(made / "set", row.file_name, templates=made)
        assert result.same
        assert result.png == (made / "set" / row.file_name).read_bytes()


def test_a_picture_that_was_changed_or_lost_is_said(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made / "set", tmp_path / "set")
    first, second, *_ = read_manifest(copy)
    (copy / first.file_name).write_bytes((copy / second.file_name).read_bytes())
    with pytest.raises(InputError, match="is not the picture that the manifest describes"):
        rerender(copy, first.file_name, templates=made)
    (copy / second.file_name).unlink()
    with pytest.raises(MissingError, match="in the manifest but not among the pictures"):
        rerender(copy, second.file_name, templates=made)


def test_families_that_are_not_here_are_named(made: Path) -> None:
    row = next(read_manifest(made / "set"))
    with pytest.raises(InputError, match=r"families that are not here \(mine\); add --templates"):
        rerender(made / "set", row.file_name)


def test_a_changed_family_is_named(made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text(BOX.replace("2px", "3px"), encoding="utf-8")
    row = next(read_manifest(made / "set"))
    with pytest.raises(InputError, match=r"families have changed since .*: mine"):
        rerender(made / "set", row.file_name, templates=tmp_path)


def test_what_is_not_there_is_said(made: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no crop checked/x\.png"):
        rerender(made / "set", "checked/x.png", templates=made)
    with pytest.raises(MissingError, match=r"no dataset\.json"):
        rerender(tmp_path, "checked/x.png")
    (tmp_path / "dataset.json").write_bytes((made / "set" / "dataset.json").read_bytes())
    with pytest.raises(MissingError, match=r"no metadata\.jsonl"):
        rerender(tmp_path, "checked/x.png")
