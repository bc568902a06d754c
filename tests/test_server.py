"""A real service in a process of its own: many clients at once, reloads, stops, refusals to start."""

import contextlib
import http.client
import json
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pytest

from model.classifying.classifier import load_classifier
from model.networks.checkpoint import save_model
from model.promoting.registry import add_version, roll_back, set_alias
from tests.serving import Running, running
from tests.test_cli import run
from tests.test_predict import model, write_pool

CLIENTS = 16
REQUESTS = 320
TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    save_model(model(seed=3), folder, training={})
    return folder


@pytest.fixture(scope="module")
def service(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service"), "--model", str(run_folder)) as service:
        yield service


def body_of(*pictures: bytes) -> bytes:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d.png"\r\n\r\n%s\r\n' % (index, picture)
        for index, picture in enumerate(pictures)
    ]
    return b"".join(parts) + b"--x--\r\n"


class Client:
    """Asks over one connection that is kept."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._headers = {"content-type": "multipart/form-data; boundary=x"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, path: str, body: bytes = b"", *, method: str = "POST") -> tuple[int, dict[str, Any]]:
        self.connection.request(method, path, body, self._headers)
        reply = self.connection.getresponse()
        content = reply.read()
        assert len(content) == int(reply.headers["content-length"])
        return reply.status, json.loads(content) if "json" in reply.headers["content-type"] else {"text": content}


def ask(port: int, path: str, body: bytes, *, token: str | None = None) -> tuple[int, dict[str, Any]]:
    with Client(port, token) as client:
        return client.ask(path, body)


def expected_by_model(folders: list[Path], pictures: list[Path]) -> dict[str, list[dict[str, float]]]:
    classifiers = [load_classifier(folder) for folder in folders]
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


def test_what_a_name_of_a_registry_stands_for_is_put_to_work_and_no_request_is_dropped(tmp_path: Path) -> None:
    root, prints = tmp_path / "models", []
    for seed in (3, 4):
        (tmp_path / f"{seed}").mkdir()
        prints.append(save_model(model(seed=seed), tmp_path / f"{seed}", training={}).fingerprint)
    set_alias(root, "current", add_version(root, tmp_path / "3"))
    (tmp_path / "boxwright.toml").write_text("[serve]\nfollow_s = 0.05\n", encoding="utf-8")
    body = body_of(write_pool(tmp_path, 1)[0].read_bytes())
    seen: list[str] = []
    done = threading.Event()

    def work(_: int) -> None:
        with Client(service.port) as client:
            while not done.is_set():
                status, answer = client.ask("/v1/predict", body)
                assert status == 200, answer
                seen.append(answer["model"])

    def wait_for(fingerprint: str) -> None:
        end_s = time.monotonic() + 60
        while fingerprint not in seen[-2 * CLIENTS :]:
            assert time.monotonic() < end_s, "the service did not pick it up"
            time.sleep(0.01)

    with running(tmp_path, "--model", "current") as service, ThreadPoolExecutor(CLIENTS) as pool:
        clients = pool.map(work, range(CLIENTS))
        try:
            wait_for(prints[0])
            set_alias(root, "current", add_version(root, tmp_path / "4"))
            wait_for(prints[1])
            (root / "registry.json").rename(root / "gone.json")  # for a while nobody knows; the model goes on
            time.sleep(0.2)
            (root / "gone.json").rename(root / "registry.json")
            roll_back(root, "current")
            wait_for(prints[0])
        finally:
            done.set()
        list(clients)
    assert set(seen) == set(prints)


def test_a_reload_that_fails_says_so_and_the_model_goes_on(service: Running, run_folder: Path, tmp_path: Path) -> None:
    body = body_of(write_pool(tmp_path, 1)[0].read_bytes())
    before = ask(service.port, "/v1/predict", body)
    (run_folder / "weights.safetensors").write_bytes(b"damaged")
    service.process.send_signal(signal.SIGHUP)
    while "not reloaded" not in service.log.read_text(encoding="utf-8") and service.process.poll() is None:
        time.sleep(0.02)
    assert "is damaged" in service.log.read_text(encoding="utf-8")
    assert ask(service.port, "/v1/predict", body) == before


def waiting(client: Client) -> float:
    text = client.ask("/metrics", method="GET")[1]["text"].decode()
    return float(text.partition("\nboxwright_waiting_pictures ")[2].split()[0])


def test_a_stop_amid_traffic_finishes_what_was_accepted(tmp_path: Path) -> None:
    """Who comes too late may be refused a connection; whoever is answered is answered in full."""
    (tmp_path / "boxwright.toml").write_text('[serve]\nhost = "0.0.0.0"\nmax_pictures = 32\n', encoding="utf-8")
    pictures = [path.read_bytes() for path in write_pool(tmp_path, 32)]
    answered: list[int] = []
    refused: list[Exception] = []

    def work(_: int) -> None:
        with Client(service.port, TOKEN) as client:
            try:
                while True:
                    answered.append(client.ask("/v1/predict", body_of(pictures[0]))[0])
            except (OSError, http.client.HTTPException) as error:
                refused.append(error)

    with running(tmp_path, "--model", "pretrained", BOXWRIGHT_TOKEN=TOKEN) as service:
        assert service.address.startswith("http://0.0.0.0:")
        assert ask(service.port, "/v1/predict", body_of(b"x"))[0] == 401
        assert ask(service.port, "/v1/predict", body_of(*[b"x"] * 33), token=TOKEN)[0] == 413
        with ThreadPoolExecutor(CLIENTS + 4) as pool, Client(service.port, TOKEN) as watcher:
            clients = pool.map(work, range(CLIENTS))
            large = [pool.submit(ask, service.port, "/v1/predict", body_of(*pictures), token=TOKEN) for _ in range(4)]
            while waiting(watcher) < 33 and not any(each.done() for each in large):
                time.sleep(0.002)
            service.process.send_signal(signal.SIGTERM)
            sizes = {len(each.result()[1]["predictions"]) for each in large}
            list(clients)
        assert service.process.wait(30) == 0
    assert (sizes, set(answered), len(refused)) == ({32}, {200}, CLIENTS)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


REFUSALS = [
    (["--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines, so a token is needed: set BOXWRIGHT_TOKEN"),
    (["--token", "short"], "the token has 5 characters; at least 16"),
    (["--model", "nowhere"], "no model nowhere"),
    (["--port", "99999"], "serve: port: "),
    (["--host", "no.such.host.invalid", "--token", TOKEN], "cannot listen on no.such.host.invalid"),
    (["--port", "TAKEN"], "cannot listen on 127.0.0.1:TAKEN: address already in use; name another"),
]


@pytest.mark.parametrize(("options", "message"), REFUSALS)
def test_it_refuses_to_start_and_says_why(
    options: list[str], message: str, taken_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word.replace("TAKEN", str(taken_port)) for word in options]
    code, _, stderr = run("serve", *(["--model", "pretrained"] if "--model" not in words else []), *words)
    assert code == 1
    assert f"{message.replace('TAKEN', str(taken_port))}".lower() in stderr.lower()


def speak(port: int, *parts: bytes, pause_s: float = 0) -> bytes:
    """Send bytes over a connection, with pauses between the parts, and return what comes back first, if anything."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
        contextlib.suppress(ConnectionError),  # who sends too much is cut off, before the answer was read perhaps
    ):
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        return connection.recv(65536)
    return b""


def test_slow_bodies_and_huge_headers_are_refused_and_the_next_request_is_answered(tmp_path: Path) -> None:
    (tmp_path / "boxwright.toml").write_text("[serve]\nidle_s = 0.3\n", encoding="utf-8")
    body = body_of(write_pool(tmp_path, 1)[0].read_bytes())
    head = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with running(tmp_path, "--model", "pretrained") as service:
        slow = speak(service.port, head + b"Content-Length: 1000\r\n\r\n" + body[:50], b"", pause_s=0.8)
        assert slow.startswith(b"HTTP/1.1 408 ")
        assert b"nothing of the request arrived for 0.3 s" in slow
        huge = speak(service.port, head, *[b"X-Long: %s\r\n" % (b"a" * 9000)] * 3)
        assert huge[:10] in (b"", b"HTTP/1.1 4")
        assert ask(service.port, "/v1/predict", body)[0] == 200


def test_a_websocket_is_not_opened_and_the_page_is_answered(service: Running) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s==\r\n"
    answer = speak(service.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + upgrade % (b"A" * 22), b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
