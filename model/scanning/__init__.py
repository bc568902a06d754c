"""Scanning in batch: whole screenshots in, the widgets that were found on them out.

A table, drawings, a page and crops are made of them. May import finding, tables and what is below.
"""
