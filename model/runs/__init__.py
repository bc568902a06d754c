"""Runs side by side: a table of them, what two of them differ in, and their curves. It loads no torch.

May import evaluation and what is below.
"""
