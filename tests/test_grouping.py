from pathlib import Path

import pytest

from base.errors import InputError
from model.labelled_folders.folders import Example, read_examples
from model.splitting import grouping
from model.splitting.grouping import GROUPINGS, hold_out, join, natural_grouping, regroup
from tests.crops import write_crops


def crop(number: int, label: str = "on", group: str = "", family: str = "") -> Example:
    return Example(Path(f"{label}/{number}.png"), label, group or f"{label}/{number}.png", family)


def test_items_that_share_a_key_by_way_of_others_share_a_number() -> None:
    assert join([[("a", "1")], [("a", "1"), ("b", "1")], [("b", "1")], [("b", "2")]]) == [0, 0, 0, 1]
    assert join([]) == []


def test_the_natural_grouping_is_what_the_folder_has() -> None:
    assert natural_grouping([crop(0, family="radio"), crop(1)]) == "family"
    assert natural_grouping([crop(0, group="site"), crop(1, group="site")]) == "group"
    assert natural_grouping([crop(0), crop(1)]) == "visual"


def test_more_pictures_than_can_be_looked_at_are_taken_for_unrelated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_BY_PALETTE", 2)
    assert natural_grouping([crop(0), crop(1), crop(2)]) == "crop"


def test_a_pair_of_one_group_stays_together_even_between_families() -> None:
    examples = [crop(0, group="pair", family="a"), crop(1, group="pair", family="b"), crop(2, family="b"), crop(3)]
    assert [example.group for example in regroup(examples, "family")] == ["a", "a", "a", "on/3.png"]


def test_crops_of_a_group_are_torn_apart_only_where_that_is_asked_for() -> None:
    examples = [crop(0, group="g"), crop(1, group="g")]
    assert len({example.group for example in regroup(examples, "crop")}) == 2
    assert len({example.group for example in regroup(examples, "group")}) == 1


def test_crops_of_equal_name_in_deeper_folders_are_groups_of_their_own() -> None:
    examples = [Example(Path(f"on/{folder}/0.png"), "on", f"on/{folder}/0.png") for folder in ("a", "b")]
    assert len({example.group for example in regroup(examples, "crop")}) == 2


def test_an_unknown_grouping_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="unknown grouping 'visuel'; did you mean visual"):
        regroup([crop(0)], "visuel")


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_grouping_names_a_group_for_each_crop(tmp_path: Path, by: str) -> None:
    write_crops(tmp_path, 3)
    examples = read_examples(tmp_path)
    regrouped = regroup(examples, by)
    assert [example.path for example in regrouped] == [example.path for example in examples]
    assert all(example.group for example in regrouped)


def families(count: int, each: int) -> list[Example]:
    return [crop(n, label, family=f"{label}-{n % count}") for label in ("on", "off") for n in range(count * each)]


def test_whole_families_are_held_out() -> None:
    kept, held_out, by = hold_out(families(10, 4), share=0.2, seed=0)
    assert by == "family"
    assert not {example.family for example in kept} & {example.family for example in held_out}
    assert len(held_out) == 16


def test_with_too_few_families_groups_are_held_out_instead() -> None:
    kept, held_out, by = hold_out(families(1, 20), share=0.2, seed=0)
    assert by == "group"
    assert {example.label for example in held_out} == {example.label for example in kept} == {"on", "off"}


def test_nothing_held_out_needs_no_look_at_the_pictures() -> None:
    examples = [crop(number) for number in range(4)]
    assert hold_out(examples, share=0, seed=0) == (examples, [], "group")
