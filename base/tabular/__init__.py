"""Tables and lines of JSON as people and programs write them, and what their cells can mean.

May import base.
"""
