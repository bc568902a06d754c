"""The routes that tell how the service is, and the page."""

import asyncio
import functools
import importlib.resources
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from base.errors import BoxwrightError
from service.refusals import refusals
from service.schemas import Health, ModelInfo, model_info
from service.serving import Serving
from service.uploads.bodies import RETRY_AFTER

PAGE = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/screen.js": ("screen.js", "text/javascript"),
}

SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Nothing on the page comes from elsewhere or goes there."""


def open_routes() -> APIRouter:
    """Return what is told to anybody: that the service is there, and the page, which is the same for all."""
    router = APIRouter()
    router.get("/healthz", response_model=Health, tags=["state"])(healthz)
    router.get("/readyz", response_model=Health, tags=["state"], responses=refusals(503))(readyz)
    for path, (name, media_type) in PAGE.items():
        answer = functools.partial(_file, name, media_type)
        router.add_api_route(path, answer, methods=["GET"], include_in_schema=False, name=name)
    return router


def locked_routes() -> APIRouter:
    """Return the rest."""
    router = APIRouter(tags=["state"])
    router.get("/v1/model", response_model=ModelInfo)(model)
    router.post("/v1/reload", response_model=ModelInfo, responses=refusals(409))(reload)
    content = {"text/plain": {"schema": {"type": "string"}}}
    figures: dict[int | str, dict[str, Any]] = {200: {"description": "Prometheus's text format.", "content": content}}
    router.get("/metrics", response_class=Response, responses=figures)(metrics)
    return router


async def healthz() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


async def readyz(request: Request) -> Response:
    """Say whether a picture that came now would be accepted."""
    serving: Serving = request.app.state.serving
    if serving.batcher.accepts:
        return JSONResponse({"status": "ready"})
    return JSONResponse({"detail": "busy or stopping"}, 503, RETRY_AFTER)


async def model(request: Request) -> ModelInfo:
    """Describe the model that answers now."""
    serving: Serving = request.app.state.serving
    return model_info(serving.classifier)


async def reload(request: Request) -> ModelInfo:
    """Load the model again, from where it is now; no request is dropped, and no answer is by two models."""
    serving: Serving = request.app.state.serving
    try:
        return model_info(await asyncio.to_thread(serving.reload))
    except (BoxwrightError, OSError) as error:
        going_on = serving.classifier.model.fingerprint
        raise HTTPException(409, f"not reloaded, model {going_on} goes on: {error}") from error


async def metrics(request: Request) -> Response:
    """Give the figures for Prometheus."""
    serving: Serving = request.app.state.serving
    return Response(serving.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _file(name: str, media_type: str) -> Response:
    content = importlib.resources.files("service").joinpath(name).read_bytes()
    return Response(content, media_type=media_type, headers=SAFE)
