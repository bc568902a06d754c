"""Training the network that finds widgets, on screenshots whose widgets are known.

Tiles are cut out of them at several sizes. Here is also fitted how sure to be of what is found.
"""
