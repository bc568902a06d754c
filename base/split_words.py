"""The words by which readers of data sets find splits in the names of files and folders."""

import re
from collections.abc import Mapping

TRAIN, VALIDATION, TEST = "train", "validation", "test"

SPLIT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), TEST),
}
"""The split that each word stands for, as Hugging Face's `datasets` has them (datasets/data_files.py)."""

_BETWEEN = r"[-._ 0-9]"
_WORD = re.compile(rf"(?:^|{_BETWEEN})(?:{'|'.join(SPLIT_WORDS)})(?={_BETWEEN}|$)", re.I)
_SHARD = re.compile(r"-\d{5}-of-\d{5}")


def split_of(folder_name: str) -> str | None:
    """Return the split that a folder of this name holds for readers of data sets; None where it names none."""
    return SPLIT_WORDS.get(folder_name.strip().casefold())


def tears_sets(name: str) -> bool:
    """Tell whether `datasets` would take the name of a file or folder for that of a split, or pass it over.

    It looks for the words between signs that are no letters, wherever they stand, and passes over what is hidden or
    begins with two underscores. Colons, backslashes and bytes that are not UTF-8 break its paths.
    """
    broken = not name.isprintable() or any(sign in name for sign in ':\\*?"<>|')
    return broken or name.startswith((".", "__")) or bool(_WORD.search(name) or _SHARD.search(name))
