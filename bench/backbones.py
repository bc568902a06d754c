"""Measure what each backbone costs.

    python bench/backbones.py [--height 48] [--width 128] [--rounds 5] [NAME ...]

Prints, as a Markdown table, for pictures of that size: parameters without the head, multiply-accumulates, and CPU
milliseconds a picture on one core, classifying (batch normalisation folded, eight pictures at a time) and training
(forward and backward, in the precision that `boxwright train` chooses here). Times are the least of the rounds.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from boxwright import Backbone, TrainSettings
from model.learning.learner import use_bfloat16
from model.networks.backbone_catalogue import BACKBONES
from model.networks.backbones import build_backbone, channels_last
from model.running.batch_norm import fold_batch_norm

BATCH = 8


def main() -> None:
    """Print a row for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: the whole catalogue")
    parser.add_argument("--height", type=int, default=48)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pictures = torch.rand(BATCH, 3, arguments.height, arguments.width).to(memory_format=torch.channels_last)
    print("| name | parameters, M | MACs, G | classify, ms | train, ms |\n| --- | ---: | ---: | ---: | ---: |")
    for name in arguments.names or BACKBONES:
        network = build_backbone(name, 3)
        parameters = sum(weight.numel() for weight in network.body.parameters()) / 1e6
        train_ms = least_ms(lambda network=network, name=name: learn(network, name, pictures), arguments.rounds)
        macs = count_macs(network.eval(), pictures[:1])
        folded = channels_last(fold_batch_norm(network))
        with torch.inference_mode():
            classify_ms = least_ms(lambda folded=folded: folded(pictures), arguments.rounds)
        print(f"| `{name}` | {parameters:.2f} | {macs / 1e9:.3f} | {classify_ms:.1f} | {train_ms:.1f} |", flush=True)


def learn(network: Backbone, name: str, pictures: torch.Tensor) -> None:
    """Go forward and backward once."""
    lower = use_bfloat16(TrainSettings(backbone=name), torch.device("cpu"))
    with torch.autocast("cpu", torch.bfloat16, enabled=lower):
        logits = network.train()(pictures)
    logits.float().square().sum().backward()


def count_macs(network: torch.nn.Module, pictures: torch.Tensor) -> float:
    """Return the multiply-accumulates of convolutions and matrix products; fused attention would not be counted."""
    with FlopCounterMode(display=False) as counter:
        network(pictures)
    return counter.get_total_flops() / 2


def least_ms(call: Callable[[], object], rounds: int) -> float:
    """Return the least CPU time of a call, in milliseconds a picture."""
    times = []
    for _ in range(rounds + 1):  # the first warms up
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return 1000 * min(times[1:]) / BATCH


if __name__ == "__main__":
    main()
