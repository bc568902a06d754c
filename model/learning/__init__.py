"""The optimisation itself: batches, augmentation, losses, optimizers, schedules and the settings of it all.

May import running, networks and reading.
"""
