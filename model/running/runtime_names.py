"""The names of what runs a network, where and how exactly. They stand apart from it, so that help loads no torch."""

from typing import Literal

AUTO = "auto"
"""ONNX Runtime for saved models where it is installed and agrees with torch on this network, else torch.

Models that were never saved live too short for the second that making their graph takes.
"""

QUICK_FIRST = "quick"
"""`auto`, but where a graph in 8-bit integers lies beside the weights, it is asked first: see `quick_first`.

The box has one. Nothing else has, and there it is `auto`.
"""

RUNTIME_NAMES = (QUICK_FIRST, "onnx", "torch")
"""The keys of `model.running.runtimes.RUNTIMES`."""

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]
