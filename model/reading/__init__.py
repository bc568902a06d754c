"""Pictures wherever they lie, and how a crop becomes the network's input.

May import decoding.
"""
