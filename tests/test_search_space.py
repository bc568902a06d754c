"""What a study may try."""

from pathlib import Path

import optuna
import pytest

from base.errors import InputError, MissingError
from model.learning.training_settings import TrainSettings
from model.tuning.search_space import FIXED, read_space
from model.tuning.tune_settings import DEFAULT_SPACE

SPACE = """
[train]
epochs = 3
[space]
optimizer = ["adamw", "sgd"]
learning_rate = { from = 0.001, to = 0.01, log = true }
batch_size = { from = 16, to = 64, step = 16 }
[times.optimizer.sgd]
learning_rate = 15
"""


def space_file(folder: Path, text: str = SPACE) -> Path:
    path = folder / "space.toml"
    path.write_text(text)
    return path


def test_the_default_space_is_sound_and_covers_what_matters() -> None:
    space = read_space(DEFAULT_SPACE)
    wanted = {"backbone", "optimizer", "learning_rate", "weight_decay", "batch_size", "loss", "real_share"}
    assert wanted | {f"augment_{kind}" for kind in ("place", "colour", "damage")} <= space.space.keys()
    assert not space.space.keys() & set(FIXED)


def test_what_is_drawn_is_multiplied_where_a_choice_asks_for_it(tmp_path: Path) -> None:
    space = read_space(space_file(tmp_path))
    drawn = {"optimizer": "sgd", "learning_rate": 0.002, "batch_size": 32}
    assert space.draw(optuna.trial.FixedTrial(drawn)) == drawn | {"learning_rate": 0.03}
    drawn["optimizer"] = "adamw"
    assert space.draw(optuna.trial.FixedTrial(drawn)) == drawn
    TrainSettings.model_validate(space.train | space.settings_of(drawn))


def test_the_defaults_are_begun_with_as_far_as_the_space_holds_them(tmp_path: Path) -> None:
    space = read_space(space_file(tmp_path))
    assert space.start(TrainSettings()) == {"optimizer": "adamw", "learning_rate": 0.003, "batch_size": 32}
    begun = space.start(TrainSettings(optimizer="sgd", learning_rate=0.045, batch_size=33))
    assert begun == {"optimizer": "sgd", "learning_rate": pytest.approx(0.003)}
    assert space.start(TrainSettings(optimizer="nadam")) == {"learning_rate": 0.003, "batch_size": 32}


def test_settings_that_play_no_part_are_left_out(tmp_path: Path) -> None:
    space = read_space(space_file(tmp_path)).without(("optimizer",))
    assert (list(space.space), space.times) == (["learning_rate", "batch_size"], {})
    with pytest.raises(InputError, match="plays no part"):
        space.without(("learning_rate", "batch_size"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("optimizer =", "optimiser =", "unknown setting in .*'optimiser'; did you mean optimizer?"),
        ("optimizer =", "seed = [1, 2]\noptimizer =", r"space\.seed: trials share it"),
        ('"adamw"', '"adamww"', "unknown optimizer 'adamww'; did you mean adamw"),
        ('"adamw", "sgd"', '"sgd"', "one value is no choice"),
        ("from = 0.001", "from = 0.1", "from must be less than to"),
        ("from = 0.001", "from = 0.0", "log is for numbers above 0"),
        ("from = 16", "from = 0", "batch_size = 0.*greater than or equal to 1"),
        ("optimizer.sgd", "optimizer.rmsprop", "does not offer optimizer = 'rmsprop'"),
        ("learning_rate = 15", "epochs = 15", "has no range of that name"),
        ("epochs = 3", "epochs = 0", "epochs"),
        ("[space]", "[spaces]", "space: Field required"),
        ("[space]", "[space", "Expected"),
    ],
)
def test_a_space_that_is_not_sound_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_space(space_file(tmp_path, SPACE.replace(old, new, 1)))
    assert "space.toml" in str(caught.value)


def test_a_space_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no file .*none\.toml"):
        read_space(tmp_path / "none.toml")
