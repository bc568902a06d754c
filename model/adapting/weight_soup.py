"""A soup: the mean of the weights of several runs that went on from one start, which is better than each of them."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from base.errors import InputError
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model


def average_runs(runs: Sequence[Path], out: Path) -> Model:
    """Write a model into `out` whose weights and batch statistics are the mean of those of the runs; return it.

    Only runs that started from the same weights lie in one basin, where a mean makes sense (uniform soup, Wortsman et
    al. 2022, https://arxiv.org/abs/2203.05482).

    Args:
        runs: run folders of like networks with the same classes.
        out: exists, and is the caller's to write.

    Raises:
        MissingError, ModelError: there is no such model, or it is damaged.
        InputError: there is none, or two are not alike.
    """
    models = [load_model(run) for run in runs]
    if not models:
        raise InputError("a mean of no runs was asked for; name at least one")
    for run, model in zip(runs, models, strict=True):
        if _kind(model) != _kind(models[0]):
            raise InputError(
                f"{run} cannot be averaged with {runs[0]}: it has other classes, another network or geometry"
            )
    network = copy.deepcopy(models[0].network)
    states = [model.network.state_dict() for model in models]
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.stack([state[name].double() for state in states]).mean(0))
    soup = replace(models[0], source=network)
    return save_model(soup, out, training={"mean of": [model.fingerprint for model in models]})


def _kind(model: Model) -> tuple[object, ...]:
    return model.classes, model.backbone, model.geometry, model.widths, model.locates, model.background
