"""The whole loop once, with a report.

The top of the package: it may import all other rooms.
"""
