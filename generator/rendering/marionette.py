"""Marionette: the protocol by which a running Firefox is told over a socket what to do.

It imports the standard library and the errors alone: painters of toolkits use it too, and they may run in another
interpreter, without the packages of this one.
"""

import json
import socket
from collections.abc import Mapping
from typing import IO, Any

from base.errors import BrowserError

LONGEST_LENGTH = 12
"""Digits of a message's length; what says more is no message."""


class Marionette:
    """A connection to a Firefox that was started with `--marionette`; each command waits for its answer.

    Source: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
    """

    def __init__(self, port: int, *, timeout_s: float) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        except OSError as error:
            raise BrowserError(f"Firefox does not listen on port {port}: {error}") from error
        self._reader: IO[bytes] = self._socket.makefile("rb")
        self._sent = 0
        self._receive()  # it says hello first

    def ask(self, command: str, **values: object) -> Any:  # noqa: ANN401  each command answers in its own way
        """Return what Firefox answers to a command.

        Raises:
            BrowserError: it refuses, ends or takes longer than the connection's timeout.
        """
        self._sent += 1
        message = json.dumps([0, self._sent, command, values]).encode()
        try:
            self._socket.sendall(b"%d:%s" % (len(message), message))
        except OSError as error:
            raise BrowserError(f"Firefox failed on {command}: {error}") from error
        answer = self._receive()
        if not isinstance(answer, list) or len(answer) != 4 or answer[1] != self._sent:
            raise BrowserError(f"Firefox answered {command} with {str(answer)[:80]}")
        _, _, refusal, result = answer
        if refusal:
            raise BrowserError(f"Firefox failed on {command}: {_reason(refusal)}")
        return result

    def close(self) -> None:
        """Close the connection; Firefox runs on."""
        self._reader.close()
        self._socket.close()

    def _receive(self) -> Any:  # noqa: ANN401  whatever JSON it sends
        try:
            length = self._read_length()
            text = self._reader.read(length)
        except OSError as error:
            raise BrowserError(f"Firefox does not answer: {error}") from error
        if len(text) < length:
            raise BrowserError("Firefox ended while it was asked")
        return json.loads(text)

    def _read_length(self) -> int:
        digits = b""
        while (character := self._reader.read(1)) != b":":
            if not character:
                raise BrowserError("Firefox ended while it was asked")
            digits += character
            if not digits.isdigit() or len(digits) > LONGEST_LENGTH:
                raise BrowserError(f"Firefox sent {digits[:20]!r} where a message's length was expected")
        return int(digits)


def _reason(refusal: Mapping[str, Any]) -> str:
    """Return the first line of what a command failed with."""
    said = str(refusal.get("message") or refusal.get("error") or refusal)
    return said.splitlines()[0]
