"""Fine-tuning in memory: what training from another model does, on decoded pictures and without a run folder."""

import copy
from dataclasses import replace

import torch

from model.learning.batches import Mixture
from model.learning.training_settings import TrainSettings
from model.networks.trained_model import Model
from model.running.torch_scorer import torch_threads
from model.training.epochs import learn_epoch, make_learner


def fine_tune(start: Model, mixture: Mixture, settings: TrainSettings) -> Model:
    """Return a model trained on from `start`, which stays as it is; it has no fingerprint until it is saved.

    Args:
        start: a model whose classes are those of the mixture.
        mixture: decoded at the geometry of `start`.
        settings: as for a run with `init`; nothing is held out, and the last epoch's weights are returned.

    Raises:
        TrainingError: the loss is not finite.
    """
    started = replace(start, source=copy.deepcopy(start.network))
    with torch_threads(settings.threads or torch.get_num_threads()):
        learner = make_learner(started, mixture, settings)
        for number in range(1, settings.epochs + 1):
            for _ in learn_epoch(number, learner, mixture, start.geometry, settings):
                pass
    return replace(start, source=learner.averaged(), fingerprint="", calibration=None)
