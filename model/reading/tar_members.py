"""The members of a tar from front to back, up to its end mark: what ends otherwise is an error, and no short answer.

`tarfile` stops without a word where a header is damaged or the file ends between two members, and at the first end mark
of several tars that were joined.
"""

import contextlib
import tarfile
from collections.abc import Iterator
from typing import IO, Any, Self

END_MARK = "EOFHeaderError"
"""tarfile's name for the block of zeros after the last member; it does not export the class."""

A_READ = 1 << 16


@contextlib.contextmanager
def open_tar(file: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, Iterator[tarfile.TarInfo]]]:
    """Open a tar, packed or not, and give it with its members, which have to be read as they come.

    Raises, when they are read:
        TarError: it is none, a header is damaged, or more follows its end mark.
        EOFError: it ends before its end mark.
    """
    stops: list[Exception] = []

    class Watched(tarfile.TarInfo):
        @classmethod
        def fromtarfile(cls, tarfile: Any) -> Self:  # noqa: ANN401  the parameter hides the module
            try:
                return super().fromtarfile(tarfile)
            except Exception as error:
                stops.append(error)
                raise

    with tarfile.open(fileobj=file, mode="r|*", tarinfo=Watched) as tar:
        yield tar, _members(tar, stops)


def _members(tar: tarfile.TarFile, stops: list[Exception]) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        tar.members = []  # type: ignore[attr-defined]  # tarfile would keep them all
        yield member
    if not stops or type(stops[-1]).__name__ == "EmptyHeaderError":
        raise EOFError("unexpected end of file")
    if type(stops[-1]).__name__ != END_MARK:
        raise tarfile.ReadError(f"damaged header: {stops[-1]}")
    stream: Any = tar.fileobj
    while rest := stream.read(A_READ):
        if rest.strip(b"\0"):
            raise tarfile.ReadError("more follows its end mark; give tars that were joined apart")
