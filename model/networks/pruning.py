"""Structured pruning: whole channels taken out of a trained network, those whose weights are smallest first."""

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from base.errors import InputError, ModelError
from model.networks.backbones import Backbone, build_backbone, channels_last
from model.networks.locating import LocatingBackbone
from model.networks.trained_model import Model, Widths
from model.networks.two_stages import set_two_stages
from model.networks.widths import layer_widths, set_widths

MULTIPLE = 8
"""Layers keep a multiple of so many channels, and at least so many, which fill a processor's vectors."""

EXAMPLE_SHAPE = (2, 3, 48, 96)
"""Of the pictures that the network is followed with."""


def prune(model: Model, ratio: float) -> Model:
    """Return a model, not fine-tuned yet, whose layers have lost that share of their channels; the given one stays.

    Channels that depend on each other, as both sides of a shortcut, go together: those whose weights have the smallest
    mean L2 norm (Fang et al. 2023, DepGraph). Heads keep their outputs. The fingerprint is gone until it is saved.

    Args:
        model: of a run folder.
        ratio: above 0 and below 1; what is left is rounded down to a multiple of MULTIPLE.

    Raises:
        ModelError: torch-pruning is not installed.
        InputError: nothing can be taken out, or the network has layers that cannot be made narrower.
    """
    network = copy.deepcopy(model.network).eval()
    try:
        _take_out(network, ratio)
        after = layer_widths(network)
        changed = {name: width for name, width in layer_widths(model.network).items() if after[name] != width}
        widths = {**(model.widths or {}), **{name: after[name] for name in changed}}
        pruned = _rebuild(network, model, widths)
    except (ModelError, InputError):
        raise
    except Exception as error:  # of many types, where a network cannot be followed or loses what it needs
        raise InputError(f"{model.backbone} cannot be pruned: {' '.join(str(error).split())[:160]}") from error
    if not changed:
        raise InputError(f"at a ratio of {ratio:g} no layer of {model.backbone} gets narrower; raise it")
    return replace(model, source=pruned, widths=widths, fingerprint="", calibration=None)


def _take_out(network: Backbone, ratio: float) -> None:
    try:
        import torch_pruning
    except ImportError as error:
        raise ModelError(f"pruning needs a package ({error}): pip install 'boxwright[compress]'") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Unwrapped parameters")  # which it would prune by a guess
        torch_pruning.pruner.BasePruner(
            network,
            torch.full(EXAMPLE_SHAPE, 0.5),
            importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=ratio,
            round_to=MULTIPLE,
            ignored_layers=_heads(network),
            forward_fn=_stand_in if isinstance(network, LocatingBackbone) else None,
        ).step()


def _heads(network: Backbone) -> list[nn.Module]:
    own = (network.place, network.kind, network.box) if isinstance(network, LocatingBackbone) else ()
    return [network.head, *own]


def _stand_in(network: LocatingBackbone, pictures: Tensor) -> tuple[Tensor, ...]:
    """Return outputs with which channels depend on each other as they do in `sight`.

    The attention's one channel, multiplied with all those of the maps, looks to torch-pruning as if it were each of
    them. The mean takes its place.
    """
    maps = network.body(network.normalization(pictures))
    mean = maps.mean((2, 3))
    features = torch.cat([maps.amax((2, 3)), mean, mean], dim=1)
    return network.head(features), network.kind(features), network.place(maps), network.box(mean)


def _rebuild(network: Backbone, model: Model, widths: Widths) -> Backbone:
    """Return the network as `load_model` would build it, which must come to the same."""
    with torch.random.fork_rng(devices=[]):
        rebuilt = build_backbone(model.backbone, len(model.classes))
        if model.background:
            set_two_stages(rebuilt, model.classes, model.background)
    set_widths(rebuilt, widths)
    rebuilt.load_state_dict(network.state_dict())
    rebuilt.eval()
    outputs: list[Callable[[Tensor], Tensor]] = [network, rebuilt]
    with torch.inference_mode():
        ours, theirs = (output(torch.full(EXAMPLE_SHAPE, 0.5)) for output in outputs)
    if not torch.allclose(ours, theirs, atol=1e-4):
        raise InputError(f"{model.backbone} cannot be pruned: some of its layers are not as wide as they seem")
    return channels_last(rebuilt)
