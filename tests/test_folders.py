from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import InputError, MissingError
from model.labelled_folders.folders import Example, read_examples, split_by_group


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_examples_are_sorted_and_labelled_by_their_class_folder(tmp_path: Path) -> None:
    touch(tmp_path, "on/b.png", "on/deep/a.png", "off/c.png", "on/notes.txt", "README.md", ".cache/x.png", ".boxwright")
    found = [(example.label, example.path.relative_to(tmp_path).as_posix()) for example in read_examples(tmp_path)]
    assert found == [("off", "off/c.png"), ("on", "on/b.png"), ("on", "on/deep/a.png")]


def test_class_folders_are_read_by_what_their_files_hold_and_it_is_said_what_is_passed_over(
    tmp_path: Path, warned: list[str]
) -> None:
    touch(tmp_path, "on/a.png", "off/b.png", "beside.png", "metadata.jsonl", "README.md")
    (tmp_path / "on" / "c").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "on" / "Thumbs.txt").write_text("text")
    found = [example.path.relative_to(tmp_path).as_posix() for example in read_examples(tmp_path)]
    assert found == ["off/b.png", "on/a.png", "on/c"]
    reasons = "1 beside the class folders (beside.png), 1 text (on/Thumbs.txt)"
    assert warned == [f"{tmp_path}: 2 files passed over: {reasons}"]


def test_a_picture_without_metadata_is_a_group_of_its_own(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "on/b.png")
    assert [example.group for example in read_examples(tmp_path)] == ["on/a.png", "on/b.png"]


def test_groups_come_from_the_metadata_file(tmp_path: Path) -> None:
    touch(tmp_path, "off/a.png", "on/a.png", "on/b.png")
    rows = ['{"file_name": "off/a.png", "group": "pair-1", "family": "x"}', "", '{"file_name": "on/a.png", "group": 1}']
    (tmp_path / "metadata.jsonl").write_text("\n".join([*rows, '{"file_name": "on/b.png"}']))
    assert [example.group for example in read_examples(tmp_path)] == ["pair-1", "1", "on/b.png"]


def test_groups_come_from_a_table_too_and_an_empty_cell_is_no_group(tmp_path: Path) -> None:
    touch(tmp_path, "off/a.png", "on/a.png", "on/b.png", "on/c.png")
    table = "file_name,group,note\noff/a.png,1,x\non/a.png,1,\non/b.png,,y\n"
    (tmp_path / "metadata.csv").write_text(table, encoding="utf-8-sig")
    assert [example.group for example in read_examples(tmp_path)] == ["1", "1", "on/b.png", "on/c.png"]


def test_a_table_without_file_names_is_named_by_its_line(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png")
    (tmp_path / "metadata.csv").write_text("name,group\non/a.png,1\n")
    with pytest.raises(InputError, match=r"metadata.csv: no column file_name in its first line; found name, group"):
        read_examples(tmp_path)


def test_two_metadata_files_are_one_too_many(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "metadata.csv", "metadata.jsonl")
    with pytest.raises(InputError, match=r"metadata.jsonl as well as metadata.csv; keep one"):
        read_examples(tmp_path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "metadata.jsonl:2: is no JSON"),
        ('{"group": 1}', "jsonl:2: file_name is missing; expected the"),
    ],
)
def test_a_damaged_metadata_row_is_named_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    touch(tmp_path, "on/a.png")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "on/a.png"}\n' + row)
    with pytest.raises(InputError, match=message):
        read_examples(tmp_path)


def test_a_missing_folder_is_a_missing_error(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no folder .*nowhere"):
        read_examples(tmp_path / "nowhere")


def test_a_folder_of_loose_pictures_has_no_classes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no class folders in"):
        read_examples(touch(tmp_path, "a.png"))


def test_a_class_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no pictures in class folder .*off"):
        read_examples(touch(tmp_path, "on/a.png", "off/notes.txt"))


def test_a_class_that_the_model_does_not_know_is_named_with_those_it_knows(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "half/a.png")
    with pytest.raises(InputError, match="does not know: half; the model's classes: off, on"):
        read_examples(tmp_path, ["off", "on"])


def pairs(count: int) -> list[Example]:
    """Two crops a group, of either label."""
    return [
        Example(Path(f"{label}/{number}"), label, str(number)) for number in range(count) for label in ("on", "off")
    ]


def test_a_split_holds_out_the_share_of_every_label() -> None:
    examples = [Example(Path(f"a{n}"), "a", f"a{n}") for n in range(100)]
    examples += [Example(Path(f"b{n}"), "b", f"b{n}") for n in range(20)]
    kept, held_out = split_by_group(examples, share=0.4, seed=0)
    assert Counter(example.label for example in held_out) == {"a": 40, "b": 8}
    assert sorted(kept + held_out, key=lambda e: e.path) == sorted(examples, key=lambda e: e.path)


def test_a_split_depends_on_the_seed_and_not_on_the_order() -> None:
    examples = pairs(30)
    first = split_by_group(examples, share=0.3, seed=1)[1]
    assert set(split_by_group(examples[::-1], share=0.3, seed=1)[1]) == set(first)
    assert set(split_by_group(examples, share=0.3, seed=2)[1]) != set(first)


def test_one_big_group_is_kept_when_it_would_overshoot_the_share() -> None:
    examples = [Example(Path(str(n)), "on", "same") for n in range(9)] + [Example(Path("9"), "on", "alone")]
    assert [example.group for example in split_by_group(examples, share=0.1, seed=0)[1]] == ["alone"]


@given(
    groups=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), max_size=60),
    share=st.floats(0, 0.9),
    seed=st.integers(0, 5),
)
def test_no_group_is_ever_on_both_sides(groups: list[tuple[str, int]], share: float, seed: int) -> None:
    examples = [Example(Path(str(n)), label, str(group)) for n, (label, group) in enumerate(groups)]
    kept, held_out = split_by_group(examples, share=share, seed=seed)
    assert not {example.group for example in kept} & {example.group for example in held_out}
    assert len(kept) + len(held_out) == len(examples)
