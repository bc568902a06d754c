"""A training from its sources to its run folder, epoch by epoch, resumable; cross-validation.

May import learning, evaluation and what is below.
"""
