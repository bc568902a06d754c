"""What the library tells of its stages: standard logging, a logger a package, silent unless somebody listens."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator

ROOT_LOGGER = "boxwright"
FORMAT = "%(asctime)s.%(msecs)03d %(name)s[%(process)d] %(message)s"
TIME_FORMAT = "%H:%M:%S"

logging.getLogger(ROOT_LOGGER).addHandler(logging.NullHandler())


def package_log(module: str) -> logging.Logger:
    """Return the logger of a module's package, given its `__name__`: `boxwright.model` for `model.reading.images`."""
    return logging.getLogger(f"{ROOT_LOGGER}.{module.partition('.')[0]}")


class TimedStage:
    """A stage that is under way."""

    def __init__(self) -> None:
        self._found: dict[str, object] = {}

    def note(self, **found: object) -> None:
        """Add what was found, as `pictures=246`, to the line that tells of the stage's end."""
        self._found |= found

    def __str__(self) -> str:
        return "".join(f", {name.replace('_', ' ')} {value}" for name, value in self._found.items())


@contextlib.contextmanager
def timed(log: logging.Logger, what: str, *, level: int = logging.INFO) -> Iterator[TimedStage]:
    """Log, at `level`, what was done and how long it took; that it begins, or failed, at DEBUG."""
    under_way = TimedStage()
    log.debug("%s: begins", what)
    began = time.perf_counter()
    try:
        yield under_way
    except BaseException as error:
        log.debug("%s: %s after %.3f s%s", what, type(error).__name__, time.perf_counter() - began, under_way)
        raise
    log.log(level, "%s: %.3f s%s", what, time.perf_counter() - began, under_way)


class _OnStderr(logging.Handler):
    """Writes to what stderr is at the moment, which a progress bar replaces while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)


def show_stages() -> None:
    """Write all that the library logs on stderr, in this process and in workers that it starts on this machine."""
    if are_stages_shown():
        return
    handler = _OnStderr()
    handler.setFormatter(logging.Formatter(FORMAT, TIME_FORMAT))
    root = logging.getLogger(ROOT_LOGGER)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    root.propagate = False  # or a command that sets logging up for itself would write each line twice


def are_stages_shown() -> bool:
    """Tell whether `show_stages` was called here."""
    return any(isinstance(handler, _OnStderr) for handler in logging.getLogger(ROOT_LOGGER).handlers)
