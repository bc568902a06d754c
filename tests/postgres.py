"""A PostgreSQL server for the tests, on loopback and with a data folder of its own; and stores in either database."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def find_program(name: str) -> str | None:
    """Return the path of a server program; Debian keeps them off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(versions[-1]) if versions else None)


def _user() -> str | None:
    """Return whom to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server and give the URL of its one database; skip the test where PostgreSQL is not installed."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, postgres = find_program("initdb"), find_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="boxwright-postgres-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    quiet = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    subprocess.run(
        [initdb, "-D", data, "-U", "ann", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, **quiet
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    server = subprocess.Popen(
        [postgres, "-D", data, *(word for name, value in options.items() for word in ("-c", f"{name}={value}"))],
        **quiet,
    )
    url = f"postgresql://ann:secret@127.0.0.1:{port}/postgres"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(url, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                assert server.poll() is None, "the PostgreSQL server did not start"
                assert time.monotonic() < deadline, "the PostgreSQL server does not answer"
                time.sleep(0.05)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(folder)


def empty(url: str) -> None:
    """Make the database as if no store had ever been in it."""
    import psycopg

    with psycopg.connect(url, autocommit=True, options="-c client_min_messages=warning") as connection:
        connection.execute("DROP SCHEMA IF EXISTS boxwright CASCADE")
