import os
import random
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from generator.families.words import SCRIPTS, draw_words

UNICODE_NAMES = {"chinese": "CJK", "japanese": ("CJK", "HIRAGANA", "KATAKANA"), "korean": "HANGUL"}


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_each_script_mostly_writes_its_own_characters(name: str) -> None:
    text = "".join(draw_words(random.Random(seed), SCRIPTS[name], 2, 6) for seed in range(40))
    letters = [character for character in text if character.isalpha()]
    expected = UNICODE_NAMES.get(name, name.upper())
    own = sum(unicodedata.name(letter, "").startswith(expected) for letter in letters)
    assert own > 0.6 * len(letters)


def test_the_number_of_words_is_kept() -> None:
    for seed in range(200):
        text = draw_words(random.Random(seed), SCRIPTS["latin"], 1, 3)
        assert 1 <= len(text.split()) <= 3


def test_a_script_is_probed_with_two_different_characters() -> None:
    assert all(len(set(script.probe)) == 2 for script in SCRIPTS.values())


def test_the_pools_are_the_same_in_every_process() -> None:
    script = (
        "from generator.families.words import SCRIPTS, _pool\n"
        "print([_pool(locale) for script in SCRIPTS.values() for locale in script.locales])"
    )
    pools = [
        subprocess.check_output(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        )
        for seed in ("1", "2")
    ]
    assert pools[0] == pools[1]
