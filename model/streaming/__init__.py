"""Streams of pictures: each is read and worked on in order, equal contents once, here or on a cluster.

What the work is, others say. May import reading.
"""
