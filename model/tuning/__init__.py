"""Trying settings of training on the validation split: search spaces, studies, trials, and what they come to.

May import training, evaluation and what is below. Only this room knows Optuna.
"""
