"""Eight-bit integers in place of floats: static quantization by ONNX Runtime, calibrated on real crops."""

import contextlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.arrays import Pixels
from base.errors import ModelError
from model.reading.crop_fitting import Geometry
from model.running.graph_names import FEATURES, INPUT
from model.running.scorer import batches

if TYPE_CHECKING:
    import onnx

QUANTIZED = frozenset({"Conv", "Add", "Relu", "MatMul", "Gemm"})
"""Operators that are computed in integers, where the features depend on them; heads stay in floats."""

MOST_CALIBRATION = 400
"""Crops that the ranges are taken from, spread over what was given; all values of a crop are held at a time."""


def quantize(content: bytes, pictures: Sequence[Pixels], geometry: Geometry, *, reduce_range: bool = False) -> bytes:
    """Return an ONNX graph whose trunk computes in 8-bit integers: QDQ, weights per channel, ranges by min and max.

    Args:
        content: the graph in floats.
        pictures: fitted crops like those that it will see.
        geometry: the model's.
        reduce_range: give weights 7 bits, for processors without VNNI, whose sums of 8-bit products overflow.

    Raises:
        ModelError: onnx is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise ModelError(f"quantizing needs a package ({error}): pip install 'boxwright[export]'") from error
    step = -(-len(pictures) // MOST_CALIBRATION)
    with tempfile.TemporaryDirectory() as name, _without_advice():
        before, prepared, after = (str(Path(name, stage)) for stage in ("before.onnx", "prepared.onnx", "after.onnx"))
        Path(before).write_bytes(content)
        quant_pre_process(before, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            after,
            _Crops(batches(pictures[::step], geometry)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=reduce_range,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=_trunk(onnx.load(prepared)),
        )
        return Path(after).read_bytes()


class _Crops:
    """Feeds ONNX Runtime's calibration, which asks for a batch until there is none."""

    def __init__(self, pictures: Iterator[Pixels]) -> None:
        self._pictures = pictures

    def get_next(self) -> dict[str, Pixels] | None:
        batch = next(self._pictures, None)
        return None if batch is None else {INPUT: batch}


def _trunk(graph: "onnx.ModelProto") -> list[str]:
    """Return the names of the nodes of QUANTIZED kinds that the features depend on."""
    makers: dict[str, Any] = {output: node for node in graph.graph.node for output in node.output}
    names, waiting, seen = [], [FEATURES], set[str]()
    while waiting:
        value = waiting.pop()
        if value in seen or value not in makers:
            continue
        seen.add(value)
        node = makers[value]
        if node.op_type in QUANTIZED:
            names.append(node.name)
        waiting += node.input
    return names


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """Keep ONNX Runtime's hints on how to prepare a graph off the root logger."""
    root = logging.getLogger()
    before = root.disabled
    root.disabled = True
    try:
        yield
    finally:
        root.disabled = before
