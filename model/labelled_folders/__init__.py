"""Labelled folders and packed sets, read in one way by all commands, with a report of what is not used.

May import reading and what is below.
"""
