"""The catalogue of families: one template file each, loaded through importlib.resources."""
