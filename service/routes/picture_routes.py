"""The routes that take pictures."""

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel

from base.errors import ImageError, MissingError, ModelError
from model.classifying.classifier import Classification, Classifier
from service.refusals import refusals
from service.schemas import (
    Explanation,
    PredictionsBody,
    ScreenBody,
    explanation,
    predictions_json,
    request_body,
    screen_body,
)
from service.serving import Serving
from service.uploads.bodies import Upload, read_uploads


def routes(most_pictures: int) -> APIRouter:
    """Return the routes; `most_pictures` may be in a request."""
    router = APIRouter(prefix="/v1", tags=["pictures"], responses=refusals(400, 408, 413, 415, 422, 503))
    many = {"requestBody": request_body(most_pictures=most_pictures)}
    one = {"requestBody": request_body(most_pictures=1)}
    router.post("/predict", response_model=PredictionsBody, openapi_extra=many, name="predict")(classify_pictures)
    router.post("/explain", response_model=Explanation, openapi_extra=one, name="explain")(explain_picture)
    router.post("/scan", response_model=ScreenBody, openapi_extra=one, responses=refusals(500), name="scan")(
        scan_screen
    )
    return router


async def classify_pictures(request: Request) -> Response:
    """Classify one picture or many; one of many that cannot be read has an `error`, the others their predictions."""
    serving: Serving = request.app.state.serving
    async with request.app.state.budget.lease() as lease:
        uploads = await read_uploads(request, serving.settings, lease, most=serving.settings.max_pictures)
        classifier = serving.classifier
        results = await _classify(serving, classifier, uploads)
    answer = predictions_json(classifier, [upload.name for upload in uploads], results)
    return Response(answer, media_type="application/json")


async def explain_picture(request: Request) -> Response:
    """Classify one picture, and say how much of its probability is lost when each part of it is hidden."""
    serving: Serving = request.app.state.serving
    async with request.app.state.budget.lease() as lease:
        uploads = await read_uploads(request, serving.settings, lease, most=1)
        classifier = serving.classifier
        [result] = await _classify(serving, classifier, uploads)
        heat_map = await serving.explain(classifier, uploads[0].data)
    return _json(explanation(classifier, uploads[0].name, result, heat_map))


async def scan_screen(request: Request) -> Response:
    """Find checkboxes, radio buttons and switches on a screenshot, and say what each shows."""
    serving: Serving = request.app.state.serving
    async with request.app.state.budget.lease() as lease:
        [upload] = await read_uploads(request, serving.settings, lease, most=1)
        if upload.error is not None:
            raise _refusal(upload, upload.error)
        try:
            scanned = await serving.scan(upload.data)
        except ImageError as error:
            serving.metrics.unreadable.inc()
            raise _refusal(upload, str(error)) from error
        except (ModelError, MissingError) as error:
            raise HTTPException(500, f"not scanned: {error}") from error
    serving.metrics.count_screen(scanned.widgets)
    return _json(screen_body(upload.name, scanned))


async def _classify(serving: Serving, classifier: Classifier, uploads: Sequence[Upload]) -> list[Classification]:
    """Return a result for each picture; one that is alone and cannot be read fails the request."""
    found = iter(await serving.classify(classifier, [upload.data for upload in uploads if upload.error is None]))
    results = [next(found) if upload.error is None else Classification.failed(upload.error) for upload in uploads]
    for result in results:
        serving.metrics.count(result)
    if len(results) == 1 and results[0].error:
        raise _refusal(uploads[0], results[0].error)
    return results


def _refusal(upload: Upload, reason: str) -> HTTPException:
    return HTTPException(upload.status, f"{upload.name or 'the picture'}: {reason}")


def _json(answer: BaseModel) -> Response:
    """Return the answer as it is: FastAPI would check it once more."""
    return Response(answer.model_dump_json(), media_type="application/json")
