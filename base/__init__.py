"""What all stands on: errors, settings, plug-ins, files, caches, progress, seeds, work over processes or a cluster.

It imports nothing of ours; anything may import it.
"""
