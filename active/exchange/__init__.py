"""Labels out of the store and into it, in the formats of other tools.

May import store.
"""
