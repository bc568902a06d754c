from pathlib import Path

import pytest
from pydantic import Field

from base.errors import InputError, MissingError
from base.settings import Settings, load_settings, require_section


class Brew(Settings):
    cups: int = Field(default=2, gt=0)
    kind: str = "green"


def test_flags_win_over_the_file_which_wins_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "boxwright.toml"
    file.write_text('[brew]\ncups = 3\nkind = "black"\n')
    assert load_settings(Brew, "brew", {"cups": 5, "kind": None}, file=file) == Brew(cups=5, kind="black")
    assert load_settings(Brew, "other", {"cups": None}, file=file) == Brew()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[brew]\ncups = 0\n", "cups: Input should be greater than 0"),
        ("[brew]\nsugar = 1\n", "sugar: Extra inputs are not permitted"),
        ("[brew\n", "Expected ']'"),
        ("brew = 3\n", "expected a table"),
    ],
)
def test_a_bad_file_names_file_and_field(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "boxwright.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"boxwright\.toml") as caught:
        load_settings(Brew, "brew", {}, file=file)
    assert message in str(caught.value)


def test_a_file_that_was_named_must_be_there_and_have_the_table(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    with pytest.raises(MissingError, match=r"no file .*mine\.toml"):
        require_section(file, "brew")
    file.write_text("[other]\n")
    with pytest.raises(InputError, match=r"mine\.toml has no table \[brew\]; it has other"):
        require_section(file, "brew")
    with pytest.raises(InputError, match="is a folder; a TOML file is needed"):
        require_section(tmp_path, "brew")
    require_section(file, "other")
    require_section(None, "brew")


def test_settings_cannot_change_once_validated() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Brew().cups = 9  # type: ignore[misc]  # what the test is about
