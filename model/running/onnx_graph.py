"""Graphs as ONNX, and running them with ONNX Runtime, which is an extra."""

import importlib.util
import io
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from base.arrays import Floats, Pixels
from base.errors import ModelError
from model.running.graph import INPUT, Graph
from model.running.scorer import Forward

if TYPE_CHECKING:
    import onnxruntime

OPSET = 18
EXAMPLE_SHAPE = (2, 48, 80, 3)
"""Of the pictures that a graph is followed with; its lengths are all free afterwards."""

CONTRACT = "boxwright"
"""The name of the file's metadata that says how the graph is to be fed."""


def has_onnx_runtime() -> bool:
    """Return whether ONNX Runtime is installed."""
    return importlib.util.find_spec("onnxruntime") is not None


def trace_onnx(graph: Graph, outputs: Sequence[str]) -> bytes:
    """Return the graph as ONNX the quick way: a third of a second for a small network, and no package but torch.

    What a network decides in Python is fixed as it was for the example: compare the outcome with the network.

    Raises:
        ModelError: torch cannot do it with this network.
    """
    free = {name: {0: "n"} for name in outputs} | {INPUT: {0: "n", 1: "height", 2: "width"}}
    file = io.BytesIO()
    try:
        # torch prints the graph that it cannot export, and stdout is for data
        torch._C._jit_set_onnx_log_output_stream("stderr")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph,
                (example(),),
                file,  # type: ignore[arg-type]  # this exporter writes to any binary file
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=list(outputs),
                dynamic_axes=free,
            )
    except Exception as error:  # of many types, and with pages of text
        raise ModelError(f"torch cannot trace this network into ONNX: {_short(error)}") from error
    return file.getvalue()


def translate_onnx(graph: Graph, outputs: Sequence[str]) -> bytes:
    """Return the graph as ONNX the thorough way: through torch.export, which takes seconds and follows any network.

    Raises:
        ModelError: torch cannot do it with this network, or lacks onnx and onnxscript.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                graph,
                (example(),),
                dynamo=True,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=list(outputs),
                dynamic_shapes={INPUT: dict.fromkeys((0, 1, 2), torch.export.Dim.DYNAMIC)},
                verbose=False,
            )
            assert program is not None  # torch's types say None where it writes a file itself
            content: bytes = program.model_proto.SerializeToString()
    except Exception as error:  # of many types, and with pages of text
        raise ModelError(f"torch cannot export this network to ONNX: {_short(error)}") from error
    return content


def example() -> torch.Tensor:
    """Return pictures to follow a graph with."""
    return torch.zeros(EXAMPLE_SHAPE, dtype=torch.uint8)


def open_session(content: bytes) -> "onnxruntime.InferenceSession":
    """Return a session that uses the caller's thread alone; several threads may use it at once.

    Raises:
        ModelError: ONNX Runtime is not installed, or cannot read the graph.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("ONNX Runtime is not installed: pip install 'boxwright[onnx]'") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common base
        raise ModelError(f"ONNX Runtime cannot read the graph: {_short(error)}") from error


def onnx_run(session: "onnxruntime.InferenceSession", outputs: Sequence[str]) -> Forward:
    """Return a function that computes these outputs of a batch."""
    names = list(outputs)

    def run(batch: Pixels) -> Sequence[Floats]:
        try:
            results: Sequence[Floats] = session.run(names, {INPUT: batch})
        except Exception as error:  # its errors have no common base
            raise ModelError(f"ONNX Runtime failed on pictures {batch.shape}: {_short(error)}") from error
        return results

    return run


def metadata(session: "onnxruntime.InferenceSession") -> Mapping[str, str]:
    """Return the metadata of the file."""
    texts: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    return texts


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
