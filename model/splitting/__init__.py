"""Which pictures belong together, which fold each is in, and which are copies of one another.

May import networks and reading.
"""
