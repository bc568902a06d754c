"""Who is this machine: addresses that nothing else reaches, and requests that pages from elsewhere send to them."""

import functools
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from base.counting import counted
from base.errors import InputError

VARIABLE = "BOXWRIGHT_TOKEN"
LEAST_CHARACTERS = 16


def require_token_beyond_loopback(host: str, token: str | None) -> None:
    """Refuse a service that anybody on the network could use.

    Raises:
        InputError: the host is not loopback and there is no token, or the token is too short to be a secret.
    """
    if token is None and not is_loopback(host):
        raise InputError(
            f"{host} can be reached from other machines, so a token is needed: set {VARIABLE} (or --token), "
            "for instance to what `openssl rand -hex 32` prints; or listen on 127.0.0.1"
        )
    if token is not None and len(token) < LEAST_CHARACTERS:
        raise InputError(f"the token has {counted(len(token), 'character')}; at least {LEAST_CHARACTERS} make a secret")


def is_loopback(host: str) -> bool:
    """Return whether nothing but this machine reaches the host."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class OnlyThisMachine:
    """Refuses what a web page from elsewhere sends to a service on loopback, by its own name or by a borrowed one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http" and (reason := _foreign(Headers(scope=scope))):
            await JSONResponse({"detail": reason}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _foreign(headers: Headers) -> str | None:
    host = headers.get("host", "")
    if not _names_loopback(f"//{host}"):
        return f"without a token the service answers to localhost only, not to {host[:100]!r}"
    origin = headers.get("origin")
    if origin is not None and not _names_loopback(origin):
        return f"without a token pages of other sites may not use the service, and so not {origin[:100]!r}"
    return None


@functools.lru_cache(maxsize=64)
def _names_loopback(address: str) -> bool:
    try:
        return is_loopback(urlsplit(address).hostname or "")
    except ValueError:
        return False
