"""Putting a new model in the place of the one at work, where it is shown to be better or quicker, and taking that back.

Imports export, evaluation and what is below. What a registry says is read by networks, which loads no more for it.
"""
