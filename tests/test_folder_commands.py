"""What the commands say of labelled folders, and that all of them read the same ones."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from model.labelled_folders.folder_inspection import inspect_folder
from tests.crops import draw_crop, write_crops
from tests.encodings import save

ROOT = Path(__file__).parents[1]
STATES = ("checked", "unchecked")


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def splits(tmp_path: Path) -> Path:
    for number, (split, count) in enumerate({"train": 6, "val": 2, "test": 3}.items()):
        write_crops(tmp_path / "set" / split, count, labels=STATES, first_seed=100 * number)
    return tmp_path / "set"


def png(label: str, seed: int) -> bytes:
    content = io.BytesIO()
    draw_crop(label, seed).save(content, "PNG")
    return content.getvalue()


def write_tar(folder: Path, count: int, *, first_seed: int = 0) -> Path:
    """Write samples of a picture and a text, as other programs' shards have them; one has no label."""
    folder.mkdir(parents=True)
    with tarfile.open(folder / "000.tar", "w") as tar:
        for seed in range(first_seed, first_seed + count):
            for label in STATES:
                parts = {"png": png(label, seed), "txt": label.encode()}
                for ending, content in parts.items() if seed or label != "checked" else [("png", parts["png"])]:
                    member = tarfile.TarInfo(f"{label}-{seed}.{ending}")
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
    return folder


def write_parquet(folder: Path, count: int) -> Path:
    """Write what `datasets` does with ClassLabel: labels are numbers, and the schema has their names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    rows = [(label, seed) for seed in range(count) for label in STATES]
    features = {"image": {"_type": "Image"}, "label": {"names": list(STATES), "_type": "ClassLabel"}}
    table = pa.table(
        {
            "image": [{"bytes": png(label, seed), "path": None} for label, seed in rows],
            "label": [STATES.index(label) for label, _ in rows],
        }
    )
    note = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(note), folder / "train-00000-of-00001.parquet")
    return folder


def test_inspect_prints_what_the_library_finds(splits: Path) -> None:
    report = inspect_folder(splits)
    assert run("inspect", splits) == (0, report.to_text() + "\n", "")
    assert "splits: train 12, validation 4 (in val), test 6" in report.to_text()
    code, stdout, _ = run("inspect", splits, "--json")
    assert (code, json.loads(stdout)) == (0, report.to_dict())
    assert json.loads(stdout)["splits"] == {"train": 12, "validation": 4, "test": 6}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "no folder"), ("empty", "no class folders in"), ("file.png", "is a file; a folder is needed"),
        ("flat", "and its 1 picture has no label"), ("broken", "000.tar: is not a sound tar file"),
        ("sample", "two labels, 'off' and 'on'"),
    ],
)  # fmt: skip
def test_inspect_names_what_is_no_labelled_folder(tmp_path: Path, name: str, message: str) -> None:
    for folder in ("empty", "flat", "broken", "sample"):
        (tmp_path / folder).mkdir()
    for file in ("file.png", "flat/a.png"):
        (tmp_path / file).write_bytes(png("checked", 1))
    (tmp_path / "broken" / "000.tar").write_bytes(b"no tar" * 200)
    with tarfile.open(tmp_path / "sample" / "000.tar", "w") as tar:
        for ending, content in {"png": png("checked", 1), "txt": b"on", "json": b'{"label": "off"}'}.items():
            member = tarfile.TarInfo(f"a.{ending}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    code, stdout, stderr = run("inspect", tmp_path / name)
    assert (code, stdout) == (1, "")
    assert message in stderr
    assert stderr.count("\n") == 1


def test_inspect_loads_neither_torch_nor_matplotlib(splits: Path) -> None:
    script = (
        "import sys\nimport cli\nsys.argv = ['boxwright', 'inspect', sys.argv[1]]\n"
        "try:\n    cli.main()\nexcept SystemExit: pass\n"
        "print({'torch', 'matplotlib', 'sklearn', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(splits)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("test 6\nset()\n")


def test_training_learns_and_validates_by_the_splits_and_says_what_it_leaves_out(
    splits: Path, tmp_path: Path, warned: list[str]
) -> None:
    out = tmp_path / "run"
    words = ["--real", splits, "--backbone", "tiny", "--epochs", "1", "--threads", "1", "--out", out]
    code, stdout, _ = run("train", *words)
    assert (code, "tiny for checked, unchecked;" in stdout) == (0, True)
    assert warned == [
        f"{splits}: splits: train 12, validation 4 (in val), test 6",
        f"{splits}: train 12 trained on, validation 4 validated on, test 6 left out",
    ]
    recorded = json.loads((out / "settings.json").read_text(encoding="utf-8"))
    assert recorded["held_out_by"] == "split"
    code, stdout, _ = run("evaluate", out, splits)
    assert (code, "on 6 pictures" in stdout) == (0, True)
    assert warned[-1] == f"{splits}: used here: test; left out: train 12, validation 4"


def test_folds_are_dealt_without_the_test_split(splits: Path, tmp_path: Path, warned: list[str]) -> None:
    code, _, _ = run("split", splits, "--folds", "2", "--by", "crop", "--out", tmp_path / "split.csv")
    assert (code, warned[-1]) == (0, f"{splits}: used here: train, validation; left out: test 6")
    named = (tmp_path / "split.csv").read_text(encoding="utf-8")
    assert named.count("\n") == 17
    assert "test/" not in named


def test_one_class_in_two_spellings_over_two_folders_is_refused(tmp_path: Path) -> None:
    write_crops(tmp_path / "drawn", 2, labels=STATES)
    write_crops(tmp_path / "real", 2, labels=("Checked", "unchecked"))
    code, _, stderr = run("train", "--synthetic", tmp_path / "drawn", "--real", tmp_path / "real")
    assert code == 1
    assert "the classes 'Checked' and 'checked' differ in their spelling alone" in stderr


def test_pictures_of_shards_are_named_by_their_shard_and_not_by_where_they_were_unpacked_to(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pictures = [save(draw_crop("checked", seed), "PNG") for seed in range(2)]
    table = pa.table({"image": pictures, "label": ["on", "off"]})
    (tmp_path / "set").mkdir()
    for split in ("train", "test"):
        pq.write_table(table, tmp_path / f"set/{split}-00000-of-00001.parquet")
    code, stdout, _ = run("inspect", tmp_path / "set")
    first = "test-00000-of-00001.parquet/000000 (test) and train-00000-of-00001.parquet/000000 (train)"
    assert (code, f"2 pictures are in two splits, as {first}" in stdout) == (0, True)


@pytest.mark.slow
def test_tar_shards_and_parquet_are_read_by_training_evaluation_and_splits(tmp_path: Path, warned: list[str]) -> None:
    drawn = write_tar(tmp_path / "drawn", 8)
    code, stdout, _ = run("inspect", drawn)
    assert code == 0
    assert "15 pictures, 1 shard\nclasses: checked 7, unchecked 8\n" in stdout
    assert "1 file passed over: 1 without a label (000.tar/checked-0)" in stdout
    words = ["--backbone", "tiny", "--epochs", "1", "--threads", "1", "--out", tmp_path / "run"]
    assert run("train", "--synthetic", drawn, *words)[0] == 0
    tables = write_parquet(tmp_path / "tables", 5)
    code, stdout, _ = run("evaluate", tmp_path / "run", tables)
    assert (code, "on 10 pictures" in stdout) == (0, True)
    assert warned[-1].startswith(f"{tables}: splits: train 10 (in train-00000-of-00001.parquet)")
    code, stdout, _ = run("split", tables, "--folds", "2", "--by", "crop", "--out", tmp_path / "split.csv")
    assert (code, "in another fold too: 0 as exact copies" in stdout) == (0, True)
    assert "train-00000-of-00001.parquet/000003,unchecked," in (tmp_path / "split.csv").read_text(encoding="utf-8")
    assert run("evaluate", tmp_path / "run", tables, "--split", tmp_path / "split.csv", "--fold", "0")[0] == 0
    report = tmp_path / "report.html"
    assert run("evaluate", tmp_path / "run", tables, "--report", report)[0] == 0
    real = write_crops(tmp_path / "real", 12, labels=STATES, first_seed=50)
    code, stdout, _ = run("score", drawn, "--real", real, "--model", tmp_path / "run", "--out", tmp_path / "score")
    assert (code, f"report and pictures: {tmp_path / 'score'}" in stdout) == (0, True)
    assert '"000.tar/' in (tmp_path / "score" / "score.json").read_text(encoding="utf-8")


def test_shards_that_change_are_unpacked_again(tmp_path: Path) -> None:
    folder = write_tar(tmp_path / "drawn", 2)
    assert inspect_folder(folder).classes == {"checked": 1, "unchecked": 2}
    (folder / "000.tar").unlink()
    write_tar(tmp_path / "more", 3, first_seed=1)
    (tmp_path / "more" / "000.tar").rename(folder / "000.tar")
    assert inspect_folder(folder).classes == {"checked": 3, "unchecked": 3}


def test_shards_that_only_look_like_splits_are_said_and_numbers_are_none(tmp_path: Path) -> None:
    for names, said in (
        (("train_set-0.tar", "test_set-0.tar"), "test_set-0.tar, train_set-0.tar"),
        (("fold0.tar", "fold1.tar"), "fold0.tar, fold1.tar"),
        (("part-0.tar", "part-1.tar"), ""),
    ):
        folder = tmp_path / names[0]
        folder.mkdir()
        for seed, name in enumerate(names):
            (write_tar(tmp_path / name / "one", 2, first_seed=10 * seed) / "000.tar").rename(folder / name)
            (tmp_path / name / "one").rmdir()
        remarks = (f"shards called like splits are used together: {said}",) if said else ()
        assert inspect_folder(folder).remarks == remarks


def test_a_split_file_that_labels_a_picture_otherwise_is_refused(tmp_path: Path) -> None:
    write_crops(tmp_path / "real", 4, labels=STATES)
    out = tmp_path / "split.csv"
    assert run("split", tmp_path / "real", "--folds", "2", "--by", "crop", "--out", out)[0] == 0
    out.write_text(out.read_text().replace("checked/0000.png,checked", "./checked\\0000.png,unchecked", 1))
    code, _, stderr = run("train", "--real", tmp_path / "real", "--split", out, "--fold", "0")
    assert code == 1
    assert "labels 1 picture otherwise than" in stderr
    assert "as checked/0000.png: unchecked there, checked in the folder" in stderr


def test_labels_are_imported_from_splits_of_class_folders(splits: Path, tmp_path: Path, warned: list[str]) -> None:
    code, stdout, _ = run("labels", "import", splits, "--store", tmp_path / "labels.db")
    assert (code, stdout) == (0, "22 new, 0 known already; 0 images disputed\nclasses: checked 11, unchecked 11\n")
    assert warned == [f"{splits}: splits: train 12, validation 4 (in val), test 6"]
    run("labels", "export", tmp_path / "out", "--store", tmp_path / "labels.db")
    assert inspect_folder(tmp_path / "out").classes == {"checked": 11, "unchecked": 11}


def test_an_exported_name_that_is_replaced_is_said_on_stderr(tmp_path: Path) -> None:
    write_crops(tmp_path / "theirs", 1, labels=("checked",))
    (tmp_path / "theirs" / "checked" / "0000.png").rename(tmp_path / "theirs" / "checked" / "val.png")
    run("labels", "import", tmp_path / "theirs", "--store", tmp_path / "labels.db")
    words = ["labels", "export", str(tmp_path / "out"), "--store", str(tmp_path / "labels.db")]
    done = subprocess.run([sys.executable, ROOT / "cli.py", *words], capture_output=True, text=True, check=True)
    assert done.stdout == f"1 labelled image in {tmp_path / 'out'}\n"
    assert "1 picture, val.png, is called by its content" in done.stderr
