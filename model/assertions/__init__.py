"""Assertions for tests of user interfaces: does a widget look checked, and what does a page show at all?

May import captioning and what is below.
"""
