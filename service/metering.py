"""Counting and timing requests."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.prometheus import Metrics


class Metering:
    """Counts each request by its route, never by the path that was asked for: strangers invent those."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        start_s = time.perf_counter()
        try:
            await self._app(scope, receive, note)
        finally:
            path = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - start_s)
