"""The socket that a service listens on, how requests are read from it, and how it runs until a signal stops it."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from base.errors import InputError

STOPS = (signal.SIGINT, signal.SIGTERM)

BACKLOG = 2048

MOST_HEADER_BYTES = 16 << 10
"""Of a request, beside its body."""


def run_in_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run until it is done, by uvloop where there is one: it takes less of the processor, and Windows has none."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


class ShortHeaders(HttpToolsProtocol):
    """HTTP as httptools reads it, in C, with a limit on headers: a request with longer ones gets 400 and is cut off."""

    _head_bytes = 0
    _unfinished_bytes = 0
    _is_in_head = False

    def data_received(self, data: bytes) -> None:
        """Pass on what has come; of a head that does not end it is known by nothing else how long it is."""
        was_in_head = self._is_in_head
        super().data_received(data)
        self._unfinished_bytes = self._unfinished_bytes + len(data) if was_in_head and self._is_in_head else 0
        if self._unfinished_bytes > MOST_HEADER_BYTES:
            self._is_in_head = False
            self.send_400_response("Too long headers.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head_bytes, self._is_in_head = 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Count no more."""
        self._is_in_head = False
        super().on_headers_complete()

    def _count(self, more: int) -> None:
        self._head_bytes += more
        if self._head_bytes > MOST_HEADER_BYTES:
            raise ValueError("too long headers")  # which the parser passes on as an invalid request


async def run_until_stopped(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, and answer what was accepted."""
    before = {each: signal.signal(each, lambda *_: None) for each in STOPS}  # uvicorn raises them again at the end
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def address_of(host: str, listener: socket.socket) -> str:
    """Return where a service can be asked."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, on a free port where `port` is 0.

    Raises:
        InputError: the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)  # at once: from here on nobody is refused, though answers come a little later
            stack.pop_all()
            return listener
    except OSError as error:
        raise InputError(f"cannot listen on {host}:{port}: {error.strerror}; name another --host or --port") from error
