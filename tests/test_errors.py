import pickle

import pytest

from base import errors


@pytest.mark.parametrize("name", [name for name in vars(errors) if name.endswith("Error")])
def test_every_error_is_a_boxwright_error_and_travels_between_processes(name: str) -> None:
    error = getattr(errors, name)("what went wrong")
    assert isinstance(error, errors.BoxwrightError)
    assert str(pickle.loads(pickle.dumps(error))) == "what went wrong"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [("InputError", ValueError), ("MissingError", FileNotFoundError), ("BrowserError", RuntimeError)],
)
def test_errors_are_also_the_fitting_builtin(error: str, builtin: type) -> None:
    assert issubclass(getattr(errors, error), builtin)


def test_unknown_choice_names_the_closest_and_all() -> None:
    message = str(errors.unknown_choice("backbone", "resnet19", ["small", "resnet18"]))
    assert message == "unknown backbone 'resnet19'; did you mean resnet18? available: resnet18, small"


def test_of_a_large_catalogue_only_the_closest_names_are_listed() -> None:
    names = [f"family_{number}" for number in range(300)]
    message = str(errors.unknown_choice("family", "famly_12", names))
    assert message.startswith("unknown family 'famly_12'; did you mean family_12? closest of 300: family_12, ")
    assert len(message) < 200
