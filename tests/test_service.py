import base64
import functools
import io
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from base.errors import ModelError
from model.classifying.classifier import Classifier
from model.networks.trained_model import Model
from service.app import create_app
from service.batcher import Batcher, BusyError
from service.schemas import API_VERSION
from service.service_settings import ServeSettings
from service.serving import Serving
from service.uploads.bodies import Budget
from tests.test_predict import model, write_pool

SETTINGS = ServeSettings(
    max_pictures=3, max_picture_mb=0.02, max_request_mb=0.05, max_megapixels=0.05, queue_pictures=3, queue_mb=0.06
)
TOKEN = "0123456789abcdef"
JSON = {"content-type": "application/json"}


class Shelf:
    """Where the service's model lies."""

    def __init__(self) -> None:
        self.model: Model | None = self.new(3)

    @staticmethod
    @functools.cache
    def new(seed: int) -> Model:
        return replace(model(seed=seed), locates=True, fingerprint=f"seed{seed}")

    def load(self) -> Classifier:
        if self.model is None:
            raise ModelError("the shelf is empty")
        return Classifier(self.model)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def serving(shelf: Shelf) -> Serving:
    return Serving(shelf.load, SETTINGS)


def talk_to(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def client(serving: Serving) -> Iterator[TestClient]:
    with talk_to(create_app(serving)) as client:
        yield client


@pytest.fixture(scope="module")
def steady() -> Iterator[TestClient]:
    """A service that many tests share; they leave it as it is."""
    with talk_to(create_app(Serving(Shelf().load, SETTINGS))) as client:
        yield client


@pytest.fixture
def pictures(tmp_path: Path) -> list[bytes]:
    return [path.read_bytes() for path in write_pool(tmp_path, 4)]


def form(*pictures: bytes, field: str = "file") -> list[tuple[str, tuple[str, bytes]]]:
    return [(field, (f"{index}.png", picture)) for index, picture in enumerate(pictures)]


def encoded(*pictures: bytes) -> dict[str, Any]:
    return {
        "pictures": [
            {"name": f"{index}.png", "base64": base64.b64encode(picture).decode()}
            for index, picture in enumerate(pictures)
        ]
    }


@pytest.mark.parametrize("way", ["form", "JSON"])
def test_an_answer_is_what_the_library_says(way: str, client: TestClient, shelf: Shelf, pictures: list[bytes]) -> None:
    sent = {"files": form(*pictures[:3])} if way == "form" else {"json": encoded(*pictures[:3])}
    answer = client.post("/v1/predict", **sent).json()
    assert (answer["model"], answer["version"]) == ("seed3", API_VERSION)
    assert [each["name"] for each in answer["predictions"]] == ["0.png", "1.png", "2.png"]
    for each, expected in zip(answer["predictions"], shelf.load()(pictures[:3]), strict=True):
        assert each["probabilities"] == pytest.approx(expected.probabilities, abs=1e-4)
        assert (each["prediction"], each["kind"], each["error"]) == (expected.label, expected.kind, None)
        assert each["confidence"] == max(each["probabilities"].values())
        box = each["box"] and tuple(each["box"].values())
        assert box == (expected.box and pytest.approx(expected.box, abs=0.2))


def test_one_bad_picture_of_several_fails_alone(steady: TestClient, pictures: list[bytes]) -> None:
    reply = steady.post("/v1/predict", files=form(pictures[0], b"text", b"0" * 30_000))
    errors = [each["error"] for each in reply.json()["predictions"]]
    assert (reply.status_code, errors) == (
        200,
        [None, "is not a picture", "too large: a picture has at most 0.02 MB"],
    )


def large_png() -> bytes:
    file = io.BytesIO()
    Image.new("1", (1000, 1000)).save(file, "PNG")
    return file.getvalue()


def thin_png() -> bytes:
    file = io.BytesIO()
    Image.new("1", (40_000, 1)).save(file, "PNG")
    return file.getvalue()


def png(width: int, height: int, mode: str = "L") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


MULTIPART = {"content-type": "multipart/form-data; boundary=x"}

REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no content type": ({"content": b"x"}, 415, "without a content type"),
    "another content type": ({"content": b"x", "headers": {"content-type": "image/png"}}, 415, "image/png"),
    "no picture": ({"files": form(b"text")}, 422, "0.png: is not a picture"),
    "a thread": ({"files": form(thin_png())}, 422, "too long and thin: 40000x1 px would be padded to"),
    "an empty one": ({"files": form(b"")}, 422, "0.png: is empty"),
    "too many pixels": ({"files": form(large_png())}, 422, "too large: 1000x1000 px, at most 0.05 megapixels"),
    "a large file": ({"files": form(b"0" * 30_000)}, 413, "at most 0.02 MB"),
    "a large body": ({"files": form(b"0" * 60_000)}, 413, "at most 0.05 MB"),
    "a large body of unknown length": (
        {"content": iter([b"0" * 30_000] * 2), "headers": JSON},
        413,
        "at most 0.05 MB",
    ),
    "many files": ({"files": form(b"", b"", b"", b"")}, 413, "at most 3"),
    "many in JSON": ({"json": encoded(b"", b"", b"", b"")}, 413, "at most 3"),
    "another field": ({"files": form(b"x", field="image")}, 422, "unknown field 'image'"),
    "text in the field": ({"files": [("file", (None, "x"))]}, 422, "as a file, not as text"),
    "no file": ({"content": b"--x--\r\n", "headers": MULTIPART}, 422, "no picture"),
    "half a form": ({"content": b"--x\r\nContent-Disp", "headers": MULTIPART}, 422, "no picture"),
    "no boundary": ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
    "not a form": ({"content": b"no form", "headers": MULTIPART}, 400, "the form cannot be read"),
    "not JSON": ({"content": b"{", "headers": JSON}, 400, "body"),
    "other JSON": ({"json": {"pictures": [{"url": "http://x"}]}}, 422, "pictures.0.base64"),
    "nothing in JSON": ({"json": {"pictures": []}}, 422, "pictures"),
    "not base64": ({"json": {"pictures": [{"base64": "?"}]}}, 422, "the picture: is not base64"),
}


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/explain"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_told_what_is_wrong(case: str, path: str, steady: TestClient) -> None:
    sent, status, reason = REFUSED[case]
    if case == "a large body of unknown length":
        sent = {**sent, "content": iter([b"0" * 30_000] * 2)}
    reply = steady.post(path, **sent)
    detail = reply.json()["detail"]
    if "explain" in path and "at most 3" in reason:
        reason = "at most 1"
    assert reply.status_code == status, detail
    assert reason in detail


def test_an_explanation_is_a_prediction_and_a_map(steady: TestClient, pictures: list[bytes]) -> None:
    answer = steady.post("/v1/explain", files=form(pictures[0])).json()
    predicted = steady.post("/v1/predict", files=form(pictures[0])).json()["predictions"][0]
    assert answer["prediction"]["prediction"] == predicted["prediction"]
    assert len({len(row) for row in answer["heat"]}) == 1
    assert all(-1 <= value <= 1 for row in answer["heat"] for value in row)


def test_a_full_queue_says_when_to_come_back(client: TestClient, serving: Serving, pictures: list[bytes]) -> None:
    serving.batcher._waiting = 3
    reply = client.post("/v1/predict", files=form(pictures[0]))
    ready = client.get("/readyz")
    serving.batcher._waiting = 0
    assert (reply.status_code, reply.headers["retry-after"], ready.status_code) == (503, "1", 503)
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.post("/v1/predict", files=form(pictures[0])).status_code == 200


def test_bodies_share_a_budget_that_comes_back(client: TestClient, pictures: list[bytes]) -> None:
    budget = client.app.state.budget  # type: ignore[attr-defined]  # of FastAPI
    assert budget.take(55_000)
    assert client.post("/v1/predict", files=form(b"0" * 10_000)).status_code == 503
    assert budget.take(5_000)
    assert not budget.take(1)


def test_an_answer_that_takes_too_long_is_given_up(shelf: Shelf, pictures: list[bytes]) -> None:
    serving = Serving(shelf.load, SETTINGS.model_copy(update={"timeout_s": 1e-4}))
    with talk_to(create_app(serving)) as client:
        reply = client.post("/v1/predict", files=form(pictures[0]))
    assert reply.status_code in (408, 503)  # whichever clock runs out first
    assert serving.batcher.waiting == 0


def test_a_reload_changes_the_model_and_a_failed_one_does_not(
    client: TestClient, shelf: Shelf, pictures: list[bytes]
) -> None:
    shelf.model = shelf.new(4)
    assert client.get("/v1/model").json()["model"] == "seed3"
    assert client.post("/v1/reload").json()["model"] == "seed4"
    shelf.model = None
    reply = client.post("/v1/reload")
    assert (reply.status_code, reply.json()["detail"]) == (
        409,
        "not reloaded, model seed4 goes on: the shelf is empty",
    )
    assert client.post("/v1/predict", files=form(pictures[0])).json()["model"] == "seed4"


LOCKED = [
    *product(["GET"], ["/v1/model", "/metrics"]),
    *product(["POST"], ["/v1/reload", "/v1/predict", "/v1/explain", "/v1/scan"]),
]


@pytest.mark.parametrize(("method", "path"), LOCKED)
def test_all_that_tells_or_does_anything_asks_for_the_token(method: str, path: str, serving: Serving) -> None:
    with talk_to(create_app(serving, token=TOKEN)) as client:
        for given in (None, "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer \xe9"):
            reply = client.request(method, path, headers={"authorization": given.encode("latin-1")} if given else {})
            assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert client.request(method, path, headers={"authorization": f"Bearer {TOKEN}"}).status_code in (200, 415)
        for open_path in ("/", "/healthz", "/readyz", "/page.js", "/screen.js", "/page.css", "/openapi.json"):
            assert client.get(open_path, headers={"host": "example.org"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"host": "example.org"}, {"origin": "https://example.org"}, {"origin": "null"}, {"host": "localhost.example.org"}],
)
def test_without_a_token_pages_of_other_sites_are_refused(headers: dict[str, str], steady: TestClient) -> None:
    assert steady.post("/v1/reload", headers=headers).status_code == 403
    assert steady.get("/v1/model", headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_without_a_token_this_machine_is_served(host: str, steady: TestClient) -> None:
    assert steady.get("/v1/model", headers={"host": host, "origin": f"http://{host}"}).status_code == 200


def test_metrics_count_what_happened(client: TestClient, pictures: list[bytes]) -> None:
    client.post("/v1/predict", files=form(*pictures[:2], b"text"))
    client.get("/no-such-path")
    text = client.get("/metrics").text
    found = {name: float(value) for name, value in re.findall(r"^(boxwright_\S+) (\S+)$", text, re.MULTILINE)}
    assert found['boxwright_requests_total{path="/v1/predict",status="200"}'] == 1
    assert found['boxwright_requests_total{path="none",status="404"}'] == 1
    assert found['boxwright_request_seconds_count{path="/v1/predict"}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("boxwright_predictions_total")) == 2
    assert found["boxwright_unreadable_pictures_total"] == 1
    assert found["boxwright_batch_pictures_sum"] == 2
    assert found["boxwright_waiting_pictures"] == 0
    assert found[f'boxwright_model{{model="seed3",version="{API_VERSION}"}}'] == 1


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def test_the_description_s_examples_are_answered_and_have_its_fields(steady: TestClient) -> None:
    document = steady.get("/openapi.json").json()
    operation = document["paths"]["/v1/predict"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    answer = steady.post("/v1/predict", json=example)
    schema = resolve(document, operation["responses"]["200"]["content"]["application/json"]["schema"])
    shown = schema["example"]
    assert answer.status_code == 200
    assert set(answer.json()) == set(shown) == set(schema["properties"])
    assert set(answer.json()["predictions"][0]) == {*shown["predictions"][0], "error", "note"}  # no nulls are shown


def test_every_status_that_is_answered_is_described(steady: TestClient) -> None:
    paths = steady.get("/openapi.json").json()["paths"]
    described = set(paths["/v1/predict"]["post"]["responses"])
    assert {str(status) for _, status, _ in REFUSED.values()} | {"200", "403", "408", "503"} == described
    assert set(paths["/v1/reload"]["post"]["responses"]) == {"200", "403", "409"}


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/screen.js"])
def test_the_page_asks_for_nothing_from_elsewhere(path: str, steady: TestClient) -> None:
    reply = steady.get(path)
    assert not re.search(r"(https?:)?//[a-z]", reply.text.replace("// ", ""))
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_an_unforeseen_failure_is_a_500_and_the_next_request_is_answered(
    client: TestClient, serving: Serving, pictures: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: Callable[..., Any] = lambda *_: 1 / 0  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(serving.classifier, "results", broken)
        assert client.post("/v1/predict", files=form(pictures[0])).status_code == 500
    assert client.post("/v1/predict", files=form(pictures[0])).status_code == 200


def test_base64_is_read_as_programs_send_it(steady: TestClient, pictures: list[bytes]) -> None:
    plain = base64.b64encode(pictures[0]).decode()
    url_safe = base64.urlsafe_b64encode(pictures[0]).decode()
    assert "+" in plain + base64.b64encode(b"\xfb\xff").decode()
    ways = [
        plain,
        f"data:image/png;base64,{plain}",
        f"DATA:image/png;charset=utf-8;Base64,{plain}",
        f"data:;base64,{quote(plain, safe='')}",
        "\r\n".join(textwrap.wrap(plain, 76)),
        f"  {plain}\n",
        url_safe,
        url_safe.rstrip("="),
        f"data:image/png;base64,{url_safe.rstrip('=')}",
    ]
    answers = [steady.post("/v1/predict", json={"pictures": [{"base64": way}]}).json() for way in ways]
    assert [answer["predictions"][0]["error"] for answer in answers] == [None] * len(ways)
    assert len({json.dumps(answer["predictions"][0]["probabilities"]) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("data:image/png,abc", "is a data: address without base64"),
        ("data:image/png;base64", "is a data: address without base64"),
        ("ab*d", "is not base64"),
        ("abcde", "is not base64"),
        ("ab=cd", "is not base64"),
        ("\u00e4bcd", "is not base64"),
        ("", "is empty"),
    ],
)
def test_what_is_no_base64_says_so(steady: TestClient, text: str, reason: str) -> None:
    reply = steady.post("/v1/predict", json={"pictures": [{"name": "a", "base64": text}]})
    assert (reply.status_code, reply.json()["detail"]) == (422, f"a: {reason}")


def test_bodies_of_millions_of_values_are_refused_before_they_are_parsed(steady: TestClient) -> None:
    for body in (b'{"pictures": [%s]}' % b",".join([b"1"] * 9000), b'{"pictures": [%s]}' % (b"[" * 9000)):
        reply = steady.post("/v1/predict", content=body, headers=JSON)
        assert (reply.status_code, reply.json()["detail"]) == (413, "the body holds more values than 3 pictures have")


def test_a_long_thin_picture_is_refused_alone(shelf: Shelf, pictures: list[bytes]) -> None:
    settings = SETTINGS.model_copy(update={"max_megapixels": 1})
    with talk_to(create_app(Serving(shelf.load, settings))) as client:
        reply = client.post("/v1/predict", files=form(png(1, 100_000), pictures[0], png(100_000, 1)))
        alone = client.post("/v1/predict", files=form(png(1, 100_000)))
        wide = client.post("/v1/predict", files=form(png(8_000, 1), pictures[0])).json()["predictions"]
    errors = [each["error"] for each in reply.json()["predictions"]]
    assert (reply.status_code, errors[1], alone.status_code) == (200, None, 422)
    assert all(error.startswith("too long and thin: ") for error in (errors[0], errors[2]))
    assert [each["error"] for each in wide] == [None, None]


def test_large_bodies_that_arrive_slowly_leave_room_for_small_ones() -> None:
    budget = Budget(100, reserved=25)
    assert budget.take(75, small=False)
    assert not budget.take(1, small=False)
    assert budget.take(25)
    assert not budget.take(1)


def test_what_is_reserved_leaves_room_for_the_largest_request() -> None:
    assert ServeSettings().reserved_bytes == 32_000_000
    assert SETTINGS.reserved_bytes == pytest.approx(10_000)
    assert ServeSettings(queue_mb=32).reserved_bytes == 0


def test_large_pictures_wait_for_each_other_and_too_many_of_them_are_turned_away(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.model_copy(update={"max_megapixels": 0.05, "queue_megapixels": 0.05})
    monkeypatch.setattr("service.batcher.ORDINARY_PIXELS", 1000)
    batcher = Batcher(settings)
    with batcher._one_large:
        first, second = batcher.submit(serving.classifier, [png(150, 150), png(200, 200)])
        small = batcher.submit(serving.classifier, [png(20, 20)])[0].result(30)
        refused, waiting = futures.wait((first, second), 30, futures.FIRST_COMPLETED)
        assert (len(refused), len(waiting), small.error) == (1, 1, None)
        with pytest.raises(BusyError, match="too many large pictures are waiting"):
            refused.pop().result()
    batcher.close()
    assert [each.result().error for each in (first, second) if not each.exception()] == [None]


def test_a_picture_beyond_the_limit_is_refused_with_the_limit_in_the_message(client: TestClient) -> None:
    reply = client.post("/v1/predict", files=form(png(1200, 1000)))
    assert (reply.status_code, reply.json()["detail"]) == (
        422,
        "0.png: too large: 1200x1000 px, at most 0.05 megapixels are read",
    )
