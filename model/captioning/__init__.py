"""Captioning: which words stand beside a widget, and which widget some words mean.

May import finding and what is below.
"""
