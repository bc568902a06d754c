"""Labels that are probably slips, found by models that never saw them.

May import choosing and store.
"""
