"""Batch classification: pictures in, a row for each out; and the classifier as an object.

May import evaluation, running and what is below. A column of the table is one entry in `columns`.
"""
