"""What can run a network: torch, or ONNX Runtime where it is installed, which takes about half the time."""

from collections.abc import Callable

from base.errors import InputError, ModelError, unknown_choice
from base.timing import package_log, timed
from model.networks.checkpoint import Model
from model.running.any_model import AnyModel
from model.running.graph import as_graph, output_widths
from model.running.graph_cache import cached_graph
from model.running.onnx_graph import has_onnx_runtime, onnx_run, open_session, trace_onnx
from model.running.parity import EXACT, compare_scorers, probe_pictures
from model.running.runtime_names import AUTO
from model.running.scorer import Scorer, score_in_batches, scorer

LOG = package_log(__name__)


def _torch(model: Model) -> Scorer:
    return scorer(model.network, model.geometry, temperature=model.temperature)


def _onnx(model: Model) -> Scorer:
    content = cached_graph(model, lambda: _trace(model))
    return _onnx_scorer(model, content)


def _trace(model: Model) -> bytes:
    """Return the graph of a network, compared with it on a few pictures."""
    names = list(output_widths(model.network))
    with timed(LOG, "tracing the network for ONNX Runtime"):
        content = trace_onnx(as_graph(model.network, temperature=model.temperature), names)
    found, _, _ = compare_scorers(_torch(model), _onnx_scorer(model, content), probe_pictures(model.geometry))
    if not found.largest <= EXACT:
        raise ModelError(f"ONNX Runtime and torch differ by {found.largest:.2g} on this network; use --runtime torch")
    return content


def _onnx_scorer(model: Model, content: bytes) -> Scorer:
    widths = output_widths(model.network)
    return score_in_batches(onnx_run(open_session(content), list(widths)), widths, model.geometry)


RUNTIMES: dict[str, Callable[[Model], Scorer]] = {"onnx": _onnx, "torch": _torch}
"""Name to what builds a scorer from a model whose network is at hand; its temperature is worked in."""


def build_scorer(model: AnyModel, runtime: str = AUTO) -> Scorer:
    """Return a function from pictures at their fitted size to their scores, in order; several threads may call it.

    Args:
        model: of a run folder or an exported file; the file decides what runs it.
        runtime: one of RUNTIMES, or `auto`.

    Raises:
        InputError: there is no such runtime, or it does not run this file.
        ModelError: ONNX Runtime was asked for and is missing, or does not agree with torch on this network.
    """
    return _settle(model, runtime)[1]


def settle_runtime(model: AnyModel, runtime: str) -> str:
    """Return what `auto` comes to on this machine, so that others run the network with the same; see `build_scorer`."""
    return _settle(model, runtime)[0]


def check_runtime(model: AnyModel, runtime: str) -> None:
    """Refuse a runtime that there is not, or that does not run this file, without building anything.

    Raises:
        InputError: see above.
    """
    if runtime not in (AUTO, *RUNTIMES):
        raise unknown_choice("runtime", runtime, (AUTO, *RUNTIMES))
    if not isinstance(model, Model) and runtime not in (AUTO, model.runtime):
        raise InputError(f"this exported model runs with {model.runtime}, not {runtime}")


def _settle(model: AnyModel, runtime: str) -> tuple[str, Scorer]:
    check_runtime(model, runtime)
    if not isinstance(model, Model):
        return model.runtime, score_in_batches(model.run, model.contract.widths, model.geometry)
    if runtime == AUTO:
        return _best(model) if model.fingerprint and has_onnx_runtime() else ("torch", _torch(model))
    return runtime, RUNTIMES[runtime](model)


def _best(model: Model) -> tuple[str, Scorer]:
    try:
        return "onnx", _onnx(model)
    except ModelError:
        return "torch", _torch(model)
