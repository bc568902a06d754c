"""Getting to know the pictures at hand: the last layer fitted again, fine-tuning in memory, and scores kept by content.

May import training, running and what is below.
"""
