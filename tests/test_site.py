"""The documentation's site: it builds without a warning, and a new user finds everything on it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

import boxwright
from generator.rendering.browser import BrowserChoice
from tests.test_layout import ROOT
from website.api_pages import file_name, read_purposes
from website.assembling import MADE
from website.build import main as build_site
from website.checking import clicks_to, find_faults, read_site
from website.command_pages import inner_commands, read_commands
from website.contents import Chapter, ContentsError, add_row, read_chapters, refuse_unlisted, resolve_link
from website.docstrings import to_restructured
from website.gallery import draw_sheet, families_by_kind
from website.pages import LinkTargetError, place_of, rewrite_links

COMMANDS = read_commands()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, without the gallery's pictures."""
    out = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "website.build", "--out", str(out), "--gallery", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_every_command_is_two_clicks_from_the_front_page(site: Path) -> None:
    clicks = clicks_to(site)
    far = {name for name in COMMANDS if clicks.get(f"reference/commands/{name}.html", 9) > 2}
    assert not far, f"add {far} to a table of docs/index.md"


@pytest.mark.slow
def test_every_page_can_be_reached_by_links_in_texts(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert pages - set(clicks_to(site)) <= {"search.html", "genindex.html", "py-modindex.html"}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_page_has_every_option_and_no_name_of_choices_left(site: Path, name: str) -> None:
    page = (site / "reference" / "commands" / f"{name}.html").read_text(encoding="utf-8")
    for command in inner_commands(COMMANDS[name]).values() or [COMMANDS[name]]:
        for parameter in command.params:
            for option in parameter.opts:
                assert option.upper() in page.upper(), option
    article = page.partition("<article")[2].partition("</article>")[0]
    assert "{" not in article, "a name of choices in braces was not filled in"


@pytest.mark.slow
def test_every_public_name_is_described_from_its_docstring(site: Path) -> None:
    purposes = read_purposes((ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    pages = read_site(site)
    for purpose, names in purposes.items():
        page = site / "reference" / "python" / f"{file_name(purpose)}.html"
        assert {f"boxwright.{name}" for name in names} <= pages[page].anchors
    assert {name for names in purposes.values() for name in names} | {"__version__"} == set(boxwright.__all__)
    text = (site / "reference" / "python" / "train-and-evaluate.html").read_text(encoding="utf-8")
    assert "Train a network on labelled folders" in text
    assert "label_smoothing" in text


@pytest.mark.slow
def test_the_diagram_is_a_picture_that_needs_no_script(site: Path) -> None:
    [drawing] = (site / "_images").glob("diagram-*.svg")
    assert "model.labelled_folders" in drawing.read_text(encoding="utf-8")
    assert "mermaid" not in (site / "architecture.html").read_text(encoding="utf-8").partition("<article")[2]


@pytest.mark.slow
def test_the_gallery_says_how_much_of_a_kind_is_shown(site: Path) -> None:
    page = (site / "gallery" / "checkbox.html").read_text(encoding="utf-8")
    assert f"{len(families_by_kind()['checkbox'])} families, 0 of them here" in page


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["build", "--out", str(tmp_path)])
    assert build_site() == 1
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def little_site(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "a.html").write_text('<article><a href="b.html#there">b</a></article>', encoding="utf-8")
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1><a href="a.html">a</a>', encoding="utf-8")
    yield tmp_path


def test_a_sound_site_has_no_faults(little_site: Path) -> None:
    assert find_faults(little_site, forbidden=("/home/somebody",)) == []
    assert clicks_to(little_site, "a.html") == {"a.html": 0, "b.html": 1}
    assert clicks_to(little_site, "b.html") == {"b.html": 0}, "a menu is no text"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<a href="gone.html">', "c.html links to gone.html, which is not there"),
        ('<a href="b.html#gone">', "c.html links to b.html#gone, and b.html has no #gone"),
        ('<a href="#gone">', "c.html links to #gone, and c.html has no #gone"),
        ('<img src="gone.png">', "c.html loads gone.png, which is not there"),
        (
            '<script src="https://cdn.example/x.js">',
            "c.html loads https://cdn.example/x.js, so that it needs a network",
        ),
        ("<p>/home/somebody/boxwright</p>", "c.html has /home/somebody in it"),
    ],
)
def test_a_fault_of_a_site_is_named(little_site: Path, text: str, fault: str) -> None:
    (little_site / "c.html").write_text(text, encoding="utf-8")
    assert find_faults(little_site, forbidden=("/home/somebody",)) == [fault]


def test_a_style_sheet_may_load_nothing_from_elsewhere(little_site: Path) -> None:
    (little_site / "x.css").write_text("@import url('https://fonts.example/inter.css');", encoding="utf-8")
    assert find_faults(little_site) == ["x.css loads https://fonts.example/inter.css"]


def test_a_page_that_no_table_lists_is_an_error_that_says_what_to_do() -> None:
    page = PurePosixPath("docs/tuning.md")
    with pytest.raises(ContentsError, match=r"docs/tuning\.md: in no table of docs/index\.md.*add a row"):
        refuse_unlisted([], [page])
    refuse_unlisted([Chapter("Train", {page: "Tuning"})], [page])
    with pytest.raises(ContentsError, match="in two tables"):
        refuse_unlisted([Chapter("Train", {page: "Tuning"}), Chapter("Label", {page: "Tuning"})], [page])


def test_the_front_pages_tables_are_the_chapters() -> None:
    table = "| to | read |\n| --- | --- |\n| a | [A](a.md) and [B](../B.md) |\n"
    text = f"# x\n\n[no](no.md)\n\n## Train\n\n{table}\n## Empty\n"
    [chapter] = read_chapters(text)
    assert chapter == Chapter("Train", {PurePosixPath("docs/a.md"): "A", PurePosixPath("B.md"): "B"})
    longer = add_row(text, "Train", "| b | [C](c.md) |")
    assert list(read_chapters(longer)[0].files) == [*chapter.files, PurePosixPath("docs/c.md")]
    front_page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert {title for title, *_ in MADE} <= {each.title for each in read_chapters(front_page)}


def test_links_of_a_document_become_links_of_its_page() -> None:
    used: list[PurePosixPath] = []
    text = "[a](docs/speed.md#x) [b](bench/scan.py) [c](https://x.org) [d](#e)\n```\n[f](docs/speed.md)\n```\n"
    mended = rewrite_links(text, PurePosixPath("README.md"), used.append)
    assert (
        mended
        == "[a](speed.md#x) [b](source/bench/scan.py.md) [c](https://x.org) [d](#e)\n```\n[f](docs/speed.md)\n```\n"
    )
    assert used == [PurePosixPath("docs/speed.md"), PurePosixPath("bench/scan.py")]
    assert rewrite_links("[a](speed.md)", PurePosixPath("docs/scanning.md"), used.append) == "[a](speed.md)"
    assert place_of(PurePosixPath("notebooks/1-data.ipynb")) == PurePosixPath("notebooks/1-data.md")
    with pytest.raises(
        LinkTargetError, match=r"docs/scanning\.md links to nowhere\.md, and there is no file docs/nowhere\.md"
    ):
        rewrite_links("[a](nowhere.md)", PurePosixPath("docs/scanning.md"), used.append)
    assert resolve_link(PurePosixPath("docs/a.md"), "../x/y.md") == PurePosixPath("x/y.md")


def test_marks_of_a_docstring_are_shown_as_they_are() -> None:
    assert to_restructured("Return `a_b`, **kw and x_ of `c|d`.") == r"Return ``a_b``, \*\*kw and x\_ of ``c|d``."


@pytest.mark.browser
def test_a_sheet_of_the_gallery_is_drawn_once(tmp_path: Path, browser_choice: BrowserChoice) -> None:
    families = dict([next(iter(families_by_kind()["checkbox"].items()))])
    sheet = draw_sheet(families, tmp_path)
    assert sheet is not None
    written = sheet.stat().st_mtime_ns
    assert draw_sheet(families, tmp_path) == sheet
    assert sheet.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == [sheet.name]
