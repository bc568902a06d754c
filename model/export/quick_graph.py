"""Writing the graph in 8-bit integers of a run folder beside its weights: what is asked first, and alone where sure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from base.arrays import Pixels
from base.errors import ModelError
from base.files import write_bytes
from model.export.quantization import quantize
from model.networks.model_folders import QUICK_GRAPH
from model.networks.trained_model import load_model
from model.running.graph import as_graph, output_widths
from model.running.onnx_graph import trace_onnx
from model.running.onnx_sessions import GRAPH_OF
from model.running.quick_first import SURE_FROM
from model.running.runtime_names import QUICK_FIRST
from model.running.runtimes import build_scorer

MOST_DIFFERENT = 0.002
"""The share of the crops compared on whose most probable class may be another than in floats."""


def write_quick_graph(run: Path, calibration: Sequence[Pixels], compared: Sequence[Pixels]) -> tuple[Path, float]:
    """Write the graph in integers of the model of a run folder into it; return the file, and the share handed on.

    Weights have 7 bits, for processors whose sums of 8-bit products overflow.

    Args:
        run: the folder.
        calibration: fitted crops that the ranges of values are taken from.
        compared: other ones, on which it has to name the same classes as floats do.

    Raises:
        ModelError: there is no sound model, a package is missing, or the classes differ; nothing is written then.
    """
    import onnx

    model = load_model(run)
    traced = trace_onnx(as_graph(model.network, temperature=model.temperature), list(output_widths(model.network)))
    graph = onnx.load_from_string(quantize(traced, calibration, model.geometry, reduce_range=True))
    onnx.helper.set_model_props(graph, {GRAPH_OF: model.fingerprint})
    write_bytes(run / QUICK_GRAPH, graph.SerializeToString())
    found, exact = (build_scorer(load_model(run), runtime)(compared).probabilities for runtime in (QUICK_FIRST, "onnx"))
    different = float(np.mean(found.argmax(axis=1) != exact.argmax(axis=1)))
    if different > MOST_DIFFERENT:
        (run / QUICK_GRAPH).unlink()
        raise ModelError(
            f"8-bit integers name another class than floats for {different:.2%} of the crops of which they are sure"
        )
    return run / QUICK_GRAPH, float(np.mean(found.max(axis=1) < SURE_FROM))
