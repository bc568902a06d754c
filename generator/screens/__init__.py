"""Screens: whole screenshots of applications, composed of layouts and families, with all their widgets known.

May import crops and what is below it.
"""
