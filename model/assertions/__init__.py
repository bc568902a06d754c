"""Assertions for tests of user interfaces: does a widget look checked?

May import classifying and what is below.
"""
