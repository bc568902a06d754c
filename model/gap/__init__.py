"""What a synthetic data set lacks beside real crops: the three looks of `boxwright score`.

May import training, evaluation and what is below.
"""
