"""A MariaDB server for the tests, on loopback and with a data folder of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running_mariadb() -> Iterator[str]:
    """Run a server and give the URL of its one database; skip the test where MariaDB is not installed."""
    pymysql = pytest.importorskip("pymysql", reason="PyMySQL is not installed")
    install, server_program = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path=_places())
    if install is None or server_program is None:
        pytest.skip("MariaDB is not installed")
    folder = Path(tempfile.mkdtemp(prefix="boxwright-mariadb-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = [f"--datadir={folder / 'data'}", *(["--user=root"] if os.geteuid() == 0 else [])]
    subprocess.run(
        [install, "--no-defaults", *common, "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
    )
    small = ("--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin")
    options = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 'socket'}", *small]
    server = subprocess.Popen(
        [server_program, "--no-defaults", *common, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = pymysql.connect(host="127.0.0.1", port=port, user="root")
                break
            except pymysql.OperationalError:
                assert server.poll() is None, "the MariaDB server did not start"
                assert time.monotonic() < deadline, "the MariaDB server does not answer"
                time.sleep(0.05)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER ann@'%' IDENTIFIED BY 'secret'")
            cursor.execute("GRANT ALL ON shop.* TO ann@'%'")
        yield f"mysql://ann:secret@127.0.0.1:{port}/shop"
    finally:
        server.terminate()
        server.wait(timeout=60)
        shutil.rmtree(folder)


def _places() -> str:
    """Return where programs are looked for; Debian keeps servers off the PATH."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
