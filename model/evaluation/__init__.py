"""How right a model is: figures with intervals, calibration, comparison, robustness, and their report.

May import running, splitting and what is below.
"""
