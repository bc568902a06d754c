"""Samples widget specs, renders them in a browser and writes labelled data sets."""
