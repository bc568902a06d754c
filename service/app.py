"""The service's application: routes, limits and checks put together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from service.access import token_check
from service.batcher import BusyError
from service.loopback import OnlyThisMachine
from service.metering import Metering
from service.refusals import refusals
from service.routes import picture_routes as pictures
from service.routes import status_routes as status
from service.schemas import API_VERSION
from service.service_settings import MEGABYTE
from service.serving import Serving
from service.uploads.bodies import RETRY_AFTER, Budget


def create_app(serving: Serving, *, token: str | None = None) -> FastAPI:
    """Return the application; it closes `serving` when it stops.

    Args:
        serving: what answers.
        token: asked for by all that tells or does anything; without it, requests are taken from this machine only.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(serving.close)

    app = FastAPI(
        title="boxwright",
        version=API_VERSION,
        description="Tells from pixels whether a checkbox, radio button or switch is on.",
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.serving = serving
    app.state.budget = Budget(serving.settings.queue_mb * MEGABYTE, reserved=serving.settings.reserved_bytes)
    locks = [] if token is None else [Depends(token_check(token))]
    responses = refusals(403 if token is None else 401)
    # Routes are tried in this order, and nearly all requests are of the first ones.
    app.include_router(pictures.routes(serving.settings.max_pictures), dependencies=locks, responses=responses)
    app.include_router(status.locked_routes(), dependencies=locks, responses=responses)
    app.include_router(status.open_routes())
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(TimeoutError, _late)
    if token is None:
        app.add_middleware(OnlyThisMachine)
    app.add_middleware(Metering, metrics=serving.metrics)
    return app


async def _busy(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 503, RETRY_AFTER)


async def _late(_: Request, __: Exception) -> Response:
    return JSONResponse({"detail": "there was no time to answer; try again in a second"}, 503, RETRY_AFTER)
