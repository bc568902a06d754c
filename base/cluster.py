"""A Ray cluster: the same work as in processes of this machine, on many, with what a dead one was doing done again."""

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import socket
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from base.errors import BoxwrightError, ClusterError, InputError, MissingError, WorkerDiedError
from base.plugins import plugin_providers
from base.timing import package_log, timed
from base.work import TASKS_AHEAD, Prepare, start_ahead

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

LOG = package_log(__name__)

RETRIES = 5
"""How often a task whose process died is done again; one that kills five is broken itself."""

TIMEOUT_S = 15
"""How long a cluster's head may take to answer."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
"""What opens a connection of gRPC, which is what a head speaks: that of HTTP/2, RFC 9113 section 3.4."""

SETTINGS = b"\x04"
"""The type of the frame that answers it, in its fourth byte."""

COMPARED = ("boxwright", "numpy", "pillow", "playwright", "torch", "onnxruntime")
"""Packages whose versions decide the bytes of a result."""


@dataclass(frozen=True)
class Home:
    """What workers are told of the process that asks: its working folder, its versions of `COMPARED`, its plug-ins."""

    folder: Path
    versions: tuple[str | None, ...]
    plugins: tuple[str, ...]

    @classmethod
    def here(cls) -> "Home":
        """Return that of this process."""
        return cls(Path.cwd(), _versions(), plugin_providers())


class Cluster:
    """A connected cluster, an `Engine`; made by `connect_cluster`. A task takes one core.

    A task that died with its process is done again, and so is what its result was made from where that went with a
    machine.
    """

    @cached_property
    def cores(self) -> int:
        """Return how many cores all machines had together when this was first asked."""
        import ray

        return max(1, int(ray.cluster_resources().get("CPU", 0)))

    @property
    def ahead(self) -> int:
        """Return how many tasks should be under way at a time."""
        return TASKS_AHEAD * self.cores

    def map(self, prepare: Prepare[_Task, _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """See `base.work.Engine`."""
        start = self.share(prepare)
        for (reference,) in start_ahead((start(task) for task in tasks), self.ahead):
            yield self.get(reference)

    def share(self, prepare: Callable[[], Callable[..., Any]], *, parts: int = 1) -> Callable[..., list[Any]]:
        """Return a function that starts a task and returns references to the parts of its result.

        A reference that is given to a task arrives there as what it stands for, from where that lies and not by way
        of this process.

        Args:
            prepare: gives what a process does with a task.
            parts: a result is a tuple of so many, if it is not one thing.
        """
        import ray

        run = ray.remote(_run).options(num_cpus=1, num_returns=parts, max_retries=RETRIES)
        shared = ray.put((prepare, Home.here()))
        started = partial(run.remote, [shared])
        return lambda *given: [started(*given)] if parts == 1 else started(*given)

    def get(self, reference: Any) -> Any:  # noqa: ANN401  whatever the task gives
        """Wait for what a reference stands for.

        Raises:
            WorkerDiedError: the task was killed again and again.
            ClusterError: a machine lacks boxwright.
            BoxwrightError: what the task raised, of whatever type.
        """
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            return ray.get(reference)
        except RayTaskError as error:
            lacking = "failed to import" in str(error.cause) or isinstance(error.cause, ModuleNotFoundError)
            if lacking and not isinstance(error.cause, BoxwrightError):
                raise ClusterError(f"a machine of the cluster lacks a package: {_last_line(error.cause)}") from error
            raise error.cause from error
        except RayError as error:
            raise WorkerDiedError(f"a task of the cluster died {RETRIES + 1} times: {_brief(error)}") from error


@contextlib.contextmanager
def connect_cluster(address: str | None = None) -> Iterator[Cluster]:
    """Connect to a cluster from one of its machines.

    Args:
        address: HOST:PORT of the cluster's head; RAY_ADDRESS, or the cluster that this machine is part of, or else one
            of this machine alone for as long as the context lasts, when None.

    Raises:
        MissingError: Ray is not installed.
        ClusterError: nothing answers there, or another version does.
    """
    if importlib.util.find_spec("ray") is None:
        raise MissingError("--engine ray needs Ray: pip install 'boxwright[ray]'")
    named = address or os.environ.get("RAY_ADDRESS")
    if named and named not in ("auto", "local"):
        _require_answer(named)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    alone: dict[str, Any] = {} if address is not None else {"include_dashboard": False}
    try:
        with timed(LOG, f"joining the cluster {named or 'of this machine'}"):
            ray.init(address, log_to_driver=False, logging_level="ERROR", **alone)
    except (ConnectionError, RuntimeError, OSError, ValueError) as error:
        raise ClusterError(
            f"cannot join the cluster {named or 'of this machine'}: {_brief(error)}; "
            "if it asks for a token, set RAY_AUTH_MODE=token"
        ) from error
    try:
        yield Cluster()
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """See that a cluster's head listens at an address; Ray itself would try for a quarter of an hour."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise InputError(f"a cluster's address is HOST:PORT of its head, as in 10.0.0.5:6379, not {address}")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_S) as connection:
            speaks = os.environ.get("RAY_USE_TLS") == "1" or _speaks_http2(connection)
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no cluster answers at {address}: {error}; `ray start --head` starts one and prints its address"
        ) from error
    if not speaks:
        raise ClusterError(f"what answers at {address} is no cluster; `ray start --head` prints the address of one")


def _speaks_http2(connection: socket.socket) -> bool:
    connection.sendall(PREFACE)
    with connection.makefile("rb") as answer:
        return answer.read(9)[3:4] == SETTINGS


_prepared: dict[Any, Callable[..., Any]] = {}
"""What this worker process does with tasks, by the reference that brought it; the process ends with the run."""


def _run(shared: list[Any], *given: Any) -> Any:  # noqa: ANN401  whatever the function takes and gives
    """Do a task in a worker process."""
    import ray

    (reference,) = shared
    if reference not in _prepared:
        prepare, home = ray.get(reference)
        _settle_in(home)
        _prepared[reference] = prepare()
    return _prepared[reference](*given)


def _settle_in(home: Home) -> None:
    """Work in the folder of the process that asks, where this machine has it; only with its versions and plug-ins."""
    for name, here, there in zip(COMPARED, _versions(), home.versions, strict=True):
        if here != there:
            raise ClusterError(
                f"the machine {platform.node()} has {name} {here or 'not at all'}, and the one that asks {there}; "
                "results would differ"
            )
    if plugin_providers() != home.plugins:
        here, there = (", ".join(each) or "none" for each in (plugin_providers(), home.plugins))
        raise ClusterError(
            f"the machine {platform.node()} has other plug-ins ({here}) than the one that asks ({there}); "
            "install the same ones"
        )
    if home.folder.is_dir():
        os.chdir(home.folder)


def _versions() -> tuple[str | None, ...]:
    return tuple(_version(name) for name in COMPARED)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _brief(error: BaseException) -> str:
    return textwrap.shorten(str(error), 300, placeholder=" …") or type(error).__name__


def _last_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[-1]
