"""Reading the pictures out of a request, within limits: multipart or JSON, and never more than was allowed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from fastapi import HTTPException, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from base.counting import counted
from base.settings import flatten
from service.schemas import PredictRequest
from service.service_settings import MEGABYTE, ServeSettings
from service.uploads.base64_text import decode_base64
from service.uploads.small_forms import read_small_form

FORM = "multipart/form-data"
JSON = "application/json"
FIELD = "file"

RETRY_AFTER = {"Retry-After": "1"}

TOO_LARGE = 413

SMALL_BYTES = MEGABYTE
"""A body that says it is no larger takes what is reserved for small ones."""

MOST_MARKS = 1100
"""Commas and brackets a picture in a JSON body: two are its own, the others may stand in its name."""


@dataclass(frozen=True)
class Upload:
    """A picture's name and bytes, or why there are none, and the status that fits if it is the only one."""

    name: str
    data: bytes = b""
    error: str | None = None
    status: int = 422


class Budget:
    """Bytes of bodies that may be in memory, over all requests of one event loop."""

    def __init__(self, most_bytes: float, *, reserved: float = 0) -> None:
        """Leases that are not small leave `reserved` bytes."""
        self._left = most_bytes
        self._reserved = reserved

    @contextlib.asynccontextmanager
    async def lease(self) -> "AsyncIterator[Lease]":
        """Give a lease, which is given back at the end."""
        lease = Lease(self)
        try:
            yield lease
        finally:
            self._left += lease.taken

    def take(self, count: int, *, small: bool = True) -> bool:
        """Take so many bytes if they are left, beside those reserved for what is small."""
        if count > self._left - (0 if small else self._reserved):
            return False
        self._left -= count
        return True


class Lease:
    """What one request took from a budget; `small` once it has said so."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.taken = 0
        self.small = False

    def take(self, count: int) -> None:
        """Take so many bytes more.

        Raises:
            HTTPException: 503, none are left.
        """
        if not self._budget.take(count, small=self.small):
            raise HTTPException(503, "too much is being uploaded; try again in a second", RETRY_AFTER)
        self.taken += count


async def read_uploads(request: Request, settings: ServeSettings, lease: Lease, *, most: int) -> list[Upload]:
    """Return the pictures of a request, at least one and at most `most`.

    Raises:
        HTTPException: 400, 408, 413, 415, 422 or 503, with a reason.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (FORM, JSON):
        raise HTTPException(415, f"{kind or 'a body without a content type'} is not taken; send {FORM} or {JSON}")
    try:
        async with asyncio.timeout(settings.timeout_s):
            stream = _limited(request, settings, lease)
            read = _read_json if kind == JSON else _read_small if _is_small(request) else _read_form
            uploads = await read(request, stream, settings, most)
    except TimeoutError as error:
        raise HTTPException(408, f"the request did not arrive within {settings.timeout_s:g} s") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the client went away") from error
    if len(uploads) > most:
        raise _too_many(most)
    return uploads


async def _limited(request: Request, settings: ServeSettings, lease: Lease) -> AsyncGenerator[bytes, None]:
    """Yield the body's chunks; refuse by what is announced, and by what comes."""
    most = settings.max_request_mb * MEGABYTE
    announced = request.headers.get("content-length", "")
    total = 0
    if announced.isdecimal() and int(announced) > most:
        raise HTTPException(TOO_LARGE, f"a request has at most {settings.max_request_mb:g} MB")
    lease.small = _is_small(request)
    async for chunk in _kept_moving(request.stream(), settings.idle_s):
        total += len(chunk)
        if total > most:
            raise HTTPException(TOO_LARGE, f"a request has at most {settings.max_request_mb:g} MB")
        lease.take(len(chunk))
        yield chunk


def _is_small(request: Request) -> bool:
    """Tell whether a body says that it is small."""
    announced = request.headers.get("content-length", "")
    return announced.isdecimal() and int(announced) <= SMALL_BYTES


async def _kept_moving(stream: AsyncIterator[bytes], idle_s: float) -> AsyncGenerator[bytes, None]:
    """Yield what a stream gives; it gives something from time to time, or its memory is given to others."""
    while True:
        try:
            async with asyncio.timeout(idle_s):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise HTTPException(408, f"nothing of the request arrived for {idle_s:g} s") from error
        yield chunk


async def _read_small(
    request: Request, stream: AsyncGenerator[bytes, None], settings: ServeSettings, most: int
) -> list[Upload]:
    body = b"".join([chunk async for chunk in stream])
    pictures = read_small_form(request.headers["content-type"], body, most=most)
    if pictures is None:
        return await _read_form(request, _again(body), settings, most)
    return [_checked(name, data, settings) for name, data in pictures]


async def _again(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _read_form(
    request: Request, stream: AsyncGenerator[bytes, None], settings: ServeSettings, most: int
) -> list[Upload]:
    parser = MultiPartParser(request.headers, stream, max_files=most, max_fields=most)
    parser.spool_max_size = int(settings.max_request_mb * MEGABYTE)  # the body is in memory anyway, never on disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many files"):
            raise _too_many(most) from error
        raise HTTPException(400, f"the form cannot be read: {error.message}") from error
    try:
        return [_checked(file.filename or "", await file.read(), settings) for file in _files(form)]
    finally:
        await form.close()


def _files(form: FormData) -> list[UploadFile]:
    for name, value in form.multi_items():
        if name != FIELD:
            raise HTTPException(422, f"unknown field {name[:100]!r}; pictures go into the field {FIELD!r}")
        if not isinstance(value, UploadFile):
            raise HTTPException(422, f"the field {FIELD!r} has no file name; send it as a file, not as text")
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise HTTPException(422, f"no picture; pictures go into the field {FIELD!r}")
    return files


async def _read_json(
    _: Request, stream: AsyncGenerator[bytes, None], settings: ServeSettings, most: int
) -> list[Upload]:
    chunks = [chunk async for chunk in stream]
    # In a thread: large ones take a while, in which others are answered.
    return await asyncio.to_thread(_parse_json, chunks, settings, most)


def _parse_json(chunks: list[bytes], settings: ServeSettings, most: int) -> list[Upload]:
    body = b"".join(chunks)
    chunks.clear()  # it is in memory once
    # Parsed, a million small values would take a hundred times their bytes.
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_MARKS * (most + 1):
        raise HTTPException(
            TOO_LARGE, f"the body holds more values than {counted(most, 'picture has', 'pictures have')}"
        )
    try:
        parsed = PredictRequest.model_validate_json(body)
    except ValidationError as error:
        malformed = error.errors()[0]["type"] == "json_invalid"
        reason = flatten(error, "body").splitlines()[0]
        raise HTTPException(400 if malformed else 422, reason) from error
    del body
    if len(parsed.pictures) > most:
        raise _too_many(most)
    uploads = []
    for picture in parsed.pictures:
        try:
            data = decode_base64(picture.base64)
        except ValueError as error:
            uploads.append(Upload(picture.name, error=str(error)))
            continue
        uploads.append(_checked(picture.name, data, settings))
    return uploads


def _checked(name: str, data: bytes, settings: ServeSettings) -> Upload:
    if len(data) > settings.max_picture_mb * MEGABYTE:
        return Upload(name, error=f"too large: a picture has at most {settings.max_picture_mb:g} MB", status=TOO_LARGE)
    return Upload(name, data)


def _too_many(most: int) -> HTTPException:
    return HTTPException(TOO_LARGE, f"too many pictures: a request has at most {most}")
