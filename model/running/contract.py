"""What an exported file says of itself: how the graph in it is fed, and what comes out."""

from pydantic import Field, ValidationError

from base.errors import ModelError
from base.settings import Settings, flatten
from model.networks.trained_model import UNSURE_BELOW, Model
from model.networks.widget_kinds import KINDS
from model.reading.closer_look import CloserLook
from model.reading.crop_fitting import Geometry
from model.running.graph_names import BOXES, FEATURES, INPUT, KIND_PROBABILITIES, PROBABILITIES

VERSION = 1
"""The version of the contract; raised when a reader of the old one would go wrong."""


class Contract(Settings):
    """The preprocessing contract of an exported model: with it, any program can ask the graph rightly.

    `preprocessing` and `meaning` are for people who write such a program; boxwright itself goes by `geometry`.
    The temperature is worked into the graph already.
    """

    version: int = VERSION
    format: str = Field(description="onnx, onnx-int8 or pt2")
    classes: tuple[str, ...] = Field(min_length=1)
    geometry: Geometry
    fingerprint: str
    backbone: str
    locates: bool
    temperature: float
    unsure_below: float = UNSURE_BELOW
    closer_look: CloserLook | None = None
    widths: dict[str, int] = Field(description="columns of each output, in the graph's order")
    preprocessing: dict[str, str] = Field(default_factory=dict)
    meaning: dict[str, str] = Field(default_factory=dict)


def describe_export(model: Model, widths: dict[str, int], format_name: str) -> Contract:
    """Return the contract of a model whose outputs have these widths and that is exported as `format_name`."""
    return Contract(
        format=format_name,
        classes=model.classes,
        geometry=model.geometry,
        fingerprint=f"{model.fingerprint}-{format_name}",
        backbone=model.backbone,
        locates=model.locates,
        temperature=model.temperature,
        unsure_below=model.unsure_below,
        closer_look=model.closer_look,
        widths=widths,
        preprocessing=_preprocessing(),
        meaning={name: text for name, text in _meaning(model.classes).items() if name in widths},
    )


def read_contract(text: str | bytes, path: object) -> Contract:
    """Return the contract that a file holds as JSON.

    Raises:
        ModelError: it is none, or a newer version's.
    """
    try:
        contract = Contract.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(flatten(error, str(path)).splitlines()[0]) from error
    if contract.version != VERSION:
        raise ModelError(f"{path}: contract version {contract.version}, but this boxwright reads version {VERSION}")
    return contract


def _preprocessing() -> dict[str, str]:
    return {
        "input": f"{INPUT}: uint8 (N, H, W, 3), RGB; any N, H and W",
        "decode": "first frame, in sRGB, upright by its EXIF orientation, 16-bit grey scaled to 8 bit; transparency "
        "over white, or over black or grey where less than half of what is drawn stands out from white",
        "resize": "scale = min(max(height_px / height, floor_scale), max_scale), then at most "
        "sqrt(max_area_px / (height * width)); lengths are rounded, at least 1; Pillow's Hamming filter where the "
        "height shrinks, else bicubic",
        "canvas": "each length raised to height_px, then to a multiple of max(16, 2 ** (bits(length - 1) - 3))",
        "padding": "the picture in the middle, top = (canvas - height) // 2, left likewise; its edges are repeated",
        "normalization": "none: the graph does it",
        "closer_look": "where there is one: a picture whose largest probability is less than `below` is resized once "
        "more, with height_px, floor_scale and max_scale times `scale` and max_area_px times its square; their mean "
        "counts",
    }


def _meaning(classes: tuple[str, ...]) -> dict[str, str]:
    return {
        PROBABILITIES: f"calibrated; columns: {', '.join(classes)}",
        FEATURES: "penultimate",
        KIND_PROBABILITIES: f"of the widget's kind; columns: {', '.join(KINDS)}",
        BOXES: "left, top, width, height of the widget in pixels of the canvas; take off the padding's top and left",
    }
