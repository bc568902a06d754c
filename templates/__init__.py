"""The catalogue of families: one template file each, loaded through importlib.resources.

A new file is a new family; what begins with an underscore holds macros that families share.
"""
