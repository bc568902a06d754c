"""Networks at work: pictures to scores on any runtime, in this process or on a cluster.

May import networks and reading.
"""
