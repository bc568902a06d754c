"""Lists of names, as programs pipe them: a line each or ended by NUL, in UTF-8 or, with a byte order mark, UTF-16."""

import codecs
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from base.errors import InputError
from base.file_texts import UTF_16

_LONGEST_MARK = len(codecs.BOM_UTF8)


def read_list(file: BinaryIO | None) -> Iterator[str]:
    """Yield the names of a list, as they come; empty ones are passed over.

    Raises:
        InputError: there is no list, or it begins as UTF-16 and is none.
    """
    if file is None:
        raise InputError("there is no list to read: standard input is closed")
    rest, separator = b"", b""
    for block in _read_blocks(file):
        separator = separator or (b"\0" if b"\0" in block else b"\n")
        *names, rest = (rest + block).split(separator)
        yield from (name for name in map(_to_name, names) if name)
    if name := _to_name(rest):
        yield name


def _read_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a list as they come, in UTF-8 and without a byte order mark."""
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    head = b""
    while len(head) < _LONGEST_MARK and (block := read(1 << 16)):
        head += block
    if not head.startswith(UTF_16):
        yield head.removeprefix(codecs.BOM_UTF8)
        while block := read(1 << 16):
            yield block
        return
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        while head:
            yield os.fsencode(decoder.decode(head))
            head = read(1 << 16)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputError("the list of names begins as UTF-16 and is none; give it as UTF-8") from error


def _to_name(line: bytes) -> str:
    return os.fsdecode(line.removesuffix(b"\r"))
