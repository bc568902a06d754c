"""Forms of the usual shape are read as the thorough reader reads them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from service.uploads.small_forms import read_small_form

KIND = "multipart/form-data; boundary=x-1"


def form(*pictures: tuple[str, bytes], boundary: str = "x-1", more: str = "", end: str = "--\r\n") -> bytes:
    mark = f"--{boundary}".encode()
    parts = [
        mark + f'\r\nContent-Disposition: form-data; name="file"; filename="{name}"{more}\r\n\r\n'.encode() + data
        for name, data in pictures
    ]
    return b"\r\n".join([*parts, mark + end.encode()])


def thoroughly(kind: str, body: bytes) -> list[tuple[str, bytes]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    async def read() -> list[tuple[str, bytes]]:
        found = await MultiPartParser(Headers({"content-type": kind}), stream(), max_files=64).parse()
        files = [value for name, value in found.multi_items() if name == "file" and isinstance(value, UploadFile)]
        assert len(files) == len(found.multi_items())
        pictures = [(file.filename or "", await file.read()) for file in files]
        await found.close()
        return pictures

    return asyncio.run(read())


@given(
    st.lists(st.tuples(st.text("abc .-_()[]é%;\\", max_size=9), st.binary(max_size=60)), min_size=1, max_size=3),
    st.sampled_from(["", "\r\nContent-Type: image/png", "\r\nContent-Type: image/png; a=b", "\r\nX-Other: 1"]),
    st.sampled_from(["--\r\n", "--", "--\r\nepilogue"]),
)
def test_what_is_read_is_what_the_thorough_reader_reads(pictures: list[tuple[str, bytes]], more: str, end: str) -> None:
    body = form(*pictures, more=more, end=end)
    found = read_small_form(KIND, body, most=64)
    usual = all(name.isascii() and not set(name) & set("%;\\") for name, _ in pictures)
    if usual and more in ("", "\r\nContent-Type: image/png") and end != "--\r\nepilogue":
        assert found == pictures
    if found is not None:
        assert found == thoroughly(KIND, body)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n--x", b"\r\n--x-", b"--x-1", b"a\r\n\r\nb", b"\r\n\r\n"])
def test_bytes_that_look_like_a_boundary_are_the_pictures(data: bytes) -> None:
    body = form(("a", data), ("b", data))
    assert read_small_form(KIND, body, most=64) == [("a", data), ("b", data)] == thoroughly(KIND, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", form(("a", b"1"))),
        ("multipart/form-data; boundary=other", form(("a", b"1"))),
        (KIND, form(("a", b"1"))[:-5]),
        (KIND, b"before\r\n" + form(("a", b"1"))),
        (KIND, form(("a", b"1"), ("b", b"2"), ("c", b"3"))),
        (KIND, b'--x-1\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n--x-1--\r\n'),
        (KIND, b"--x-1\r\nContent-Disp"),
        (KIND, b"--x-1--\r\n"),
        (KIND, b""),
        (KIND, form(("a", b"1\r\n--x-1 "))),
    ],
)
def test_anything_else_is_left_to_the_thorough_reader(kind: str, body: bytes) -> None:
    assert read_small_form(kind, body, most=2) is None
