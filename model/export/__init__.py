"""Models for elsewhere: one-file exports checked against the model, smaller and quicker ones, and how quick they are.

May import classifying, training and what is below.
"""
