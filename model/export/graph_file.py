"""Writing the graph of a run folder beside its weights, which it refers to: whoever reads it needs no torch."""

import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import ModelError
from base.files import write_bytes
from model.networks.model_folders import GRAPH, WEIGHTS
from model.networks.trained_model import Model, load_model
from model.running.graph import as_graph, output_widths
from model.running.onnx_graph import trace_onnx
from model.running.onnx_sessions import GRAPH_OF
from model.running.parity import EXACT, compare_scorers, probe_pictures
from model.running.runtimes import build_scorer

if TYPE_CHECKING:
    import onnx

LENGTH = struct.Struct("<Q")
"""What a file of safetensors begins with: the length of its header, which is JSON; the tensors follow it."""

PREFIX = "whole.network."
"""What the exporter puts before the names of the network's weights."""


def write_graph(run: Path) -> Path:
    """Write the graph of the model of a run folder into it, compared with the model; return the file.

    The graph holds no weights: it says where in the file of weights each lies, so that they are there once.

    Raises:
        ModelError: there is no sound model, torch cannot trace it, or ONNX Runtime computes something else.
    """
    import onnx

    loaded = load_model(run)
    traced = trace_onnx(
        as_graph(loaded.network, temperature=loaded.temperature, fold=False),
        list(output_widths(loaded.network)),
        keep_weights=True,
    )
    graph = refer_to_weights(traced, run / WEIGHTS, prefix=PREFIX)
    onnx.helper.set_model_props(graph, {GRAPH_OF: loaded.fingerprint})
    write_bytes(run / GRAPH, graph.SerializeToString())
    try:
        _compare(loaded, load_model(run))
    except ModelError:
        (run / GRAPH).unlink()
        raise
    return run / GRAPH


def refer_to_weights(traced: bytes, weights: Path, *, prefix: str) -> "onnx.ModelProto":
    """Return a graph whose weights lie in a file of safetensors, which lies beside it.

    Args:
        traced: the graph with its weights; what is not in the file stays in it.
        weights: the file.
        prefix: what the exporter put before the names of the weights.
    """
    import onnx
    from onnx.external_data_helper import set_external_data

    graph = onnx.load_from_string(traced)
    places = tensor_places(weights)
    for part in graph.graph.initializer:
        if place := places.get(part.name.removeprefix(prefix)):
            set_external_data(part, weights.name, *place)
            part.ClearField("raw_data")
    return graph


def _compare(loaded: Model, written: Model) -> None:
    pictures = probe_pictures(loaded.geometry, rounds=8)
    found, _, _ = compare_scorers(build_scorer(loaded, "torch"), build_scorer(written, "onnx"), pictures)
    if not found.largest <= EXACT:
        raise ModelError(f"ONNX Runtime and torch differ by {found.largest:.2g} on this network")


def tensor_places(weights: Path) -> dict[str, tuple[int, int]]:
    """Return, for each tensor in a file of safetensors, its first byte in the file and its length in bytes."""
    content = weights.read_bytes()
    (length,) = LENGTH.unpack_from(content)
    data = LENGTH.size + length
    header = json.loads(content[LENGTH.size : data])
    places = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
    return {name: (data + start, end - start) for name, (start, end) in places.items()}
