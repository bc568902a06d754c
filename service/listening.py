"""The socket that a service listens on, and how it runs until a signal stops it."""

import contextlib
import signal
import socket

import uvicorn

from base.errors import InputError

STOPS = (signal.SIGINT, signal.SIGTERM)

BACKLOG = 2048

MOST_HEADER_BYTES = 16 << 10
"""Of a request, beside its body."""


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
