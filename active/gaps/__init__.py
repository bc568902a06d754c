"""What a model finds hard on real crops, and what of the generator comes nearest to it: recipes of `boxwright gaps`.

Imports none of its neighbours.
"""
