"""The catalogue of backbones, networks that look for the widget first, and saving and loading them.

May import reading.
"""
