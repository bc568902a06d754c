"""A real service in a process of its own: many clients at once, reloads, stops, refusals to start."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pytest

from model.checkpoint import save_model
from model.classifier import load
from tests.serving import CLI, Running, running
from tests.test_predict import model, write_pool

CLIENTS = 16
REQUESTS = 320


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    save_model(model(seed=3), folder, training={})
    return folder


@pytest.fixture
def service(run_folder: Path, tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--model", str(run_folder)) as service:
        yield service


def body_of(*pictures: bytes) -> bytes:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d.png"\r\n\r\n%s\r\n' % (index, picture)
        for index, picture in enumerate(pictures)
    ]
    return b"".join(parts) + b"--x--\r\n"


class Client:
    """Asks over one connection that is kept."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(
        self, path: str, body: bytes = b"", *, method: str = "POST", token: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        self.connection.request(method, path, body, {"content-type": "multipart/form-data; boundary=x", **bearer})
        reply = self.connection.getresponse()
        content = reply.read()
        assert len(content) == int(reply.headers["content-length"])
        return reply.status, json.loads(content) if "json" in reply.headers["content-type"] else {"text": content}


def ask(port: int, path: str, body: bytes = b"", **options: Any) -> tuple[int, dict[str, Any]]:
    with Client(port) as client:
        return client.ask(path, body, **options)


def expected_by_model(folders: list[Path], pictures: list[Path]) -> dict[str, list[dict[str, float]]]:
    classifiers = [load(folder) for folder in folders]
    return {each.model.fingerprint: [result.probabilities for result in each(pictures)] for each in classifiers}


def test_many_clients_get_their_own_answers_through_a_reload(
    service: Running, run_folder: Path, tmp_path: Path
) -> None:
    paths = write_pool(tmp_path, 20)
    pictures = [path.read_bytes() for path in paths]
    other = tmp_path / "other"
    other.mkdir()
    save_model(model(seed=4), other, training={})
    expected = expected_by_model([run_folder, other], paths)
    for name in ("model.json", "weights.safetensors"):  # what is there is put to work by the reload alone
        (run_folder / name).write_bytes((other / name).read_bytes())
    seen: Counter[str] = Counter()
    asked = iter(range(REQUESTS))
    lock = threading.Lock()

    def next_turn() -> int | None:
        with lock:
            return next(asked, None)

    def work(_: int) -> None:
        with Client(service.port) as client:
            while (turn := next_turn()) is not None:
                take(turn, client, random.Random(turn))

    def take(turn: int, client: Client, rng: random.Random) -> None:
        if turn == REQUESTS // 2:
            service.process.send_signal(signal.SIGHUP)
        if turn % 10 == 9:
            assert client.ask("/v1/predict", body_of(b"malformed"))[0] == 422
            return
        index = rng.randrange(len(pictures))
        status, answer = client.ask("/v1/predict", body_of(pictures[index]))
        assert status == 200, answer
        assert answer["predictions"][0]["probabilities"] == pytest.approx(expected[answer["model"]][index], abs=1e-4)
        with lock:
            seen[answer["model"]] += 1

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    assert sum(seen.values()) == REQUESTS * 9 // 10
    assert set(seen) == set(expected), "some answers are by the model before the reload, some by the one after"


def test_a_stop_finishes_what_was_accepted(service: Running, tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 32)
    body = body_of(*(path.read_bytes() for path in paths))
    with ThreadPoolExecutor(4) as pool, Client(service.port) as watcher:
        answers = [pool.submit(ask, service.port, "/v1/predict", body) for _ in range(4)]
        while b"waiting_pictures 0.0" in watcher.ask("/metrics", method="GET")[1]["text"]:
            time.sleep(0.002)
        service.process.send_signal(signal.SIGTERM)
        for answer in answers:
            status, content = answer.result()
            assert (status, len(content["predictions"])) == (200, len(paths))
    assert service.process.wait(30) == 0
    with pytest.raises(ConnectionError):
        ask(service.port, "/healthz", method="GET")


def test_a_stop_amid_traffic_breaks_no_answer_off(service: Running, tmp_path: Path) -> None:
    """Requests that come too late may be refused a connection; what is answered is answered in full."""
    body = body_of(write_pool(tmp_path, 1)[0].read_bytes())
    answered: list[int] = []
    refused: list[Exception] = []

    def work(_: int) -> None:
        with Client(service.port) as client:
            try:
                while True:
                    answered.append(client.ask("/v1/predict", body)[0])
            except (OSError, http.client.RemoteDisconnected) as error:
                refused.append(error)

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = pool.map(work, range(CLIENTS))
        while len(answered) < 50:
            time.sleep(0.01)
        service.process.send_signal(signal.SIGTERM)
        list(clients)
    assert service.process.wait(30) == 0
    assert (set(answered), len(refused)) == ({200}, CLIENTS)


def test_a_reload_that_fails_says_so_and_the_model_goes_on(service: Running, run_folder: Path, tmp_path: Path) -> None:
    body = body_of(write_pool(tmp_path, 1)[0].read_bytes())
    before = ask(service.port, "/v1/predict", body)
    (run_folder / "weights.safetensors").write_bytes(b"damaged")
    service.process.send_signal(signal.SIGHUP)
    while "not reloaded" not in service.log.read_text(encoding="utf-8"):
        time.sleep(0.02)
    assert "is damaged" in service.log.read_text(encoding="utf-8")
    assert ask(service.port, "/v1/predict", body) == before


@pytest.mark.parametrize(
    ("options", "token", "message"),
    [
        (("--host", "0.0.0.0"), "", "so a token is needed: set BOXWRIGHT_TOKEN"),
        (("--token", "short"), "", "the token has 5 characters; at least 16"),
        (("--model", "nowhere"), "", "no model nowhere"),
        (("--port", "99999"), "", "port"),
        (("--host", "no.such.host.invalid"), "0123456789abcdef", "cannot listen on no.such.host.invalid"),
    ],
)
def test_it_refuses_to_start_and_says_why(
    options: tuple[str, ...], token: str, message: str, run_folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, str(CLI), "serve", "--port", "0", "--model", str(run_folder), *options]
    environment = {**os.environ, "BOXWRIGHT_TOKEN": token}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr


def test_a_port_that_is_taken_is_named(service: Running, run_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(CLI), "serve", "--port", str(service.port), "--model", str(run_folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, f"cannot listen on 127.0.0.1:{service.port}: " in done.stderr) == (1, True)


def test_with_a_token_it_listens_anywhere_and_limits_are_settings(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "boxwright.toml").write_text('[serve]\nhost = "0.0.0.0"\nmax_pictures = 1\n', encoding="utf-8")
    with running(tmp_path, "--model", str(run_folder), BOXWRIGHT_TOKEN="0123456789abcdef") as service:
        assert service.address.startswith("http://0.0.0.0:")
        assert ask(service.port, "/v1/predict", body_of(b"x"))[0] == 401
        assert ask(service.port, "/v1/predict", body_of(b"x", b"y"), token="0123456789abcdef")[0] == 413
