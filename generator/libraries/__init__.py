"""Component libraries from npm: installing them, the bundle that is kept of each, and the catalogue of their families.

May import families.
"""
