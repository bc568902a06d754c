from pathlib import Path

import pytest

from base.errors import InputError, MissingError, OutputExistsError
from base.files import atomic_open, claim_folder, existing_folder, write_text


def test_a_failed_write_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), atomic_open(path) as file:
        file.write(b"half of the n")
        _ = 1 / 0
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.txt"]


def test_a_non_empty_folder_is_refused_until_something_is_said(tmp_path: Path) -> None:
    out = claim_folder(tmp_path / "out")
    (out / "a").touch()
    with pytest.raises(OutputExistsError, match="--resume or --overwrite"):
        claim_folder(out)
    assert (claim_folder(out, resume=True) / "a").exists()
    assert not (claim_folder(out, overwrite=True) / "a").exists()


def test_overwrite_never_deletes_what_boxwright_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InputError, match="was not written by boxwright"):
        claim_folder(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.doc").exists()


def test_a_file_is_no_output_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(InputError, match="is a file"):
        claim_folder(tmp_path / "a")


def test_an_input_folder_must_be_there_and_be_one(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(MissingError, match="no folder"):
        existing_folder(tmp_path / "b")
    with pytest.raises(InputError, match="is a file"):
        existing_folder(tmp_path / "a")


def test_a_folder_of_somebody_else_is_not_resumed_and_two_wishes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"was not written by boxwright .* so --resume leaves it alone"):
        claim_folder(tmp_path, resume=True)
    with pytest.raises(InputError, match="give one of them"):
        claim_folder(tmp_path, resume=True, overwrite=True)
    assert (tmp_path / "mine.txt").exists()
