import pytest
from pydantic import ValidationError

from active.labelling.keys import COMMANDS, LabelSettings, key_map
from base.errors import InputError


def test_digits_come_first_then_letters_that_are_no_commands() -> None:
    keys = key_map([str(number) for number in range(29)], LabelSettings())
    assert "".join(keys.classes) == "1234567890abceghijklmoprtuvxy"
    assert keys.classes["1"] == "0"


def test_more_classes_than_keys_are_refused() -> None:
    with pytest.raises(InputError, match="30 classes, but only 29 keys"):
        key_map([str(number) for number in range(30)], LabelSettings())


def test_keys_can_be_given_to_classes_and_commands() -> None:
    settings = LabelSettings(keys={"skip": "X"}, classes={"on": "s"})
    keys = key_map(["off", "on"], settings)
    assert keys.classes == {"1": "off", "s": "on"}
    assert (keys.key_of("skip"), keys.commands["x"]) == ("x", "skip")
    assert set(keys.commands.values()) == set(COMMANDS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (LabelSettings(classes={"on": "s"}), "key s is given to both skip and on"),
        (LabelSettings(keys={"skip": "d"}), "key d is given to both skip and discard"),
        (LabelSettings(classes={"onn": "o"}), "unknown class 'onn'; did you mean on"),
    ],
)
def test_a_key_given_twice_or_to_nothing_is_refused(settings: LabelSettings, message: str) -> None:
    with pytest.raises(InputError, match=message):
        key_map(["off", "on"], settings)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"keys": {"skp": "x"}}, "did you mean skip"),
        ({"graphics": "sixels"}, "did you mean sixel"),
        ({"keys": {"skip": " "}}, "the space bar is called space"),
    ],
)
def test_settings_name_what_is_wrong(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        LabelSettings.model_validate(values)
