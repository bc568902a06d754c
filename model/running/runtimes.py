"""What can run a network: torch, or ONNX Runtime where it is installed, which takes about half the time."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import InputError, ModelError, unknown_choice
from base.timing import package_log, timed
from model.networks.trained_model import Model
from model.running.any_model import AnyModel, ExportedModel
from model.running.graph_cache import cached_graph
from model.running.onnx_sessions import GRAPH_OF, has_onnx_runtime, metadata, onnx_run, open_session, widths_of
from model.running.parity import EXACT, compare_scorers, probe_pictures
from model.running.quick_first import quick_first
from model.running.runtime_names import AUTO, QUICK_FIRST
from model.running.scorer import Scorer, score_in_batches

if TYPE_CHECKING:
    import onnxruntime

LOG = package_log(__name__)


def _torch(model: Model, threads: int | None) -> Scorer:
    from model.running.torch_scorer import scorer  # it takes seconds to load, and not everybody needs it

    return scorer(model.network, model.geometry, temperature=model.temperature, threads=threads)


def _onnx(model: Model, threads: int | None) -> Scorer:
    graph = None if model.unread is None else model.unread.graph
    session = _graph_beside(model, graph) or open_session(cached_graph(model, lambda: _trace(model)))
    return _onnx_scorer(model, session, threads)


def _quick(model: Model, threads: int | None) -> tuple[str, Scorer]:
    """Return what `quick` comes to, and a scorer."""
    graph = None if model.unread is None else model.unread.quick_graph
    session = _graph_beside(model, graph) if has_onnx_runtime() else None
    name, exact = _best(model, threads)
    return (
        (name, exact) if session is None else (QUICK_FIRST, quick_first(_onnx_scorer(model, session, threads), exact))
    )


def _graph_beside(model: Model, graph: Path | None) -> "onnxruntime.InferenceSession | None":
    """Return a graph that lies beside the weights, where it does and is this model's."""
    if graph is None or not graph.exists():
        return None
    session = open_session(graph)
    return session if metadata(session).get(GRAPH_OF) == model.fingerprint else None


def _trace(model: Model) -> bytes:
    """Return the graph of a network, compared with it on a few pictures."""
    from model.running.graph import as_graph, output_widths
    from model.running.onnx_graph import trace_onnx

    with timed(LOG, "tracing the network for ONNX Runtime"):
        content = trace_onnx(as_graph(model.network, temperature=model.temperature), list(output_widths(model.network)))
    traced = _onnx_scorer(model, open_session(content), None)
    found, _, _ = compare_scorers(_torch(model, None), traced, probe_pictures(model.geometry))
    if not found.largest <= EXACT:
        raise ModelError(f"ONNX Runtime and torch differ by {found.largest:.2g} on this network; use --runtime torch")
    return content


def _onnx_scorer(model: Model, session: "onnxruntime.InferenceSession", threads: int | None) -> Scorer:
    widths = widths_of(session)
    return score_in_batches(onnx_run(session, list(widths)), widths, model.geometry, threads=threads)


RUNTIMES: dict[str, Callable[[Model, int | None], Scorer]] = {
    QUICK_FIRST: lambda model, threads: _quick(model, threads)[1],
    "onnx": _onnx,
    "torch": _torch,
}
"""Name to what builds a scorer from a model and a number of threads; the model's temperature is worked in."""


def build_scorer(model: AnyModel, runtime: str = AUTO, *, threads: int | None = None) -> Scorer:
    """Return a function from pictures at their fitted size to their scores, in order; several threads may call it.

    Args:
        model: of a run folder or an exported file; the file decides what runs it.
        runtime: one of RUNTIMES, or `auto`.
        threads: that score side by side; as many as there are cores when None.

    Raises:
        InputError: there is no such runtime, or it does not run this file.
        ModelError: ONNX Runtime was asked for and is missing, or does not agree with torch on this network.
    """
    return _settle(model, runtime, threads)[1]


def settle_runtime(model: AnyModel, runtime: str) -> str:
    """Return what `auto` comes to on this machine, so that others run the network with the same; see `build_scorer`."""
    return _settle(model, runtime, None)[0]


def check_runtime(model: AnyModel, runtime: str) -> None:
    """Refuse a runtime that there is not, or that does not run this file, without building anything.

    Raises:
        InputError: see above.
    """
    if runtime not in (AUTO, *RUNTIMES):
        raise unknown_choice("runtime", runtime, (AUTO, *RUNTIMES))
    if isinstance(model, ExportedModel) and runtime not in (AUTO, QUICK_FIRST, model.runtime):
        raise InputError(f"this exported model runs with {model.runtime}, not {runtime}")


def _settle(model: AnyModel, runtime: str, threads: int | None) -> tuple[str, Scorer]:
    check_runtime(model, runtime)
    if isinstance(model, ExportedModel):
        scorer = score_in_batches(model.run, model.contract.widths, model.geometry, threads=threads)
        return model.runtime, scorer
    if runtime == AUTO:
        return _best(model, threads)
    return _quick(model, threads) if runtime == QUICK_FIRST else (runtime, RUNTIMES[runtime](model, threads))


def _best(model: Model, threads: int | None) -> tuple[str, Scorer]:
    if not model.fingerprint or not has_onnx_runtime():
        return "torch", _torch(model, threads)
    try:
        return "onnx", _onnx(model, threads)
    except ModelError as error:
        LOG.info("torch runs the network: %s", error)
        return "torch", _torch(model, threads)
