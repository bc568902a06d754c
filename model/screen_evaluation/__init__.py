"""How well the widgets of whole screens are found, and their states told.

Sets of screens with boxes are read, what was found is matched with what is there, and both are counted: overall and by
kind, size and origin.
"""
