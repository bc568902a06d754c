"""POST /v1/scan: a screenshot in, its widgets out, within the limits of the service."""

import asyncio
import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from base.errors import ModelError
from model.finding.cells import PossibleWidgets
from model.finding.scanner import Scanner
from model.networks.model_folders import GRAPH, PRETRAINED_FOLDER
from model.running.onnx_sessions import open_session
from service.app import create_app
from service.batcher import BusyError
from service.late import Late
from service.scans import MOST_SCANS
from service.schemas import API_VERSION
from service.service_settings import ServeSettings
from service.serving import Serving
from tests.squares import BOXES, SquareFinder, draw_screen, encoded_png
from tests.test_service import REFUSED, SETTINGS, Shelf, form, png, resolve, talk_to

SCREEN = draw_screen(*BOXES)
BLANK = encoded_png(draw_screen(size=(400, 300)))


class FinderShelf:
    """Where the finder lies; it counts how often it is taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.error: Exception | None = None

    def load(self) -> SquareFinder:
        self.taken += 1
        if self.error:
            raise self.error
        return SquareFinder()


@pytest.fixture
def finders() -> FinderShelf:
    return FinderShelf()


@pytest.fixture
def serving(finders: FinderShelf) -> Serving:
    return Serving(Shelf().load, ServeSettings(), load_finder=finders.load)


@pytest.fixture
def client(serving: Serving) -> Iterator[TestClient]:
    with talk_to(create_app(serving)) as client:
        yield client


@pytest.fixture(scope="module")
def small() -> Iterator[TestClient]:
    """A service with the small limits of `REFUSED`."""
    with talk_to(create_app(Serving(Shelf().load, SETTINGS, load_finder=SquareFinder))) as client:
        yield client


@pytest.mark.parametrize("way", ["form", "JSON"])
def test_an_answer_is_what_the_scanner_finds(way: str, client: TestClient) -> None:
    data = encoded_png(SCREEN)
    as_json = {"pictures": [{"name": "0.png", "base64": base64.b64encode(data).decode()}]}
    reply = client.post("/v1/scan", **({"files": form(data)} if way == "form" else {"json": as_json}))
    answer = reply.json()
    scanner = Scanner(SquareFinder(), Shelf().load())
    assert reply.status_code == 200, answer
    assert {name: answer[name] for name in ("model", "version", "name", "width_px", "height_px", "note")} == {
        "model": scanner.fingerprint, "version": API_VERSION, "name": "0.png", "width_px": 900, "height_px": 700,
        "note": None,
    }  # fmt: skip
    for told, found in zip(answer["widgets"], scanner.scan(SCREEN), strict=True):
        assert (told["kind"], told["state"], told["enabled"], told["label"]) == (found.kind, found.state, True, None)
        assert tuple(told["box"].values()) == pytest.approx(found.box)
        assert tuple(told["centre"].values()) == pytest.approx(found.centre)
        assert told["confidence"] == pytest.approx(found.confidence, abs=1e-5)
        assert told["state_confidence"] == pytest.approx(found.state_confidence, abs=1e-3)
    assert sorted(tuple(each["box"].values()) for each in answer["widgets"]) == sorted(BOXES)


def test_a_screenshot_without_widgets_has_an_empty_list(client: TestClient) -> None:
    assert client.post("/v1/scan", files=form(BLANK)).json()["widgets"] == []


def test_how_a_file_was_understood_is_said(client: TestClient) -> None:
    answer = client.post("/v1/scan", files=form(encoded_png(Image.new("RGBA", (500, 400))))).json()
    assert "transparent" in answer["note"]


@pytest.mark.parametrize("case", [case for case in REFUSED if case != "a thread"])
def test_a_bad_request_is_told_what_is_wrong(case: str, small: TestClient) -> None:
    sent, status, reason = REFUSED[case]
    if case == "a large body of unknown length":
        sent = {**sent, "content": iter([b"0" * 30_000] * 2)}
    reply = small.post("/v1/scan", **sent)
    assert (reply.status_code, reply.json()["detail"].replace("at most 1", "at most 3").count(reason)) == (status, 1)


def test_long_and_thin_screenshots_are_scanned(client: TestClient) -> None:
    reply = client.post("/v1/scan", files=form(encoded_png(draw_screen((20, 5000, 20, 20), size=(60, 20_000)))))
    assert [each["box"]["top_px"] for each in reply.json()["widgets"]] == [5000]


def test_the_finder_is_loaded_when_the_first_screenshot_comes_and_once(
    client: TestClient, finders: FinderShelf, serving: Serving
) -> None:
    client.post("/v1/predict", files=form(png(40, 30)))
    client.post("/v1/reload")
    assert finders.taken == 0
    for _ in range(2):
        assert client.post("/v1/scan", files=form(BLANK)).status_code == 200
    assert finders.taken == 1


def test_a_reload_loads_a_finder_that_is_at_work_again_and_one_that_fails_changes_nothing(
    client: TestClient, finders: FinderShelf, serving: Serving
) -> None:
    client.post("/v1/scan", files=form(BLANK))
    before = serving.finder.get()
    assert client.post("/v1/reload").status_code == 200
    assert (finders.taken, serving.finder.get() is before) == (2, False)
    finders.error = ModelError("the finder is damaged")
    reply = client.post("/v1/reload")
    assert (reply.status_code, reply.json()["detail"]) == (
        409,
        "not reloaded, model seed3 goes on: the finder is damaged",
    )
    assert client.post("/v1/scan", files=form(BLANK)).status_code == 200


def test_without_a_sound_finder_screenshots_fail_with_the_reason_and_crops_do_not(
    client: TestClient, finders: FinderShelf
) -> None:
    finders.error = ModelError("the finder is damaged")
    reply = client.post("/v1/scan", files=form(BLANK))
    assert (reply.status_code, reply.json()["detail"]) == (500, "not scanned: the finder is damaged")
    assert client.post("/v1/predict", files=form(png(40, 30))).status_code == 200
    finders.error = None
    assert client.post("/v1/scan", files=form(BLANK)).status_code == 200


class SlowFinder(SquareFinder):
    """Begins to look when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.at_work = self.most_at_work = self.begun = 0

    def candidates(self, image: Image.Image) -> PossibleWidgets:
        self.begun += 1
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.go.wait(30)
        self.at_work -= 1
        return super().candidates(image)


def test_screenshots_are_scanned_one_at_a_time_and_too_many_are_turned_away() -> None:
    finder = SlowFinder()
    serving = Serving(Shelf().load, ServeSettings(), load_finder=lambda: finder)
    picture = BLANK

    async def ask() -> list[Any]:
        asked = [asyncio.create_task(serving.scan(picture)) for _ in range(MOST_SCANS)]
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError, match="too many screenshots are waiting"):
            await serving.scan(picture)
        crops = await serving.classify(serving.classifier, [png(40, 30)])
        finder.go.set()
        return [*await asyncio.gather(*asked), *crops]

    answers = asyncio.run(ask())
    serving.close()
    assert [len(each.widgets) for each in answers[:-1]] == [0] * MOST_SCANS
    assert answers[-1].error is None, "crops are classified meanwhile"
    assert (finder.most_at_work, serving.scans.waiting) == (1, 0)


def test_who_waits_too_long_is_told_and_costs_no_more_work() -> None:
    finder = SlowFinder()
    serving = Serving(Shelf().load, ServeSettings(timeout_s=0.2), load_finder=lambda: finder)
    with talk_to(create_app(serving)) as client:
        replies = [client.post("/v1/scan", files=form(BLANK)) for _ in range(3)]
        finder.go.set()
    assert [(reply.status_code, reply.headers["retry-after"]) for reply in replies] == [(503, "1")] * 3
    assert (finder.begun, finder.at_work) == (1, 0)


def test_metrics_count_screens_and_widgets(client: TestClient) -> None:
    widgets = client.post("/v1/scan", files=form(encoded_png(SCREEN))).json()["widgets"]
    client.post("/v1/scan", files=form(b"text"))
    text = client.get("/metrics").text
    found = {name: float(value) for name, value in re.findall(r"^(boxwright_\S+) (\S+)$", text, re.MULTILINE)}
    assert (found["boxwright_screens_total"], found["boxwright_unreadable_pictures_total"]) == (1, 1)
    counted = {name: value for name, value in found.items() if name.startswith("boxwright_widgets_total")}
    assert sum(counted.values()) == len(widgets)
    for widget in widgets:
        assert f'boxwright_widgets_total{{kind="{widget["kind"]}",state="{widget["state"]}"}}' in counted
    assert found['boxwright_requests_total{path="/v1/scan",status="200"}'] == 1


def test_the_description_has_the_fields_of_the_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/v1/scan"]["post"]
    assert set(operation["responses"]) == {"200", "400", "403", "408", "413", "415", "422", "500", "503"}
    schema = resolve(document, operation["responses"]["200"]["content"]["application/json"]["schema"])
    answer = client.post("/v1/scan", files=form(encoded_png(SCREEN))).json()
    assert set(schema["properties"]) == set(answer)
    widget = resolve(document, schema["properties"]["widgets"]["items"])
    assert set(widget["properties"]) == set(answer["widgets"][0])
    example = operation["requestBody"]["content"]["application/json"]["example"]
    assert client.post("/v1/scan", content=json.dumps(example), headers={"content-type": "application/json"}).is_success


@pytest.mark.parametrize("keeps", [True, False])
def test_what_a_screenshot_took_is_not_kept_for_the_next(keeps: bool) -> None:
    options = open_session(PRETRAINED_FOLDER / GRAPH, is_lean=not keeps).get_session_options()
    assert (options.enable_cpu_mem_arena, options.enable_mem_pattern) == (keeps, keeps)


def test_what_is_loaded_late_is_loaded_once_for_all_threads() -> None:
    calls: list[int] = []
    start = threading.Barrier(4)
    late = Late(lambda: calls.append(1) or object())

    def ask() -> None:
        start.wait()
        late.get()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    assert not late.is_loaded
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(calls), late.is_loaded) == (1, True)
