"""How a data set lies on disk: the formats of crops, a module each, dataset.json, and the card with its contact sheet.

May import crops and what is below.
"""
