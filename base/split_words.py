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


_PARTS = "|".join(["fold", "split", "part", "partition", "subset", "batch", "chunk", "shard"])
_NOUNS = "set|data|dataset|split|image|picture|crop|sample|file|example"
_LIKE_SPLIT = re.compile(
    rf"(?:^|[^a-z])(?:{'|'.join(SPLIT_WORDS)}|hold[-_ ]?out|held[-_ ]?out)(?:{_NOUNS})?s?(?:[^a-z]|$)"
)
_NUMBERED = re.compile(rf"(?:^|[^a-z])(?:{_PARTS})s?[-_. ]*(?:[0-9]+|[a-z])$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def looks_like_part(folder_name: str) -> bool:
    """Tell whether people call a part of a data set so, as `train_set`, `testData`, `fold0` or `part-b`.

    Which part it is nobody can tell but for the words of `split_of`.
    """
    name = _HUMP.sub("_", folder_name.strip()).casefold()
    return bool(_LIKE_SPLIT.search(name) or _NUMBERED.search(name))


def tears_sets(name: str) -> bool:
    """Tell whether `datasets` would take the name of a file or folder for that of a split, or pass it over.

    It looks for the words between signs that are no letters, wherever they stand, and passes over what is hidden or
    begins with two underscores. Colons, backslashes and bytes that are not UTF-8 break its paths.
    """
    broken = not name.isprintable() or any(sign in name for sign in ':\\*?"<>|')
    return broken or name.startswith((".", "__")) or bool(_WORD.search(name) or _SHARD.search(name))
