"""Chooses what to label, takes the labels and goes round the loop."""
