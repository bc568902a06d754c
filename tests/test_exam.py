import json
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from base.errors import InputError
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.exam import ExamSettings, write_exam
from generator.datasets.preview import CAPTION_PX, write_preview
from generator.datasets.rerender import rerender
from generator.libraries.installed import load_library_families
from tests.kits import CSS, EMPTY_WHEN_MIXED, install_kit, write_kit

pytestmark = pytest.mark.usefixtures("kept_worker")


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


@pytest.mark.browser
def test_what_is_left_out_is_the_same_for_any_number_of_workers_and_after_a_resume(kits: Path, tmp_path: Path) -> None:
    install_kit(kits, css=EMPTY_WHEN_MIXED)
    settings = ExamSettings(n=500, templates=kits, libraries=("kit",), workers=1)
    summary = write_exam(tmp_path / "one", settings)
    write_exam(tmp_path / "two", settings.model_copy(update={"workers": 2}))
    assert summary.rejected + summary.pictures == 500
    for name in ("000001.jsonl", "000001.rejected.jsonl"):
        (tmp_path / "two" / ".shards" / name).unlink()
    write_exam(tmp_path / "two", settings, resume=True)
    one, two = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.*")
         if path.is_file()}
        for name in ("one", "two")
    )  # fmt: skip
    assert one == two
    rejected = [json.loads(line) for line in one["rejected.jsonl"].splitlines()]
    assert len(rejected) == summary.rejected > 10
    assert {row["family"] for row in rejected} == {"kit/checkbox"}


@pytest.mark.browser
def test_a_preview_says_how_many_are_left_out(kits: Path, tmp_path: Path) -> None:
    def caption(css: str, name: str) -> bytes:
        install_kit(kits, name=name, css=css)
        write_preview(load_library_families((name,), folder=kits), tmp_path / "out.png")
        with Image.open(tmp_path / "out.png") as image:
            return image.crop((0, 0, 500, CAPTION_PX)).tobytes()

    assert caption(CSS, "kit").count(b"\x22") < caption(EMPTY_WHEN_MIXED, "other").count(b"\x22")


def test_without_libraries_an_exam_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="no library is installed; `boxwright libraries add --all`"):
        write_exam(tmp_path / "exam", ExamSettings())
    with pytest.raises(InputError, match="library bootstrap is not installed"):
        write_exam(tmp_path / "exam", ExamSettings(libraries=("bootstrap",)))
    assert not (tmp_path / "exam").exists()
