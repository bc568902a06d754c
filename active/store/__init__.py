"""The label store: an append-only event log in SQLite or PostgreSQL. It loads no network and no statistics.

Imports base alone, within this package.
"""
