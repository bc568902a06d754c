import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from active.exchange.idx_import import import_idx, read_idx
from base.errors import InputError, MissingError
from model.labelled_folders.folders import read_folder
from tests.test_cli import run


def write_idx(path: Path, values: np.ndarray, *, kind: int = 8) -> Path:
    content = bytes([0, 0, kind, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def clothes(folder: Path, *, count: int = 6, ending: str = "") -> tuple[Path, Path]:
    """Grey pictures of 28 x 28 whose first pixel is their number, of three labels in turn."""
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 0, 0] = np.arange(count)
    labels = (np.arange(count) % 3).astype(np.uint8)
    return write_idx(folder / f"images{ending}", pixels), write_idx(folder / f"labels{ending}", labels)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_pictures_lie_in_the_folders_of_their_classes(tmp_path: Path, ending: str) -> None:
    images, labels = clothes(tmp_path, ending=ending)
    (tmp_path / "names.txt").write_text("coat\nankle boot\nbag\n")
    result = import_idx(images, labels, tmp_path / "out", names=tmp_path / "names.txt")
    assert str(result) == f"6 pictures in {tmp_path / 'out'}: ankle boot 2, bag 2, coat 2"
    report = read_folder(tmp_path / "out")
    assert (report.classes, report.notes()) == ({"ankle boot": 2, "bag": 2, "coat": 2}, ())
    assert [Image.open(tmp_path / "out" / "bag" / f"{n}.png").getpixel((0, 0)) for n in (2, 5)] == [2, 5]


def test_classes_without_names_are_called_by_their_numbers(tmp_path: Path) -> None:
    assert import_idx(*clothes(tmp_path), tmp_path / "out").classes == {"0": 2, "1": 2, "2": 2}


def test_pictures_in_colour_keep_their_colours(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "images", np.full((2, 5, 9, 3), (9, 8, 7), np.uint8))
    labels = write_idx(tmp_path / "labels", np.zeros(2, np.uint8))
    import_idx(images, labels, tmp_path / "out")
    shown = Image.open(tmp_path / "out" / "0" / "1.png")
    assert (shown.size, shown.getpixel((0, 0))) == ((9, 5), (9, 8, 7))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no IDX file: it begins with nothing"),
        (b"\x89PNG", "is no IDX file: it begins with 89 50 4e 47"),
        (b"\0\0\x0d\x01\0\0\0\0", "values of type 0x0d"),
        (b"\0\0\x08\x03\0\0", "ends within its head, after 6 bytes"),
        (b"\0\0\x08\x01\0\0\0\x05abc", "says 5 and should hold 5 values, but holds 3"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + b"a", "4294967295 x 4294967295 x 4294967295"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x01a", mtime=0)[:-6], "compressed by gzip, and damaged"),
        (b"\x1f\x8bnonsense", "compressed by gzip, and damaged"),
    ],
)
def test_a_damaged_file_is_refused_with_what_is_wrong(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_idx(tmp_path / "file")


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    images, labels = clothes(tmp_path)
    few = write_idx(tmp_path / "few", np.zeros(5, np.uint8))
    with pytest.raises(InputError, match=r"has 6 pictures, but .*few 5 labels"):
        import_idx(images, few, tmp_path / "out")
    with pytest.raises(InputError, match="name the file of pictures first"):
        import_idx(labels, images, tmp_path / "out")
    with pytest.raises(InputError, match="labels have one"):
        import_idx(images, images, tmp_path / "out")
    with pytest.raises(MissingError, match="no IDX file"):
        import_idx(tmp_path / "none", labels, tmp_path / "out")
    with pytest.raises(InputError, match="is a folder"):
        import_idx(tmp_path, labels, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "says"),
    [("a\nb\n", "has 2 names, but .* a label 2"), ("T-shirt/top\nb\nc\n", "slash"), ("a\na\nc\n", "named twice")],
)
def test_names_that_will_not_do_are_refused(tmp_path: Path, names: str, says: str) -> None:
    (tmp_path / "names.txt").write_text(names)
    with pytest.raises(InputError, match=says):
        import_idx(*clothes(tmp_path), tmp_path / "out", names=tmp_path / "names.txt")


def test_the_command_imports_and_refuses_in_one_line(tmp_path: Path) -> None:
    images, labels = clothes(tmp_path)
    code, out, _ = run("import-idx", images, labels, tmp_path / "out")
    assert (code, out) == (0, f"6 pictures in {tmp_path / 'out'}: 0 2, 1 2, 2 2\n")
    code, _, error = run("import-idx", images, labels, tmp_path / "out")
    assert (code, "is not empty" in error, error.count("\n")) == (1, True, 1)
    assert run("import-idx", images, labels, tmp_path / "out", "--overwrite")[0] == 0
