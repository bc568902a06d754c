"""Labels out of the store and into it, in the formats of other tools; pictures out of IDX files.

May import store.
"""
