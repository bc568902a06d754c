"""The names of the groupings. They stand apart from them, so that help loads nothing heavy."""

VISUAL, FAMILY, GROUP, CROP = GROUPING_NAMES = ("visual", "family", "group", "crop")
"""The keys of `model.splitting.grouping.GROUPINGS`."""
