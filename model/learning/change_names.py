"""The names of the changes of training pictures. They stand apart from them, so that help loads nothing heavy."""

CHANGE_NAMES = (
    *("blur", "brightness", "contrast", "crop", "dropout", "flip_horizontal", "flip_vertical"),
    *("posterize", "rotate", "screen", "shift"),
)
"""The keys of `model.learning.named_changes.CHANGES`."""
