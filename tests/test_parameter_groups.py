from typing import Any

import pytest
from torch import nn

from model.learning.parameter_groups import parameter_groups, trunk_layers
from model.networks.backbones import build_backbone
from model.networks.network import Backbone


class Block(nn.Module):
    """A block whose own weight comes before its layers."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Parameter(nn.init.zeros_(nn.Linear(2, 2).weight))
        self.layers = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Linear(2, 2))


def network(body: nn.Module) -> Backbone:
    return Backbone(body, width=2, classes=2)


def rates(groups: list[dict[str, Any]]) -> dict[int, tuple[float, float]]:
    """Return (rate, weight decay) by the weight's id; no weight may come twice."""
    entries = [(id(weight), (group["rate"], group["weight_decay"])) for group in groups for weight in group["params"]]
    assert len(entries) == len(dict(entries))
    return dict(entries)


def test_without_rates_there_are_two_groups_and_only_matrices_and_kernels_decay() -> None:
    tiny = build_backbone("tiny", 3)
    groups = parameter_groups(tiny, 0.1)
    assert [(group["weight_decay"], group["rate"]) for group in groups] == [(0.1, 1.0), (0.0, 1.0)]
    assert [id(weight) for weight in groups[0]["params"]] == [id(w) for w in tiny.parameters() if w.ndim > 1]
    assert len(rates(groups)) == len(list(tiny.parameters()))


def test_the_trunk_learns_at_its_own_rate_and_the_head_at_the_full_one() -> None:
    tiny = build_backbone("tiny", 3)
    found = rates(parameter_groups(tiny, 0.1, trunk_rate=0.2))
    assert {found[id(weight)] for weight in tiny.body.parameters()} == {(0.2, 0.1), (0.2, 0.0)}
    assert {found[id(weight)][0] for weight in tiny.head.parameters()} == {1.0}


def test_rates_decay_from_the_last_layer_to_the_first_and_loose_weights_are_with_the_first() -> None:
    body = Block()
    layers = trunk_layers(network(body))
    linear, norm, last = body.layers
    assert [[id(w) for w in layer] for layer in layers] == [
        [id(w) for w in (body.start, linear.weight, linear.bias, norm.weight, norm.bias)],
        [id(w) for w in (last.weight, last.bias)],
    ]
    found = rates(parameter_groups(network(body), 0.1, trunk_rate=0.5, layer_decay=0.1))
    assert found[id(last.weight)] == (0.5, 0.1)
    assert found[id(norm.weight)] == (pytest.approx(0.05), 0.0)


@pytest.mark.parametrize(("name", "count"), [("majority", 0), ("mobilenet_v3_small", 13)])
def test_each_weight_of_a_trunk_is_in_one_layer(name: str, count: int) -> None:
    built = build_backbone(name, 2)
    layers = trunk_layers(built)
    assert len(layers) == count
    assert sorted(id(w) for layer in layers for w in layer) == sorted(id(w) for w in built.body.parameters())
