"""Text of files as people save them: UTF-8 with or without a byte order mark, or UTF-16 as spreadsheets write it."""

import codecs
from pathlib import Path

from base.errors import InputError
from base.notes import take_note

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_file_text(path: Path) -> str:
    """Return what a file says; bytes that are not UTF-8 stay as surrogates, since names of files need not be.

    Raises:
        InputError: it begins as UTF-16 and is none.
    """
    content = path.read_bytes()
    try:
        return content.decode(_encoding(content), "strict" if _is_wide(content) else "surrogateescape")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: begins as UTF-16 and is none at byte {error.start}; save it as UTF-8") from error


def _is_wide(content: bytes) -> bool:
    return content.startswith(UTF_16) or (len(content) > 1 and (content[0] == 0) != (content[1] == 0))


def _encoding(content: bytes) -> str:
    if not _is_wide(content):
        return "utf-8-sig"
    if content.startswith(UTF_16):
        return "utf-16"
    return "utf-16-be" if content[0] == 0 else "utf-16-le"


def read_as_windows(text: str) -> str:
    """Return a text with the bytes that were not UTF-8 read as Windows-1252, the code page of Western Europe.

    Raises:
        ValueError: they are not that either.
    """
    return text.encode("utf-8", "surrogateescape").decode("cp1252") if has_raw_bytes(text) else text


def has_raw_bytes(text: str) -> bool:
    """Tell whether there were bytes in a text that are not UTF-8."""
    return any("\udc80" <= sign <= "\udcff" for sign in text)


def read_words(text: str, *, name: str, where: str) -> str:
    """Return a value of a file, read as Windows-1252 where its bytes are not UTF-8, which is said.

    Args:
        text: the value.
        name: of its column.
        where: the file and line.

    Raises:
        InputError: its bytes are neither.
    """
    if not has_raw_bytes(text):
        return text
    try:
        read = read_as_windows(text)
    except ValueError as error:
        raise InputError(f"{where}: {name}: {text!a} is not UTF-8; save the file as UTF-8") from error
    take_note(f"{where.rpartition(':')[0]}: is not UTF-8 and was read as Windows-1252: {name} {read!r}")
    return read
