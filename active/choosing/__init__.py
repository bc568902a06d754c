"""What is worth a label: acquisition functions, strategies, near-duplicates, and the queue they fill.

May import store.
"""
