"""Chooses what to label, takes the labels and goes round the loop.

The rooms, each importing only those after it: demo; loop; replay, suspects, labelling, exchange; choosing; store.
"""
