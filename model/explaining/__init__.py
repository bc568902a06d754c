"""Why a picture is taken for what it is.

May import classifying and what is below.
"""
