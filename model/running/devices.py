"""What torch has to compute with on this machine."""

import os
from collections.abc import Iterator

import torch

from base.counting import counted
from model.networks import torchvision_shim


def describe_devices() -> Iterator[tuple[str, str]]:
    """Yield what there is, as names and values for `boxwright doctor`."""
    cuda = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    apple = torch.backends.mps.is_available()
    yield "torch device", cuda or ("Apple GPU (mps)" if apple else "cpu")
    yield "torch threads", f"{torch.get_num_threads()} of {counted(os.cpu_count() or 1, 'core')}"
    yield "torchvision state", torchvision_shim.state()
