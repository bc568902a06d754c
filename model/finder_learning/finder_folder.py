"""Saving a finder's network into its folder, and building it again from what lies there."""

from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from base.errors import ModelError, in_one_line
from base.files import atomic_open, write_bytes, write_text
from model.export.graph_file import refer_to_weights
from model.finder_learning.finder_network import FinderNetwork
from model.finding.finder import ANSWERS
from model.finding.finder_files import FINDER_FILE, FINDER_FORMAT, Belief, FinderDescription, read_finder_file
from model.networks.model_folders import GRAPH, WEIGHTS
from model.networks.trained_model import weights_fingerprint
from model.running.onnx_graph import trace_onnx


class FinderGraph(nn.Module):
    """The network between bytes of pictures, (N, H, W, 3), and its answers."""

    def __init__(self, network: FinderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the answers."""
        answers: Tensor = self.network(pictures.permute(0, 3, 1, 2).float() / 255)
        return answers


def save_finder(network: FinderNetwork, folder: Path, *, belief: Belief, training: dict[str, Any]) -> None:
    """Write weights, graph and finder.json into `folder`, which exists and is the caller's to write."""
    weights = safetensors.torch.save({name: part.cpu().contiguous() for name, part in network.state_dict().items()})
    with atomic_open(folder / WEIGHTS) as file:
        file.write(weights)
    write_bytes(folder / GRAPH, _graph(network, folder / WEIGHTS))
    card = FinderDescription(
        format=FINDER_FORMAT,
        widths=network.widths,
        blocks=network.blocks,
        fingerprint=weights_fingerprint(weights),
        belief=belief,
        training=training,
    )
    write_text(folder / FINDER_FILE, card.model_dump_json(indent=2) + "\n")


def read_finder_network(folder: Path) -> FinderNetwork:
    """Return the network of a finder's folder, in eval mode on the CPU.

    Raises:
        ModelError: the folder holds no finder, or its weights do not fit.
    """
    card = read_finder_file(folder)
    network = FinderNetwork(card.widths, card.blocks)
    try:
        network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS))
    except (safetensors.SafetensorError, RuntimeError) as error:
        raise ModelError(f"{folder / WEIGHTS} does not fit {FINDER_FILE}: {in_one_line(error)}") from error
    return network.eval()


def _graph(network: FinderNetwork, weights: Path) -> bytes:
    """Return the graph, which refers to the file of weights."""
    with torch.no_grad():
        traced = trace_onnx(FinderGraph(network).eval(), [ANSWERS], keep_weights=True, shape=(2, 64, 96, 3))
    graph: bytes = refer_to_weights(traced, weights, prefix="network.").SerializeToString()
    return graph
