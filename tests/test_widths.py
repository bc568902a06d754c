import pytest
import torch
from torch import nn

from base.errors import ModelError
from model.networks.widths import layer_widths, set_widths


def network(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, channels, 3),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, channels, 3, groups=channels, bias=False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, 2),
    )


def test_a_network_takes_the_weights_of_a_narrower_one_once_it_is_as_wide() -> None:
    wide, narrow = network(8).eval(), network(5).eval()
    set_widths(wide, layer_widths(narrow))
    assert layer_widths(wide) == layer_widths(narrow) == {"0": (3, 5), "1": (5, 5), "2": (5, 5), "5": (5, 2)}
    wide.load_state_dict(narrow.state_dict())
    pictures = torch.rand(1, 3, 9, 9)
    assert torch.equal(wide(pictures), narrow(pictures))


@pytest.mark.parametrize("name", ["7", "3", "no.such"])
def test_a_layer_that_has_no_width_is_an_error(name: str) -> None:
    with pytest.raises(ModelError, match=f"linear layer {name}"):
        set_widths(network(8), {name: (4, 4)})
