"""From a page of cells to crops and their manifest rows, and whole screens with a box for each widget.

May import rendering and what is below.
"""
