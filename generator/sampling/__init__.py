"""Everything that decides how a crop will look, drawn before anything is rendered.

May import families.
"""
