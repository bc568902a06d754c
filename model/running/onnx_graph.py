"""Graphs as ONNX, made by torch."""

import io
import warnings
from collections.abc import Sequence

import torch
from torch import nn

from base.errors import ModelError, in_one_line
from model.running.graph import Graph
from model.running.graph_names import INPUT

OPSET = 18
EXAMPLE_SHAPE = (2, 48, 80, 3)
"""Of the pictures that a graph is followed with; its lengths are all free afterwards."""


def trace_onnx(
    graph: nn.Module, outputs: Sequence[str], *, keep_weights: bool = False, shape: tuple[int, ...] = EXAMPLE_SHAPE
) -> bytes:
    """Return the graph as ONNX the quick way: a third of a second for a small network, and no package but torch.

    What a network decides in Python is fixed as it was for the example: compare the outcome with the network.

    Args:
        graph: the network.
        outputs: their names, in order.
        keep_weights: leave all weights as they are in the network, for the runtime to fold.
        shape: of the pictures that it is followed with, (N, H, W, 3).

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
                (torch.zeros(shape, dtype=torch.uint8),),
                file,  # type: ignore[arg-type]  # this exporter writes to any binary file
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=list(outputs),
                dynamic_axes=free,
                training=torch.onnx.TrainingMode.PRESERVE if keep_weights else torch.onnx.TrainingMode.EVAL,
                do_constant_folding=not keep_weights,
            )
    except Exception as error:  # of many types, and with pages of text
        raise ModelError(f"torch cannot trace this network into ONNX: {in_one_line(error)}") from error
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
        raise ModelError(f"torch cannot export this network to ONNX: {in_one_line(error)}") from error
    return content


def example() -> torch.Tensor:
    """Return pictures to follow a graph with."""
    return torch.zeros(EXAMPLE_SHAPE, dtype=torch.uint8)
