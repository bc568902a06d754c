"""The HTML report: what it holds, and how it behaves in a browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from base.errors import InputError
from generator.rendering.browser import BrowserChoice, launch_browser, playwright_session
from model.evaluation import gallery
from model.evaluation.evaluate import Evaluation, evaluate
from model.evaluation.evaluate_settings import EvaluateSettings
from model.evaluation.gallery import mistake_groups, write_evaluation_report
from model.networks.checkpoint import save_model
from tests.crops import write_crops
from tests.test_predict import model


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crops of a manifest with one pair; one of them is wide, one of them small."""
    folder = write_crops(tmp_path_factory.mktemp("crops"), 4)
    Image.new("RGB", (900, 30), "navy").save(folder / "other" / "wide.png")
    Image.new("RGB", (9, 9), "navy").save(folder / "other" / "small <b>.png")
    rows = [
        f'{{"file_name": "{label}/0000.png", "family": "box", "kind": "checkbox", "group": "1", "window": {{}}}}\n'
        for label in ("checked", "unchecked")
    ]
    (folder / "metadata.jsonl").write_text("".join(rows))
    return folder


@pytest.fixture(scope="module")
def evaluation(crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    other = tmp_path_factory.mktemp("other")
    save_model(model(seed=4), other, training={})
    settings = EvaluateSettings(sample=3, threads=1)
    return evaluate(model(), crops, settings=settings, robustness=True, other=other)


@pytest.fixture(scope="module")
def report(evaluation: Evaluation, crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_evaluation_report(evaluation, path, model="runs/a&b", folder=crops)
    return path


def test_the_page_needs_no_other_file(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]{0,40})', text)
    assert len(sources) > 8
    assert all(source.startswith("data:image/png;base64,") for source in sources)


def test_names_are_text_and_not_html(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "runs/a&amp;b" in text
    assert "small <b>" not in text


def test_all_that_was_measured_is_on_the_page(report: Path, evaluation: Evaluation) -> None:
    text = report.read_text(encoding="utf-8")
    assert f"{evaluation.accuracy:.1%}" in text
    headings = re.findall("<h2>([^<,]*)", text)
    assert {"By class", "Robustness", "Pairs that differ in the state alone", "What is wrong"} <= set(headings)
    assert text.count('alt="Accuracy by') == len(evaluation.robustness)


def test_mistakes_are_grouped_the_commonest_first(evaluation: Evaluation, crops: Path) -> None:
    groups = mistake_groups(evaluation.mistakes, crops)
    assert sum(group.total for group in groups) == len(evaluation.mistakes) > 3
    assert [group.total for group in groups] == sorted((group.total for group in groups), reverse=True)
    for group in groups:
        sure = [card.confidence or 0 for card in group.cards]
        assert sure == sorted(sure, reverse=True)


def test_what_is_too_much_for_a_page_is_counted(
    evaluation: Evaluation, crops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "MOST_SHOWN", 1)
    groups = mistake_groups(evaluation.mistakes, crops)
    assert {len(group.cards) for group in groups} == {1}
    write_evaluation_report(evaluation, tmp_path / "short.html", model="m", folder=crops)
    assert "the first 1 shown; --json lists all" in (tmp_path / "short.html").read_text(encoding="utf-8")


def test_a_model_without_mistakes_and_a_picture_that_is_gone_have_a_page(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    lost = replace(evaluation.mistakes[0], path=tmp_path / "gone.png")
    for mistakes, words in (((), "every picture is right"), ((lost,), "gone.png")):
        write_evaluation_report(
            replace(evaluation, mistakes=mistakes, pairs=None, comparison=None),
            tmp_path / "r.html",
            model="m",
            folder=tmp_path,
        )
        assert words in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_folder_is_no_place_for_a_page(evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name an HTML file"):
        write_evaluation_report(evaluation, tmp_path, model="m", folder=tmp_path)


@pytest.fixture(params=[(1280, "light"), (360, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, report: Path, browser_choice: BrowserChoice) -> Iterator[Page]:
    width, scheme = request.param
    with playwright_session() as playwright:
        browser = launch_browser(playwright, browser_choice.launch)
        opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.goto(report.as_uri())
        yield opened
        assert errors == []
        browser.close()


@pytest.mark.browser
def test_the_gallery_fits_the_screen_and_filters(page: Page, evaluation: Evaluation) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    shown = page.locator(".gallery").last
    cards = shown.locator(".card:visible")
    assert cards.count() == len(evaluation.mistakes)
    shown.locator(".chip").nth(1).click()
    first = int(shown.locator(".chip b").first.inner_text())
    assert cards.count() == first < len(evaluation.mistakes)
    shown.locator(".chip").first.click()
    shown.locator("input").fill("SMALL")
    assert cards.count() == sum("small" in mistake.path.name for mistake in evaluation.mistakes)
    shown.locator("input").fill("no such thing")
    assert cards.count() == 0
    assert shown.locator(".none").is_visible()
