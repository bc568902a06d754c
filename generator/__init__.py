"""Samples how widgets look, renders them in a browser and writes labelled data sets.

The rooms, each importing only those after it: datasets, formats, crops, rendering, libraries, sampling, families.
Only `rendering` knows the browser.
"""
