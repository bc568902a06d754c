import socket
import threading
import time
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from typer.testing import CliRunner

from base import cluster
from base.cluster import connect_cluster
from base.errors import ClusterError, InputError, MissingError
from cli import app


def test_without_ray_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingError, match=r"pip install 'boxwright\[ray\]'"), connect_cluster():
        pass


def test_an_address_that_does_not_answer_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: object())
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        start = time.monotonic()
        with (
            pytest.raises(ClusterError, match=rf"no cluster answers at {address}.*ray start --head"),
            connect_cluster(address),
        ):
            pass
    assert time.monotonic() - start < cluster.TIMEOUT_S + 5


def test_what_answers_and_is_no_cluster_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: object())
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{other.server_port}")
        with pytest.raises(ClusterError, match=r"what answers at 127.0.0.1:.* is no cluster"), connect_cluster():
            pass
        thread.join()


@pytest.mark.parametrize("address", ["head", "10.0.0.5", "10.0.0.5:", ":6379", "10.0.0.5:ray", "ray://10.0.0.5:10001"])
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: object())
    with pytest.raises(InputError, match="HOST:PORT"), connect_cluster(address):
        pass


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--engine", "rey"], "unknown engine 'rey'; did you mean ray?"),
        (["--address", "10.0.0.5:6379"], "--address is that of a cluster, for --engine ray"),
    ],
)
def test_commands_refuse_engines_that_do_not_exist(tmp_path: Path, flags: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["generate", str(tmp_path / "out"), *flags])
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / "out").exists()
