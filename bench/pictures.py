"""Draw the README's pictures again.

    python bench/pictures.py --synthetic DIR --model RUN

Writes docs/crops.png (a contact sheet by class) and docs/labeller.png (the labeller on a queue of those crops). Run it
in a folder above both, so that the screen shows short paths.
"""

import argparse
import asyncio
import tempfile
from itertools import islice
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from active.labelling.labeller import LabelApp
from boxwright import LabelStore, QueueSettings, contact_sheet, fill_queue, load_model
from generator.crops.manifest import read_manifest
from generator.rendering.browser import find_browser

DOCS = Path(__file__).parents[1] / "docs"
CROPS_A_CLASS = 26
POOL = 300
"""How many crops the labeller's queue is chosen from."""

COLUMNS, LINES = 88, 26


def main() -> None:
    """Draw both pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    arguments = parser.parse_args()
    draw_crops(arguments.synthetic)
    choice = find_browser()
    pool = [arguments.synthetic / row.file_name for row in islice(read_manifest(arguments.synthetic), POOL)]
    with tempfile.TemporaryDirectory() as folder, LabelStore.open(Path(folder) / "labels.db") as store:
        fill_queue(pool, store, model=load_model(arguments.model), settings=QueueSettings(n=40))
        asyncio.run(draw_labeller(store, choice.launch))


def draw_crops(folder: Path) -> None:
    """Draw the contact sheet."""
    rows = list(read_manifest(folder))
    sheets = []
    for label in sorted({row.label for row in rows}):
        files = islice((folder / row.file_name for row in rows if row.label == label), CROPS_A_CLASS)
        sheets.append(contact_sheet((Image.open(file) for file in files), width_px=1200, row_px=52, widest_px=200))
    whole = Image.new("RGB", (1200, sum(sheet.height for sheet in sheets) + 12 * (len(sheets) - 1)), "white")
    top = 0
    for sheet in sheets:
        whole.paste(sheet, (0, top))
        top += sheet.height + 12
    whole.save(DOCS / "crops.png", optimize=True)


async def draw_labeller(store: LabelStore, launch: dict[str, str]) -> None:
    """Label three crops, ask for the model's view of the fourth, and take the screen's picture."""
    app = LabelApp(store)
    async with app.run_test(size=(COLUMNS, LINES)) as pilot:
        await pilot.pause()
        for key in ("1", "3", "2", "question_mark"):
            await pilot.press(key)
            await pilot.pause()
        svg = app.export_screenshot(title="boxwright label")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(args=["--no-sandbox"], **launch)
        page = await browser.new_page(viewport={"width": 1100, "height": 700})
        await page.set_content(f"<body style='margin:0'>{svg}</body>")
        await page.locator("svg").first.screenshot(path=DOCS / "labeller.png")
        await browser.close()


if __name__ == "__main__":
    main()
