"""What everybody stands on: errors, settings, plug-ins, files, caches, progress, seeds, and work in many places.

It imports nothing of ours; anything may import it.
"""
