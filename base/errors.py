"""The error tree: every error the library raises on purpose."""

import difflib
from collections.abc import Iterable


class BoxwrightError(Exception):
    """Base of all errors that a user can act on; the command line prints it and exits 1."""


class InputError(BoxwrightError, ValueError):
    """A value, a folder's content or a settings file is not what it should be."""


class PluginError(InputError):
    """What another distribution adds cannot be used, or its name is taken."""


class MissingError(BoxwrightError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class OutputExistsError(BoxwrightError, FileExistsError):
    """An output is already there and nothing said to resume or to overwrite it."""


class TemplateError(BoxwrightError, ValueError):
    """A family's template does not parse, declares nonsense or uses an undefined variable."""


class BrowserError(BoxwrightError, RuntimeError):
    """No browser could be started, or the one that was started failed."""


class WorkerDiedError(BoxwrightError, RuntimeError):
    """A process that did part of the work was killed, or its machine went away, more often than is tried again."""


class ClusterError(BoxwrightError, RuntimeError):
    """A cluster cannot be reached, or its machines are not what they should be."""


class ToolkitError(BoxwrightError, RuntimeError):
    """A toolkit that draws an exam, or the display that it draws on, does not start or stops."""


class PackageError(BoxwrightError, RuntimeError):
    """A library's packages cannot be installed."""


class ImageError(BoxwrightError, ValueError):
    """A picture cannot be read."""


class ModelError(BoxwrightError, ValueError):
    """A model folder is damaged, or is something else."""


class TrainingError(BoxwrightError, ArithmeticError):
    """Training cannot go on, for instance because the loss is not finite."""


class NothingToQueueError(InputError):
    """Every picture of a pool is decided already."""


class NoSuchWidgetError(BoxwrightError, LookupError):
    """No widget on a screenshot has the label that was asked for."""


class SeveralWidgetsError(BoxwrightError, LookupError):
    """More than one widget on a screenshot has the label that was asked for."""


class StoreError(BoxwrightError, RuntimeError):
    """The label store cannot be opened, or refuses an event."""


class DatabaseError(BoxwrightError, RuntimeError):
    """A database of pictures cannot be reached, or refuses a query or a table."""


class LeaseLostError(StoreError):
    """A session's claim on an item ran out, and somebody else has the item or has decided it."""


def first_line(error: BaseException, *, most: int) -> str:
    """Return the first line of what an error says, at most so many characters; its type's name where that is empty."""
    return (str(error).splitlines() or [""])[0][:most] or type(error).__name__


def in_one_line(error: BaseException) -> str:
    """Return all that an error says, in one line of at most 160 characters; what says nothing gives its type."""
    return " ".join(str(error).split())[:160] or type(error).__name__


MOST_LISTED = 40


def unknown_choice(kind: str, given: str, available: Iterable[str]) -> InputError:
    """Return (not raise) the error for a name that is not in a catalogue, with the closest name and all choices.

    Of a large catalogue the closest names are listed only.
    """
    names = sorted(available)
    close = difflib.get_close_matches(given, names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ";"
    if len(names) <= MOST_LISTED:
        return InputError(f"unknown {kind} '{given}'{hint} available: {', '.join(names)}")
    nearest = difflib.get_close_matches(given, names, n=8, cutoff=0.3)
    return InputError(f"unknown {kind} '{given}'{hint} closest of {len(names)}: {', '.join(nearest) or 'none'}")
