"""The commands of the command line, a module each or for a few that belong together.

The top layer: each reads its options, calls the library once and prints; what is heavy is imported inside.
"""
