"""The socket that a service listens on."""

import contextlib
import socket

from base.errors import InputError

BACKLOG = 2048


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
