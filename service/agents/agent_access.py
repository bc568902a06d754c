"""Who may ask an agents' server over HTTP."""

import hmac

from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class BearerWall:
    """Answers 401 to requests without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http":
            given = Headers(scope=scope).get("authorization", "").encode("latin-1")
            if not hmac.compare_digest(given, self._expected):
                refusal = JSONResponse(
                    {"detail": "a token is needed: Authorization: Bearer …"}, 401, {"WWW-Authenticate": "Bearer"}
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def names_that_are_answered(host: str, token: str | None) -> TransportSecuritySettings:
    """Return which `Host` and `Origin` headers are taken: with a token any, for no page of another site knows it.

    Without one, those of this machine alone, by any port: so no page can use a name of its own for it (DNS rebinding).
    """
    if token is not None:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    names = {*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host}
    return TransportSecuritySettings(
        allowed_hosts=[each for name in sorted(names) for each in (name, f"{name}:*")],
        allowed_origins=[each for name in sorted(names) for each in (f"http://{name}", f"http://{name}:*")],
    )
