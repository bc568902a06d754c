"""How many requests a second `boxwright serve` answers, how soon, and whether each answer is the right one.

    python bench/serve.py DIR --requests 20000 --clients 32
    python bench/serve.py DIR --malformed 0.1 --reload --stop

Starts the service on loopback, sends the pictures of DIR one a request over kept connections, and compares each answer
with the prediction of the library. With --reload the model is loaded again after a third of the requests; with --stop
the service is stopped after two thirds, which must answer all that it accepted. Ends with exit code 1 if anything is
wrong. The clients share the machine with the service, and take about as much of it.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from boxwright import Classification, load_classifier
from model.networks.model_folders import PRETRAINED
from model.reading.images import find_images

CLI = Path(__file__).parents[1] / "cli.py"
TOLERANCE = 1e-4
BOUNDARY = "boxwright-bench"
HEADERS = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass
class Plan:
    """What is sent, what must come back, and what happens meanwhile."""

    pictures: list[bytes]
    expected: list[Classification]
    requests: int
    malformed: float
    signals: dict[int, int]
    process: subprocess.Popen[str]
    port: int


@dataclass
class Tally:
    """What came back."""

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Run, and print what came of it as JSON."""
    arguments = _arguments()
    paths = find_images([arguments.pictures])
    print(f"predicting {len(paths)} pictures offline", file=sys.stderr)
    expected = load_classifier(arguments.model)(paths)
    readable = [index for index, result in enumerate(expected) if result.error is None]
    with running_service(arguments.model, stops=arguments.stop) as (process, port):
        signals = {arguments.requests // 3: signal.SIGHUP} if arguments.reload else {}
        signals |= {2 * arguments.requests // 3: signal.SIGTERM} if arguments.stop else {}
        plan = Plan(
            [paths[index].read_bytes() for index in readable],
            [expected[index] for index in readable],
            arguments.requests,
            arguments.malformed,
            signals,
            process,
            port,
        )
        before_s, start_s = _cpu_s(process), time.perf_counter()
        tally = _ask_all(plan, arguments.clients)
        seconds = time.perf_counter() - start_s
        report = _report(tally, seconds, stopped=arguments.stop)
        if not arguments.stop:
            report["service_cpu_ms_per_request"] = round(1000 * (_cpu_s(process) - before_s) / len(tally.seconds), 2)
    print(json.dumps(report, indent=2))
    sys.exit(1 if report["wrong"] else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--model", default=PRETRAINED)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--malformed", type=float, default=0.0, help="share of requests whose picture is none")
    parser.add_argument("--reload", action="store_true")
    parser.add_argument("--stop", action="store_true")
    return parser.parse_args()


@contextlib.contextmanager
def running_service(model: str, *, stops: bool) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Give a running service and its port; stop it at the end, unless it `stops` before."""
    command = [sys.executable, str(CLI), "serve", "--port", "0", "--model", model]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "serve.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, stderr=stderr, text=True)
        while not (found := re.search(r"answers at http://[^:]+:(\d+)", log.read_text("utf-8"))):
            if process.poll() is not None:
                sys.exit(log.read_text("utf-8"))
            time.sleep(0.05)
        yield process, int(found[1])
        if not stops:
            process.terminate()
        print(f"the service ended with {process.wait(120)} and said:\n{log.read_text('utf-8')}", file=sys.stderr)


def _cpu_s(process: subprocess.Popen[str]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


def _ask_all(plan: Plan, clients: int) -> Tally:
    """Send all requests, each client one after another over a connection of its own."""
    tally, lock, turns = Tally(), threading.Lock(), itertools.count()

    def work(_: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", plan.port, timeout=120)
        while True:
            with lock:
                turn = next(turns)
            if turn >= plan.requests:
                return
            if turn in plan.signals:
                plan.process.send_signal(plan.signals[turn])
            outcome, seconds = _ask(plan, turn, connection)
            with lock:
                tally.outcomes[outcome.partition(":")[0]] += 1
                if seconds is not None:
                    tally.seconds.append(seconds)
                if outcome.startswith("wrong"):
                    tally.wrong.append(outcome)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    return tally


def _ask(plan: Plan, turn: int, connection: http.client.HTTPConnection) -> tuple[str, float | None]:
    """Send a request; return what became of it and how long that took."""
    malformed = (turn * plan.malformed) % 1 + plan.malformed >= 1
    index = turn % len(plan.pictures)
    picture = b"no picture" if malformed else plan.pictures[index]
    start_s = time.perf_counter()
    try:
        connection.request("POST", "/v1/predict", _form(picture), HEADERS)
        reply = connection.getresponse()
        content = reply.read()
    except http.client.IncompleteRead as error:
        connection.close()
        return f"wrong: broken off, {error}", None
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return f"no answer: {error}", None
    seconds = time.perf_counter() - start_s
    if malformed:
        return ("refused" if reply.status == 422 else f"wrong: {reply.status} for a bad picture"), seconds
    if reply.status != 200:
        return f"wrong: {reply.status} {content[:200]!r}", seconds
    return _compare(json.loads(content)["predictions"][0], plan.expected[index]), seconds


def _form(picture: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="crop.png"\r\n\r\n'.encode()
    return head + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def _compare(answer: dict[str, Any], expected: Classification) -> str:
    found = answer["probabilities"]
    if list(found) != list(expected.probabilities):
        return f"wrong: {found}"
    furthest = max(abs(found[label] - value) for label, value in expected.probabilities.items())
    return "right" if furthest < TOLERANCE else f"wrong: {found}, expected {expected.probabilities}"


def _report(tally: Tally, seconds: float, *, stopped: bool) -> dict[str, Any]:
    """Return the figures; requests without an answer are wrong unless the service was told to stop."""
    wrong = len(tally.wrong) + (0 if stopped else tally.outcomes["no answer"])
    percentiles = {f"p{q:g}_ms": round(1000 * float(np.percentile(tally.seconds, q)), 1) for q in (50, 90, 99, 100)}
    return {
        "requests_per_s": round(len(tally.seconds) / seconds, 1),
        **percentiles,
        "outcomes": dict(tally.outcomes),
        "wrong": wrong,
        "examples": tally.wrong[:5],
    }


if __name__ == "__main__":
    main()
