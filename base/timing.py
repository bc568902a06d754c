"""What the library tells of its stages: standard logging, a logger a package, silent unless somebody listens."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator

ROOT_LOGGER = "boxwright"
NOTES = f"{ROOT_LOGGER}.notes"
"""The logger of what is not read, not matched or not used; see `base.notes`."""
STAGE_FORMAT = "%(asctime)s.%(msecs)03d %(name)s[%(process)d] %(message)s"
STAGE_TIME = "%H:%M:%S"

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
    """Writes to what stderr is at the moment, which a progress bar replaces while it is shown.

    A note is written once: a command may read one folder several times.
    """

    def __init__(self) -> None:
        super().__init__()
        self._noted: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if record.name == NOTES:
                if record.getMessage() in self._noted:
                    return
                self._noted.add(record.getMessage())
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)


def show_log(level: int, form: str, *, time: str | None = None) -> None:
    """Write what the library logs from `level` on to stderr, each record once, in place of what was written so far."""
    log = logging.getLogger(ROOT_LOGGER)
    for handler in _shown():
        log.removeHandler(handler)
    handler = _OnStderr()
    handler.setFormatter(logging.Formatter(form, time))
    log.addHandler(handler)
    log.setLevel(level)
    log.propagate = False  # who listens to all libraries would write it again


def show_warnings() -> None:
    """Write the library's warnings on stderr, as a command does."""
    show_log(logging.WARNING, "warning: %(message)s")


def show_stages() -> None:
    """Write all that the library logs on stderr, in this process and in workers that it starts on this machine."""
    show_log(logging.DEBUG, STAGE_FORMAT, time=STAGE_TIME)


def are_stages_shown() -> bool:
    """Tell whether stages are written on stderr."""
    return bool(_shown()) and logging.getLogger(ROOT_LOGGER).level == logging.DEBUG


def _shown() -> list[logging.Handler]:
    return [handler for handler in logging.getLogger(ROOT_LOGGER).handlers if isinstance(handler, _OnStderr)]
