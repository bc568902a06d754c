"""The names of the methods that draw heat maps, for those who list them without drawing one."""

LAYER_CAM = "layer-cam"
GRAD_CAM = "grad-cam"
ATTENTION_ROLLOUT = "attention-rollout"
OCCLUSION = "occlusion"

EXPLAIN_METHODS = (LAYER_CAM, GRAD_CAM, ATTENTION_ROLLOUT, OCCLUSION)

AUTO_METHOD = "auto"
"""Stands for the method that fits the network."""
