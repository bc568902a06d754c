"""What hostile requests cost `boxwright serve`: its memory, and how long ordinary requests wait beside them.

    python bench/serve_hostile.py DIR --seconds 40 --clients 4 --pause 0.5

Starts the service on loopback, asks it for the pictures of DIR for a while, and again while others send it pictures
that are tall, wide, or as large as it takes, forms of many parts, JSON of a million values, huge headers and bodies
that stand still, each of five senders one after another with a pause between them. Prints the latencies of the
ordinary requests and the service's memory, without and with them, and what the hostile ones were answered. Ends with
exit code 1 if memory doubles or the median latency trebles. Senders and clients share the machine with the service.
"""

import argparse
import concurrent.futures
import http.client
import io
import itertools
import json
import multiprocessing
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from serve import BOUNDARY, HEADERS, running_service

from model.networks.model_folders import PRETRAINED
from model.reading.images import find_images

MOST_MEMORY, MOST_LATENCY = 2.0, 3.0
JSON = {"content-type": "application/json"}


def main() -> None:
    """Run, and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--model", default=PRETRAINED)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between the requests of a hostile sender")
    arguments = parser.parse_args()
    pictures = [path.read_bytes() for path in find_images([arguments.pictures])]
    with running_service(arguments.model, stops=False) as (process, port):
        run = Run(psutil.Process(process.pid), port, pictures, arguments.seconds, arguments.clients)
        run.measure()  # the first requests take what is taken once
        alone = run.measure()
        made = [list(make()) for make in HOSTILE]
        with concurrent.futures.ProcessPoolExecutor(len(made), multiprocessing.get_context("spawn")) as pool:
            list(pool.map(len, made))  # starts the processes
            end_s = time.time() + arguments.seconds
            senders = [pool.submit(send, requests, port, arguments.pause, end_s) for requests in made]
            beside = run.measure()
            answers = dict(sorted(sum((sender.result() for sender in senders), Counter[str]()).items()))
        after = run.measure()
    ratios = {
        "memory": round(beside["most_memory_mb"] / alone["most_memory_mb"], 2),
        "p50": round(beside["p50_ms"] / alone["p50_ms"], 2),
    }
    report = {"alone": alone, "beside hostile ones": beside, "after": after, "ratios": ratios, "hostile": answers}
    print(json.dumps(report, indent=2))
    sys.exit(1 if ratios["memory"] > MOST_MEMORY or ratios["p50"] > MOST_LATENCY else 0)


class Run:
    """A service under load, for a number of seconds at a time."""

    def __init__(self, process: psutil.Process, port: int, pictures: list[bytes], seconds: float, clients: int) -> None:
        self._process, self._port, self._pictures = process, port, pictures
        self._seconds, self._clients = seconds, clients

    def measure(self) -> dict[str, Any]:
        """Ask for pictures, each client one after another; return latencies and memory."""
        end_s = time.monotonic() + self._seconds
        seconds: list[float] = []
        outcomes: Counter[str] = Counter()
        memory = [0.0]

        def ask(first: int) -> None:
            for turn in itertools.count(first, self._clients):
                if time.monotonic() > end_s:
                    return
                start_s = time.perf_counter()
                outcomes[post(self._port, HEADERS, form(self._pictures[turn % len(self._pictures)]))] += 1
                seconds.append(time.perf_counter() - start_s)

        def watch() -> None:
            while time.monotonic() < end_s:
                memory.append(self._process.memory_info().rss / 1e6)
                time.sleep(0.05)

        workers = [threading.Thread(target=ask, args=(first,)) for first in range(self._clients)]
        workers += [threading.Thread(target=watch)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        percentiles = {f"p{q}_ms": round(1000 * float(np.percentile(seconds, q)), 1) for q in (50, 90, 99)}
        return {"outcomes": dict(outcomes), **percentiles, "most_memory_mb": round(max(memory))}


Sent = tuple[str, Callable[[int], str]]
"""What is sent, and what sends it to a port and returns what it was answered."""


def form(*pictures: bytes) -> bytes:
    """Return the body of a form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="crop.png"\r\n\r\n'.encode()
    return b"".join(head + picture + b"\r\n" for picture in pictures) + f"--{BOUNDARY}--\r\n".encode()


def post(port: int, headers: dict[str, str], body: bytes) -> str:
    """Send a request; return its status, or why there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/v1/predict", body, headers)
        reply = connection.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()
    return str(reply.status)


def shapes() -> Iterator[Sent]:
    """Pictures of a few kilobytes that are huge when decoded, or when padded, alone and four in a request."""
    for name, size, mode in (
        ("tall", (1, 9_900_000), "L"),
        ("wide", (9_900_000, 1), "L"),
        ("thin", (1, 20_000), "L"),
        ("as large as is taken", (3200, 3100), "RGBA"),
        ("too large", (20_000, 20_000), "1"),
    ):
        picture = png(size, mode)
        for count in (1, 4):
            yield f"{count} {name}", partial(post, headers=HEADERS, body=form(*[picture] * count))


def bodies() -> Iterator[Sent]:
    """Bodies of many parts, many values or much text."""
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'.encode()
    yield "many fields", partial(post, headers=HEADERS, body=field * 100_000)
    yield "many pictures", partial(post, headers=HEADERS, body=form(*[b"x"] * 20_000))
    yield "many values", partial(post, headers=JSON, body=b'{"pictures": [%s1]}' % (b"1," * 8_000_000))
    yield "long base64", partial(post, headers=JSON, body=b'{"pictures": [{"base64": "%s"}]}' % (b"A" * 16_000_000))
    small = png((40, 30), "RGB")
    yield "64 small pictures", partial(post, headers=HEADERS, body=form(*[small] * 64))


def slow() -> Iterator[Sent]:
    """Requests that stand still in their headers or their body, and headers that never end."""
    head = f"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {HEADERS['content-type']}\r\n".encode()
    yield (
        "slow body",
        partial(stand_still, content=head + b"Content-Length: 30000000\r\n\r\n" + form(b"0" * 20_000_000)[:-60]),
    )
    yield "huge headers", partial(stand_still, content=head + b"X-Long: %s\r\n" % (b"a" * 5_000_000))


def stand_still(port: int, content: bytes) -> str:
    """Send the beginning of a request and wait for the answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(content)
            return connection.recv(12)[9:].decode()
    except OSError as error:
        return type(error).__name__


def png(size: tuple[int, int], mode: str) -> bytes:
    """Return a picture of one colour as a PNG file."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    return file.getvalue()


def send(requests: "list[Sent]", port: int, pause_s: float, end_s: float) -> Counter[str]:
    """Send requests over and over until `end_s`; return how often which answer came."""
    answers: Counter[str] = Counter()
    for what, request in itertools.cycle(requests):
        if time.time() > end_s:
            break
        answers[f"{what}: {request(port)}"] += 1
        time.sleep(pause_s)
    return answers


HOSTILE = (shapes, shapes, bodies, slow, slow)
"""What sends at the same time."""


if __name__ == "__main__":
    main()
