"""How a data set lies on disk: a module a format, and their catalogue; dataset.json; the card with its contact sheet.

May import crops and what is below.
"""
