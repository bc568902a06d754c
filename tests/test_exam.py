import json
from collections import Counter
from pathlib import Path

import pytest

from base.errors import InputError
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.exam import ExamSettings, write_exam
from generator.datasets.rerender import rerender
from tests.kits import CSS, install_kit, write_kit


@pytest.fixture
def kits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    for name in ("kit", "other"):
        install_kit(write_kit(tmp_path / "templates", name=name), name=name)
    return tmp_path / "templates"


@pytest.mark.browser
def test_an_exam_is_even_and_its_pages_do_not_depend_on_those_before(kits: Path, tmp_path: Path) -> None:
    write_exam(tmp_path / "exam", ExamSettings(n=230, templates=kits, workers=1))
    rows = list(read_manifest(tmp_path / "exam"))
    for counts in (Counter(row.label for row in rows), Counter(row.family.partition("/")[0] for row in rows)):
        assert min(counts.values()) > 230 / len(counts) / 1.5
    assert {row.family.partition("/")[0] for row in rows} == {"kit", "other"}
    assert rows[-1].page == 1
    assert rerender(tmp_path / "exam", rows[-1].file_name, templates=kits).same


@pytest.mark.browser
def test_a_crop_of_a_library_is_rendered_again_until_the_library_changes(kits: Path, tmp_path: Path) -> None:
    settings = GenerateSettings(n=9, seed=2, workers=1, templates=kits, families=("kit/checkbox", "switch_ios"))
    generate(tmp_path / "set", settings)
    described = json.loads((tmp_path / "set" / "dataset.json").read_text())
    assert described["versions"]["kit"] == "1.0.0"
    row = next(row for row in read_manifest(tmp_path / "set") if row.family == "kit/checkbox")
    assert rerender(tmp_path / "set", row.file_name, templates=kits).same
    install_kit(kits, css=CSS + "i {}")
    with pytest.raises(InputError, match=r"families have changed since .*: kit/checkbox$"):
        rerender(tmp_path / "set", row.file_name, templates=kits)


def test_without_libraries_an_exam_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="no library is installed; `boxwright libraries add --all`"):
        write_exam(tmp_path / "exam", ExamSettings())
    with pytest.raises(InputError, match="library bootstrap is not installed"):
        write_exam(tmp_path / "exam", ExamSettings(libraries=("bootstrap",)))
    assert not (tmp_path / "exam").exists()
