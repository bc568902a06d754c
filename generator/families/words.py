"""Words for labels: pools drawn once from Faker, by script, never depending on a widget's state."""

import functools
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """A writing system and what a page needs to show it.

    `probe` holds two characters that look different in any font that covers the script.
    """

    name: str
    lang: str
    locales: tuple[str, ...]
    probe: str
    spaced: bool = True
    right_to_left: bool = False


SCRIPTS: dict[str, Script] = {
    script.name: script
    for script in (
        Script("latin", "en", ("en_US", "de_DE", "fr_FR", "es_ES", "nl_NL", "pt_BR", "pl_PL", "tr_TR", "vi_VN"), "ag"),
        Script("cyrillic", "ru", ("ru_RU", "uk_UA", "bg_BG"), "ЖЯ"),
        Script("greek", "el", ("el_GR",), "ΩΨ"),
        Script("arabic", "ar", ("ar_AA", "fa_IR"), "عم", right_to_left=True),
        Script("hebrew", "he", ("he_IL",), "שא", right_to_left=True),
        Script("chinese", "zh", ("zh_CN", "zh_TW"), "国书", spaced=False),
        Script("japanese", "ja", ("ja_JP",), "あの", spaced=False),
        Script("korean", "ko", ("ko_KR",), "한글"),
        Script("devanagari", "hi", ("hi_IN",), "कम"),
        Script("thai", "th", ("th_TH",), "กม"),
    )
}

# What stands beside real checkboxes; half of it contradicts the state on purpose, since words never decide it.
INTERFACE_PHRASES = (
    "Remember me", "I agree to the terms", "Subscribe", "Send me updates", "Dark mode", "Auto-save", "Wi-Fi",
    "Bluetooth", "Airplane mode", "Notifications", "Email", "SMS", "Select all", "Show archived", "On", "Off",
    "Yes", "No", "Enabled", "Disabled", "Checked", "Unchecked", "Active", "Option 1", "Option A", "Item 3", "Male",
    "Female", "Other", "Small", "Medium", "Large", "Default", "Primary", "Label", "Done", "To do", "Buy milk",
    "Private", "Public", "Location", "Sync", "Monthly", "Weekly", "Free shipping", "Gift wrap", "Start", "End",
    "Top", "Bottom", "Default checked", "Disabled option", "Parent", "Child 1", "Warning", "Success", "Danger",
    "Info", "1", "2", "3", "A", "B", "$9.99", "100%", "2 eggs", "Keep me signed in", "Use system settings",
)  # fmt: skip

POOL_SIZE = 240
PROVIDERS = tuple(f"faker.providers.{name}" for name in ("address", "company", "job", "lorem", "person"))
"""What the pools are drawn from; the others of Faker would only be loaded, for every locale."""


@functools.cache
def _pool(locale: str) -> tuple[str, ...]:
    """Draw the locale's phrases once; Faker takes some 90 µs a phrase, a pool draw next to nothing."""
    from faker import Faker  # here, because listing families needs no words

    fake = Faker(locale, providers=list(PROVIDERS))
    fake.seed_instance(20_200_229)
    makers = (fake.name, fake.city, fake.job, fake.company, fake.word, fake.country, lambda: fake.sentence(nb_words=5))
    phrases = [" ".join(makers[index % len(makers)]().split()) for index in range(POOL_SIZE)]
    # Where Faker knows no local words it falls back to English ones.
    return tuple(phrase for phrase in phrases if locale in SCRIPTS["latin"].locales or not _has_latin(phrase))


def _has_latin(phrase: str) -> bool:
    return any(character.isascii() and character.isalpha() for character in phrase)


def draw_locale(rng: random.Random, script: Script) -> str:
    """Draw one of the script's locales."""
    return rng.choice(script.locales)


def draw_words(rng: random.Random, script: Script, low: int, high: int) -> str:
    """Draw text of `low` to `high` words (four characters count as a word where a script has no spaces)."""
    count = rng.randint(low, high)
    locale = draw_locale(rng, script)
    if script.name == "latin" and rng.random() < 0.4:
        return " ".join(rng.choice(INTERFACE_PHRASES).split()[:count])
    text = rng.choice(_pool(locale))
    separator = " " if script.spaced else ""
    while _length(text, script) < count:
        text += separator + rng.choice(_pool(locale))
    return " ".join(text.split()[:count]) if script.spaced else text[: 4 * count]


def _length(text: str, script: Script) -> int:
    return len(text.split()) if script.spaced else len(text) // 4
