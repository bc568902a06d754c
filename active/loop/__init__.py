"""Rounds of choosing, labelling and training, resumable, and when to stop.

May import replay, suspects, exchange and what is below.
"""
