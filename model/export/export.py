"""Writing a model as one file that other programs can run, checked against the model that it came from."""

import io
import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from base.arrays import Floats, Pixels
from base.counting import counted
from base.errors import ImageError, InputError, MissingError, ModelError, OutputExistsError, unknown_choice
from base.files import atomic_open, write_json
from base.intervals import Interval, wilson
from base.notes import take_note
from base.progress import OnProgress
from base.tabular.class_map import ClassMap
from model.export.quantization import quantize
from model.labelled_folders.folders import read_examples
from model.networks.trained_model import Model
from model.reading.images import decode_image, find_images
from model.running.any_model import OPENERS, PT2_CONTRACT, contract_text
from model.running.contract import Contract, describe_export
from model.running.graph import Graph, as_graph, output_widths
from model.running.graph_names import INPUT
from model.running.onnx_graph import example, trace_onnx, translate_onnx
from model.running.onnx_sessions import CONTRACT, onnx_run, open_session
from model.running.parity import EXACT, Parity, compare_scorers, probe_pictures
from model.running.runtimes import build_scorer
from model.running.scorer import score_in_batches
from model.running.torch_scorer import scorer

PROBE_ROUNDS = 8
"""How often each shape of `model.running.parity.PROBES` is drawn where no crops are given."""


@dataclass(frozen=True)
class Crops:
    """Fitted crops; labels are indices of the model's classes, None where the folder is of another name."""

    pictures: list[Pixels]
    labels: list[int | None]


WriteModel = Callable[[Model, Contract, Crops], bytes]


@dataclass(frozen=True)
class Exporter:
    """How a model is written.

    `tolerance` bounds the difference of any probability; `exact` asks for the same prediction on all crops as well;
    `needs_crops`: there is nothing to calibrate on without real ones.
    """

    suffix: str
    write: WriteModel
    tolerance: float
    exact: bool = True
    needs_crops: bool = False


@dataclass(frozen=True)
class Accuracy:
    """Shares of labelled crops that a model and a file of it get right, with Wilson's interval of the latter."""

    n: int
    before: float
    after: float
    interval: Interval


@dataclass(frozen=True)
class ExportedFile:
    """A file that was written, and how it compares with the model on `real` or drawn crops.

    `accuracy` is None where no crops are labelled.
    """

    path: Path
    format: str
    bytes: int
    parity: Parity
    tolerance: float
    real: bool
    accuracy: Accuracy | None


def export_model(
    model: Model,
    path: Path,
    *,
    format_name: str,
    real: Path | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> ExportedFile:
    """Write a model as one file, with its contract inside, and beside it as JSON; nothing is written where it differs.

    Args:
        model: of a run folder.
        path: ends as the format asks.
        format_name: one of EXPORTERS.
        real: crops to calibrate and to compare on, in class folders or not; drawn ones when None.
        overwrite: replace what is there.
        on_progress: called with crops read and crops in all.

    Raises:
        InputError: there is no such format, the file's ending is wrong, or crops are needed.
        OutputExistsError: there is a file of that name.
        ModelError: torch cannot export this network, or what it wrote does not agree with the model.
    """
    if format_name not in EXPORTERS:
        raise unknown_choice("format", format_name, EXPORTERS)
    exporter = EXPORTERS[format_name]
    beside = path.with_suffix(".json")
    if path.suffix != exporter.suffix:
        raise InputError(f"{path}: a file of the format {format_name} ends in {exporter.suffix}")
    if exporter.needs_crops and real is None:
        raise InputError(f"{format_name} is calibrated on real crops: name a folder of some hundred with --real")
    if not overwrite and (path.exists() or beside.exists()):
        raise OutputExistsError(f"{path if path.exists() else beside} exists; choose another name or --overwrite")
    crops = _drawn(model) if real is None else _read_crops(model, real, on_progress)
    contract = describe_export(model, output_widths(model.network), format_name)
    content = exporter.write(model, contract, crops)
    parity, accuracy = _compare(model, content, path, exporter, crops)
    with atomic_open(path) as file:
        file.write(content)
    write_json(beside, json.loads(contract_text(contract)))
    return ExportedFile(path, format_name, len(content), parity, exporter.tolerance, real is not None, accuracy)


def _drawn(model: Model) -> Crops:
    pictures = probe_pictures(model.geometry, rounds=PROBE_ROUNDS)
    return Crops(pictures, [None] * len(pictures))


def _read_crops(model: Model, folder: Path, on_progress: OnProgress | None) -> Crops:
    """Read what can be read; labels are those of a labelled folder, as far as the model knows them."""
    labels = _read_labels(folder, model.mapping)
    paths = list(labels) or find_images([folder])
    crops, lost = Crops([], []), list[str]()
    for done, path in enumerate(paths, start=1):
        try:
            crops.pictures.append(model.geometry.fit(decode_image(path, geometry=model.geometry)))
        except ImageError as error:
            lost.append(f"{path}: {error}")
            continue
        name = labels.get(path)
        crops.labels.append(model.classes.index(name) if name in model.classes else None)
        if on_progress is not None:
            on_progress(done, len(paths))
    if not crops.pictures:
        raise InputError(f"no picture in {folder} can be read")
    if lost:
        take_note(f"{folder}: {counted(len(lost), 'picture')} cannot be read, the first: {lost[0]}")
    return crops


def _read_labels(folder: Path, mapping: ClassMap | None) -> dict[Path, str]:
    """Return the label of each picture; none where the folder has no labels, which is said."""
    try:
        return {example.path: example.label for example in read_examples(folder, mapping=mapping)}
    except MissingError:
        return {}  # it may be a pattern
    except InputError as error:
        take_note(f"{folder}: taken for pictures without labels: {error}")
        return {}


def _compare(
    model: Model, content: bytes, path: Path, exporter: Exporter, crops: Crops
) -> tuple[Parity, Accuracy | None]:
    """Run what will be written as a reader of the file would, and refuse what differs."""
    original = scorer(model.network, model.geometry, temperature=model.temperature)
    other = build_scorer(OPENERS[exporter.suffix](content, path))
    parity, ours, theirs = compare_scorers(original, other, crops.pictures)
    if not parity.largest <= exporter.tolerance or (exporter.exact and parity.same < parity.n):
        raise ModelError(
            f"the exported model does not agree: {parity.same} of {counted(parity.n, 'prediction')} as before, and "
            f"probabilities differ by {parity.largest:.2g} ({exporter.tolerance:g} is allowed); nothing is written"
        )
    known = [index for index, label in enumerate(crops.labels) if label is not None]
    if not known:
        return parity, None
    before, after = (_count_right(table, crops, known) for table in (ours, theirs))
    return parity, Accuracy(len(known), before / len(known), after / len(known), wilson(after, len(known)))


def _count_right(probabilities: Floats, crops: Crops, known: Sequence[int]) -> int:
    return sum(int(probabilities[index].argmax()) == crops.labels[index] for index in known)


def _to_onnx(model: Model, contract: Contract, crops: Crops) -> bytes:
    return _with_contract(_float_onnx(model, crops), contract)


def _to_int8(model: Model, contract: Contract, crops: Crops) -> bytes:
    return _with_contract(quantize(_float_onnx(model, crops), crops.pictures, model.geometry), contract)


def _float_onnx(model: Model, crops: Crops) -> bytes:
    """Return the graph, traced where that gives the same as the network, and else by the slower way."""
    widths = output_widths(model.network)
    graph = as_graph(model.network, temperature=model.temperature)
    original = scorer(model.network, model.geometry, temperature=model.temperature)
    try:
        content = trace_onnx(graph, list(widths))
        traced = score_in_batches(onnx_run(open_session(content), list(widths)), widths, model.geometry)
        found, _, _ = compare_scorers(original, traced, probe_pictures(model.geometry))
        if found.largest <= EXACT:
            return content
    except ModelError:
        pass  # the other way may do
    return translate_onnx(graph, list(widths))


def _with_contract(content: bytes, contract: Contract) -> bytes:
    try:
        import onnx
    except ImportError as error:
        raise ModelError("exporting needs a package: pip install 'boxwright[export]'") from error
    graph = onnx.load_from_string(content)
    onnx.helper.set_model_props(graph, {CONTRACT: contract_text(contract)})
    graph.doc_string = json.dumps(contract.preprocessing, indent=2)
    result: bytes = graph.SerializeToString()
    return result


def _to_pt2(model: Model, contract: Contract, crops: Crops) -> bytes:
    graph: Graph = as_graph(model.network, temperature=model.temperature)
    shapes = {INPUT: dict.fromkeys((0, 1, 2), torch.export.Dim.DYNAMIC)}
    file = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.export.export(graph, (example(),), dynamic_shapes=shapes)
            torch.export.save(program, file, extra_files={PT2_CONTRACT: contract_text(contract)})
    except Exception as error:  # of many types, and with pages of text
        raise ModelError(f"torch cannot export this network: {' '.join(str(error).split())[:200]}") from error
    return file.getvalue()


EXPORTERS: dict[str, Exporter] = {
    "onnx": Exporter(".onnx", _to_onnx, EXACT),
    "onnx-int8": Exporter(".onnx", _to_int8, tolerance=0.15, exact=False, needs_crops=True),
    "pt2": Exporter(".pt2", _to_pt2, EXACT),
}
"""Name to exporter; each file is read by `model.running.any_model` again."""


def default_path(model: Path, format_name: str) -> Path:
    """Return the name, in the working folder, of the file that a model is exported to."""
    if format_name not in EXPORTERS:
        raise unknown_choice("format", format_name, EXPORTERS)
    return Path(f"{model.resolve().name}-{format_name}{EXPORTERS[format_name].suffix}")


def summarize_export(result: ExportedFile) -> str:
    """Return what was written and how it compares, as lines of text."""
    parity = result.parity
    kind = "real" if result.real else "drawn"
    lines = [
        f"{result.path}: {result.format}, {result.bytes / 1e6:.1f} MB",
        f"same prediction on {parity.same} of {counted(parity.n, f'{kind} crop')}; probabilities differ by "
        f"{parity.largest:.2g} at most ({result.tolerance:g} allowed), {parity.mean:.2g} in the mean",
    ]
    if (accuracy := result.accuracy) is not None:
        low, high = accuracy.interval
        lines.append(
            f"accuracy on {counted(accuracy.n, 'labelled crop')}: {accuracy.before:.2%} before, {accuracy.after:.2%} "
            f"after (95 %: {low:.2%} to {high:.2%}), {100 * (accuracy.after - accuracy.before):+.2f} points"
        )
    return "\n".join(lines)
