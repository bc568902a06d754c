"""What a reader passes over or leaves unused is said here, a line each; a program decides where the lines go.

It is the standard library's logging: the command line writes the lines on stderr, a program of yours may do else.
"""

import logging

from base.timing import NOTES


def take_note(text: str) -> None:
    """Say in one line what is not read, not matched or not used."""
    logging.getLogger(NOTES).warning("%s", text)
