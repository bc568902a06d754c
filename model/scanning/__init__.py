"""Scanning in batch: whole screenshots in, every widget that was found on them out.

A table, drawings, a page and crops are made of them. May import finding, tables and what is below.
"""
