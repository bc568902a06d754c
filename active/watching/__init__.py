"""Comparing what was classified lately with the pool that a model learned from, and raising an alarm where they differ.

Imports faults and what is below. The statistics know nothing of models: they compare rows of numbers.
"""
