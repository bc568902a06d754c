"""Running ONNX graphs with ONNX Runtime: no torch is needed."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from base.arrays import Floats, Pixels
from base.errors import ModelError, in_one_line
from model.running.graph_names import INPUT
from model.running.scorer import Forward

if TYPE_CHECKING:
    import onnxruntime

CONTRACT = "boxwright"
"""The name of an exported file's metadata that says how the graph is to be fed."""

SMALLEST_PX = 32
"""The side of the smallest picture that every network takes."""

GRAPH_OF = "boxwright-graph-of"
"""The name of the metadata, of a graph that lies in a run folder, with the fingerprint of the model that it is of."""


def has_onnx_runtime() -> bool:
    """Return whether ONNX Runtime is installed."""
    return importlib.util.find_spec("onnxruntime") is not None


def open_session(graph: bytes | Path, *, is_lean: bool = False) -> "onnxruntime.InferenceSession":
    """Return a session that uses the caller's thread alone; several threads may use it at once.

    Args:
        graph: its bytes, or the file, which may refer to weights in files beside it.
        is_lean: give memory back after each run. That is for large pictures of ever other sizes, for each of which
            memory would be kept; small ones take 3 % longer.

    Raises:
        ModelError: ONNX Runtime is not installed, or cannot read the graph.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("ONNX Runtime is not installed: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = options.enable_mem_pattern = not is_lean
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common base
        raise ModelError(f"ONNX Runtime cannot read the graph: {in_one_line(error)}") from error


def onnx_run(session: "onnxruntime.InferenceSession", outputs: Sequence[str]) -> Forward:
    """Return a function that computes these outputs of a batch."""
    names = list(outputs)

    def run(batch: Pixels) -> Sequence[Floats]:
        try:
            results: Sequence[Floats] = session.run(names, {INPUT: batch})
        except Exception as error:  # its errors have no common base
            raise ModelError(f"ONNX Runtime failed on pictures {batch.shape}: {in_one_line(error)}") from error
        return results

    return run


def metadata(session: "onnxruntime.InferenceSession") -> Mapping[str, str]:
    """Return the metadata of the file."""
    texts: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    return texts


def widths_of(session: "onnxruntime.InferenceSession") -> Mapping[str, int]:
    """Return the number of columns of each output, by name, in order: those of a black picture."""
    names = [output.name for output in session.get_outputs()]
    outputs = onnx_run(session, names)(np.zeros((1, SMALLEST_PX, SMALLEST_PX, 3), np.uint8))
    return {name: output.shape[1] for name, output in zip(names, outputs, strict=True)}
