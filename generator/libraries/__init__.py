"""Component libraries and icon sets from npm: installing them, what is kept of each, and the catalogue of families.

May import families.
"""
