"""What the service is asked in JSON, and what it answers."""

import importlib.metadata
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from base.settings import Settings
from model.classifying.classifier import Classification, Classifier
from model.classifying.columns import ClassifiedRow, Header
from model.explaining.heat_map import HeatMap
from service.answered_columns import answered_fields, answered_values
from service.found_answers import FoundBody, found_body
from service.scans import Scanned

API_VERSION = importlib.metadata.version("boxwright")

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
"""A PNG of one white pixel, for examples that can be tried."""


class EncodedPicture(Settings):
    """A picture in JSON: `base64` is its file, encoded."""

    base64: str = Field(
        description="The picture's file, in base64: URL-safe or not, in lines or not, with a data: prefix or not.",
        json_schema_extra={"contentEncoding": "base64"},
    )
    name: str = Field(default="", max_length=1000, description="Comes back with the answer.")


class PredictRequest(Settings):
    """Pictures in JSON."""

    pictures: tuple[EncodedPicture, ...] = Field(min_length=1)


class PredictionBody(answered_fields("PredictionFields")):  # type: ignore[misc]  # its fields are the table's columns
    """What the model makes of one picture, or why there is nothing to say."""


class PredictionsBody(BaseModel):
    """One prediction a picture, in the order of the request, all by the same model."""

    model: str = Field(description="The model's fingerprint.")
    version: str = Field(description="boxwright's version.")
    predictions: list[PredictionBody]

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "model": "be86b40d6c08257e",
                "version": API_VERSION,
                "predictions": [
                    {
                        "name": "newsletter.png",
                        "prediction": "checked",
                        "confidence": 0.9934,
                        "probabilities": {"checked": 0.9934, "other": 0.0021, "unchecked": 0.0045},
                        "kind": "checkbox",
                        "box": {"left_px": 8.2, "top_px": 11.9, "width_px": 16.1, "height_px": 16.3},
                        "error": None,
                        "note": None,
                    },
                    {
                        "name": "notes.txt",
                        "prediction": None,
                        "confidence": None,
                        "probabilities": {},
                        "kind": None,
                        "box": None,
                        "error": "is not a picture",
                        "note": None,
                    },
                ],
            }
        }
    )


class Explanation(BaseModel):
    """A prediction, and how much of its probability is lost when a part of the picture is hidden."""

    model: str = Field(description="The model's fingerprint.")
    version: str = Field(description="boxwright's version.")
    prediction: PredictionBody
    heat: list[list[float]] = Field(description="Rows of cells of equal size over the whole picture, each -1 to 1.")


class ScreenBody(BaseModel):
    """The widgets on a screenshot, the surest first."""

    model: str = Field(description="The fingerprints of what finds widgets and of the model that reads them.")
    version: str = Field(description="boxwright's version.")
    name: str = Field(description="The picture's name, as it was sent.")
    width_px: int = Field(description="The picture's width, upright, as it is shown.")
    height_px: int
    note: str | None = Field(description="What of the picture's file was not used, or how it was understood.")
    widgets: list[FoundBody]


class ModelInfo(BaseModel):
    """The model that answers now."""

    model: str = Field(description="Its fingerprint.")
    version: str = Field(description="boxwright's version.")
    classes: list[str]
    backbone: str
    calibrated: bool = Field(description="Whether a temperature was fitted to its probabilities.")
    locates: bool = Field(description="Whether it tells kind and box.")


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Health(BaseModel):
    """That the service is there."""

    status: str


def predictions(classifier: Classifier, names: Sequence[str], results: Sequence[Classification]) -> PredictionsBody:
    """Return the answer to a request."""
    header = Header.of(classifier.model)
    return PredictionsBody(
        model=header.fingerprint,
        version=API_VERSION,
        predictions=[prediction(header, name, result) for name, result in zip(names, results, strict=True)],
    )


def predictions_json(classifier: Classifier, names: Sequence[str], results: Sequence[Classification]) -> bytes:
    """Return the same as JSON: what is in it was made here, and is checked no more."""
    header = Header.of(classifier.model)
    rows = [ClassifiedRow(name, "", result) for name, result in zip(names, results, strict=True)]
    answers = [answered_values(row, header) for row in rows]
    return to_json({"model": header.fingerprint, "version": API_VERSION, "predictions": answers})


def explanation(classifier: Classifier, name: str, result: Classification, heat_map: HeatMap) -> Explanation:
    """Return the answer to a request for a heat map."""
    heat = [[round(value, 4) for value in row] for row in heat_map.heat.tolist()]
    header = Header.of(classifier.model)
    found = prediction(header, name, result)
    return Explanation(model=header.fingerprint, version=API_VERSION, prediction=found, heat=heat)


def prediction(header: Header, name: str, result: Classification) -> PredictionBody:
    """Return one picture's answer."""
    return PredictionBody(**answered_values(ClassifiedRow(name, "", result), header))


def screen_body(name: str, scanned: Scanned) -> ScreenBody:
    """Return the answer to a screenshot."""
    return ScreenBody(
        model=scanned.fingerprint,
        version=API_VERSION,
        name=name,
        width_px=scanned.size[0],
        height_px=scanned.size[1],
        note=scanned.note,
        widgets=[found_body(widget) for widget in scanned.widgets],
    )


def model_info(classifier: Classifier) -> ModelInfo:
    """Return what there is to say of a model."""
    model = classifier.model
    return ModelInfo(
        model=model.fingerprint,
        version=API_VERSION,
        classes=list(model.classes),
        backbone=model.backbone,
        calibrated=model.temperature != 1,
        locates=model.locates,
    )


def request_body(*, most_pictures: int) -> dict[str, Any]:
    """Return OpenAPI's description of a body with pictures."""
    files: dict[str, Any] = {"type": "string", "format": "binary", "description": "A picture's file."}
    if most_pictures > 1:
        files = {"type": "array", "items": files, "minItems": 1, "maxItems": most_pictures}
    picture = EncodedPicture.model_json_schema()
    schema = PredictRequest.model_json_schema()
    del schema["$defs"]
    schema["properties"]["pictures"] |= {"items": picture, "maxItems": most_pictures}
    example = {"pictures": [{"name": "white.png", "base64": PIXEL}]}
    form = {"type": "object", "properties": {"file": files}, "required": ["file"], "additionalProperties": False}
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form, "encoding": {"file": {"contentType": "image/*"}}},
            "application/json": {"schema": schema, "example": example},
        },
    }
