"""Models in files that `boxwright export` wrote, and whatever else can classify."""

import io
import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.arrays import Floats, Pixels
from base.errors import MissingError, ModelError
from model.networks.trained_model import Model, load_model
from model.reading.closer_look import CloserLook
from model.reading.crop_fitting import Geometry
from model.running.contract import Contract, read_contract
from model.running.onnx_sessions import CONTRACT, metadata, onnx_run, open_session
from model.running.scorer import Forward

PT2_CONTRACT = f"{CONTRACT}.json"
"""The name of the extra file in a .pt2 file."""


@dataclass(frozen=True)
class ExportedModel:
    """A model without its network's code: what a file says of it, and a function that runs it.

    `runtime` is what runs it, of `model.running.runtimes.RUNTIMES`; `file` and `content` are where and what it was read
    from: pickled, it is the file.
    """

    contract: Contract
    runtime: str
    run: Forward = field(repr=False, compare=False)
    file: Path = field(repr=False, compare=False)
    content: bytes = field(repr=False, compare=False)

    def __reduce__(self) -> "tuple[Callable[[bytes, Path], ExportedModel], tuple[bytes, Path]]":
        return _open, (self.content, self.file)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes, in the order of the probabilities."""
        return self.contract.classes

    @property
    def geometry(self) -> Geometry:
        """Return how crops are fitted."""
        return self.contract.geometry

    @property
    def fingerprint(self) -> str:
        """Return what tells it apart from models that can answer differently."""
        return self.contract.fingerprint

    @property
    def backbone(self) -> str:
        """Return the network's name."""
        return self.contract.backbone

    @property
    def temperature(self) -> float:
        """Return what logits are divided by before the softmax, in the graph."""
        return self.contract.temperature

    @property
    def unsure_below(self) -> float:
        """Return the confidence below which a prediction is worth a look."""
        return self.contract.unsure_below

    @property
    def closer_look(self) -> CloserLook | None:
        """Return when it looks closer; None where it looks once."""
        return self.contract.closer_look

    @property
    def locates(self) -> bool:
        """Return whether the network was taught where widgets are, and of what kind."""
        return self.contract.locates


AnyModel = Model | ExportedModel
"""What `model.running.predict.predict_files` takes."""


def load_any_model(name: str | Path) -> AnyModel:
    """Return the model of a run folder, the one in the box, or that of an exported file.

    Raises:
        MissingError: there is nothing of that name.
        ModelError: it is something else, is damaged, or was written by a newer version; or what runs it is missing.
    """
    path = Path(name)
    if path.suffix not in OPENERS or path.is_dir():
        return load_model(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingError(f"no model {path}; `boxwright export` writes one") from error
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    try:
        return _open(content, path)
    except ModelError as error:
        raise ModelError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def _open(content: bytes, path: Path) -> ExportedModel:
    return OPENERS[path.suffix](content, path)


def _open_onnx(content: bytes, path: Path) -> ExportedModel:
    session = open_session(content)
    text = metadata(session).get(CONTRACT)
    if text is None:
        raise ModelError(f"{path} was not written by `boxwright export`: it does not say how crops are fitted")
    contract = read_contract(text, path)
    return ExportedModel(contract, "onnx", onnx_run(session, list(contract.widths)), path, content)


def _open_pt2(content: bytes, path: Path) -> ExportedModel:
    import torch  # this file needs it, and no other does

    extra = {PT2_CONTRACT: ""}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = torch.export.load(io.BytesIO(content), extra_files=extra).module()
    except Exception as error:  # of many types
        reason = " ".join(str(error).split())[:160]
        raise ModelError(f"{path} is damaged, or no file of torch.export: {reason}") from error
    if not extra[PT2_CONTRACT]:
        raise ModelError(f"{path} was not written by `boxwright export`: it does not say how crops are fitted")

    def run(batch: Pixels) -> Sequence[Floats]:
        with torch.inference_mode():
            return [output.numpy() for output in graph(torch.from_numpy(batch))]

    return ExportedModel(read_contract(extra[PT2_CONTRACT], path), "torch", run, path, content)


OPENERS: dict[str, Callable[[bytes, Path], ExportedModel]] = {".onnx": _open_onnx, ".pt2": _open_pt2}
"""By the file's ending."""


def contract_text(contract: Contract) -> str:
    """Return the contract as the JSON that files hold."""
    return json.dumps(contract.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
