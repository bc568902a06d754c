"""Strategies tried on pools whose labels are known, over many seeds.

May import choosing.
"""
