"""A loss: the squared difference of probabilities and labels, Brier 1950."""

from torch import Tensor
from torch.nn import functional


def brier(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """Return the Brier score, summed over the pictures."""
    classes = logits.shape[1]
    targets = functional.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
    squares = ((logits.softmax(1) - targets) ** 2).sum(1)
    return squares.sum() if weights is None else (squares * weights[labels]).sum()
