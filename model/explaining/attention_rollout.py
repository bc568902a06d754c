"""Where the attention of a transformer leads back to, through all of its layers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from base.arrays import Floats
from base.errors import InputError
from model.explaining.canvas import canvas_of, enlarge_cells, on_canvas, picture_part, to_heat
from model.networks.network import Backbone
from model.networks.trained_model import Model
from model.running.stages import Fitted

MOST_EXTRA_TOKENS = 8
"""Beside those of patches: one for the class, and registers."""


class _Attentive(NamedTuple):
    """The attention of each layer, (tokens, tokens), rows adding up to 1, and the sizes that maps had."""

    layers: list[Tensor]
    sizes: list[tuple[int, int]]


def attention_rollout(model: Model, picture: Fitted, _index: int) -> Floats:
    """Return how much of each patch reaches what is classified, 0 to 1, (rows, columns) of the fitted picture.

    It is the same for every class: it says what was looked at, and not what for.
    Abnar and Zuidema 2020, https://arxiv.org/abs/2005.00928; heads are averaged, and a half of each layer passes by it.

    Raises:
        InputError: the network has no attention from all patches to all patches.
    """
    canvas = canvas_of(model, picture)
    with torch.no_grad(), _recording(model.network) as found:
        model.network(on_canvas(picture, canvas))
    if not found.layers or len({layer.shape for layer in found.layers}) > 1:
        raise InputError("this network has no attention from all parts of a picture to all")
    tokens = found.layers[0].shape[-1]
    grid = next((each for each in found.sizes if 0 <= tokens - each[0] * each[1] <= MOST_EXTRA_TOKENS), None)
    if grid is None:
        raise InputError(f"of this network it is not known where on a picture its {tokens} tokens are")
    extra = tokens - grid[0] * grid[1]
    flow = torch.eye(tokens)
    for layer in found.layers:
        flow = (layer + torch.eye(tokens)) / 2 @ flow
    reached = flow[0, extra:] if extra else flow.mean(0)
    part = picture_part(enlarge_cells(reached.reshape(grid), canvas), picture, canvas)
    return to_heat(part - part.min())


@contextmanager
def _recording(network: Backbone) -> Iterator[_Attentive]:
    """Keep the attention of each layer while the network looks at one picture.

    Fused kernels, which show none, are turned off meanwhile.
    """
    found = _Attentive([], [])

    def keep(attention: Tensor) -> None:
        if attention.shape[0] == 1 and attention.shape[-1] == attention.shape[-2]:  # not of windows, nor of pooling
            found.layers.append(attention[0].reshape(-1, *attention.shape[-2:]).mean(0))

    with ExitStack() as stack:
        for layer in network.body.modules():
            if isinstance(layer, nn.Conv2d):
                stack.callback(layer.register_forward_hook(lambda _, __, maps: _keep_size(found, maps)).remove)
            elif isinstance(layer, nn.MultiheadAttention):
                stack.callback(layer.register_forward_pre_hook(_ask_for_weights, with_kwargs=True).remove)
                stack.callback(layer.register_forward_hook(lambda _, __, output: keep(output[1])).remove)
            elif hasattr(layer, "fused_attn") and isinstance(weights := getattr(layer, "attn_drop", None), nn.Module):
                stack.callback(setattr, layer, "fused_attn", layer.fused_attn)
                vars(layer)["fused_attn"] = False
                stack.callback(weights.register_forward_hook(lambda _, __, output: keep(output)).remove)
        yield found


def _keep_size(found: _Attentive, maps: Tensor) -> None:
    found.sizes.append((maps.shape[2], maps.shape[3]))


def _ask_for_weights(_layer: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> Any:  # noqa: ANN401  torch's own
    return given, {**named, "need_weights": True, "average_attn_weights": True}
