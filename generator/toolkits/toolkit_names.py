"""The names of toolkits, which help and completion list: nothing else is loaded for them."""

from pathlib import Path

ENDINGS = (".py", ".java")
"""What a toolkit's file can be written in."""


def toolkit_files() -> list[Path]:
    """Return the files of all toolkits, sorted by name."""
    folder = Path(__file__).with_name("painters")
    return sorted(file for file in folder.iterdir() if file.suffix in ENDINGS and not file.name.startswith("_"))


TOOLKIT_NAMES = tuple(file.stem for file in toolkit_files())
