"""What goes into the graph of a network and what comes out, by name."""

INPUT = "pictures"
"""The name of the graph's input: uint8 (N, H, W, 3), RGB, any N, and any H and W from 32 px up."""

PROBABILITIES, FEATURES, KIND_PROBABILITIES, BOXES = "probabilities", "features", "kinds", "boxes"
"""The names of its outputs, as in `model.running.scorer.Scores`; boxes are in pixels of the canvas."""
