"""Finding the widgets on a whole screenshot.

What is found, and what finds it.
"""
