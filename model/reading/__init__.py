"""Pictures and labelled folders wherever they lie, and how a crop becomes the network's input.

Imports base alone.
"""
