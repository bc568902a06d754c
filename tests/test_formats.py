import json
from pathlib import Path

import pytest

from base.errors import InputError, MissingError
from generator.crops.manifest import ManifestRow, read_manifest
from generator.datasets.dataset import GenerateSettings
from generator.formats.crop_formats import CROP_FORMATS, read_crops
from tests.families import BOX
from tests.kept_worker import draw

pytestmark = pytest.mark.browser

N = 230
CROPS = [name for name, form in CROP_FORMATS.items() if form.row is ManifestRow]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    doors = BOX.replace('"checked", "unchecked"', '"open", "shut", "ajar"')
    half = '"linear-gradient(" ~ t.ink ~ " 50%, transparent 50%)"'
    doors = doors.replace("t.ink if on", f't.ink if state == "shut" else {half} if state == "ajar"')
    (folder / "door.html").write_text(doors, encoding="utf-8")
    families = ("door", "button_filled", "switch_ios")
    for name in CROPS:
        chosen = GenerateSettings(n=N, workers=1, format=name, templates=folder, families=families)
        draw(folder / name, chosen)
    return folder


@pytest.mark.parametrize("name", CROPS)
def test_every_class_every_row_and_every_byte_survives_a_format_and_back(made: Path, name: str) -> None:
    crops = list(read_crops(made / name))
    expected = list(read_crops(made / "folder"))
    assert [crop.row for crop in crops] == [crop.row for crop in expected] == list(read_manifest(made / name))
    assert [crop.png for crop in crops] == [crop.png for crop in expected]
    assert {crop.row.label for crop in crops} == {"open", "shut", "ajar", "checked", "unchecked", "other"}


def test_hugging_face_reads_class_folders_and_parquet(made: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = {row.file_name: row for row in read_manifest(made / "folder")}
    folder = datasets.load_dataset("imagefolder", data_dir=str(made / "folder"), split="train", cache_dir=str(tmp_path))
    assert sorted(folder["label"]) == sorted(row.label for row in rows.values())
    parquet = datasets.load_dataset(
        "parquet", data_files=str(made / "parquet" / "*.parquet"), split="train", cache_dir=str(tmp_path)
    )
    assert [example["image"].size for example in parquet] == [(row.width, row.height) for row in rows.values()]
    assert json.loads(parquet[0]["theme"]) == next(iter(rows.values())).theme


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library leaves shards open
def test_webdataset_reads_the_tar_shards(made: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    shards = [str(path) for path in sorted((made / "webdataset").glob("*.tar"))]
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("png", "txt", "json"))
    rows = list(read_manifest(made / "webdataset"))
    assert [(image.size, label, row["index"]) for image, label, row in samples] == [
        ((row.width, row.height), row.label, row.index) for row in rows
    ]


def test_a_missing_shard_is_made_again_with_the_same_bytes(made: Path, tmp_path: Path) -> None:
    chosen = GenerateSettings(n=N, workers=1, format="webdataset", families=("switch_ios",))
    draw(tmp_path / "out", chosen)
    before = (tmp_path / "out" / "000000.tar").read_bytes()
    (tmp_path / "out" / "000000.tar").unlink()
    (tmp_path / "out" / ".shards" / "000000.jsonl").unlink()
    draw(tmp_path / "out", chosen, resume=True)
    assert (tmp_path / "out" / "000000.tar").read_bytes() == before


@pytest.mark.parametrize("name", list(CROP_FORMATS))
def test_what_was_deleted_comes_back_with_resume(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    chosen = GenerateSettings(n=4, workers=1, format=name, families=("switch_ios",))
    draw(out, chosen)
    written = sorted(path for path in out.rglob("*") if path.suffix in (".png", ".tar", ".parquet"))
    lost = next(path for path in written if ".card" not in path.parts)
    before = lost.read_bytes()
    lost.unlink()
    draw(out, chosen, resume=True)
    assert lost.read_bytes() == before


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    chosen = GenerateSettings(n=4, workers=1, families=("switch_ios",))
    draw(out, chosen)
    (out / ".shards" / "000000.jsonl").write_text('{"file_name": ', encoding="utf-8")
    with pytest.raises(InputError, match=r"000000\.jsonl is damaged; delete it"):
        draw(out, chosen, resume=True)


def test_bad_requests_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="unknown format 'tar'"):
        draw(tmp_path / "out", GenerateSettings(n=1, format="tar"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingError, match=r"pip install 'boxwright\[parquet\]'"):
        draw(tmp_path / "out", GenerateSettings(n=1, format="parquet"))
    with pytest.raises(MissingError, match=r"no dataset\.json"):
        list(read_crops(tmp_path))


@pytest.mark.parametrize("name", CROPS)
def test_every_format_has_a_card_with_pictures(made: Path, name: str) -> None:
    card = (made / name / "README.md").read_text(encoding="utf-8")
    assert f"--format {name}" in card or name == "folder"
    assert (made / name / ".card" / "crops.png").read_bytes() == (made / "folder" / ".card" / "crops.png").read_bytes()
