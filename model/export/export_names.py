"""The names of the formats that a model is exported to. They stand apart from them, so that help loads no torch."""

EXPORT_NAMES = ("onnx", "onnx-int8", "pt2")
"""The keys of `model.export.export.EXPORTERS`."""
