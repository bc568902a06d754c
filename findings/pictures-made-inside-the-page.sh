#!/usr/bin/env bash
# One would guess: a picture that a page makes of itself, by html-to-image or one of its like, shows each box as it is when the
# picture is made; and if such a library loses what somebody has clicked since the page was loaded, it loses that everywhere.
# In truth: html-to-image, modern-screenshot and dom-to-image-more draw the browser's own checkboxes and radio buttons as they
# stood in the markup, and boxes that a style sheet draws as they are now, side by side in one picture. A dash of the browser's
# own becomes an empty box. snapdom has on and off right everywhere, and a dash of its own. html2canvas-pro draws a box
# of its own, with a black tick, for every input that can be seen, whatever its style sheet says, and a dash as empty.
# Why it matters: the pictures that people attach to feedback forms are made so. A plain box that was ticked by hand is
# empty in them, and one that was emptied is ticked, while styled ones beside them are right, so nothing looks broken. Labels
# from `input.checked` at the time of the picture are wrong for such crops, for some looks and not for others.
# Seen with Chromium 156.0.8078.114, Playwright 1.63.0 on 2026-11-30; what is drawn of a box that is off, on in the markup,
# clicked on, clicked off, and a dash; letters are looks that the screen has not:
#   on the screen             own: off on on off dash    styled: off on on off dash
#   html-to-image 1.11.13     own: off on off on off     styled: off on on off dash
#   modern-screenshot 4.7.0   own: off on off on off     styled: off on on off dash
#   dom-to-image-more 3.11.0  own: A B A B A             styled: A B B A C
#   snapdom 3.1.1             own: off on on off A       styled: off on on off A
#   html2canvas-pro 2.5.0     own: A B B A A             styled: A B B A A
# Needs python3, npm, and Chromium (Debian's package chromium).
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "no Chromium found; on Debian: apt install chromium" >&2; exit 1; }
export chromium
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 pillow==13.0.0 2>/dev/null
fetch() { # NAME PACKAGE@VERSION FILE: one script of a package, without what the package depends on
  tar -xzOf "$(npm pack --silent "$2")" "package/$3" > "$1.js"
}
fetch html-to-image html-to-image@1.11.13 dist/html-to-image.js
fetch modern-screenshot modern-screenshot@4.7.0 dist/index.js
fetch dom-to-image-more dom-to-image-more@3.11.0 dist/dom-to-image-more.min.js
fetch snapdom @zumer/snapdom@3.1.1 dist/snapdom.js
fetch html2canvas-pro html2canvas-pro@2.5.0 dist/html2canvas-pro.min.js
cat > paint.py <<'PY'
import base64, io, os
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

MAKE = {
    "html-to-image": "htmlToImage.toPng(form)",
    "modern-screenshot": "modernScreenshot.domToPng(form)",
    "dom-to-image-more": "domtoimage.toPng(form)",
    "snapdom": "snapdom.toPng(form).then((image) => image.src)",
    "html2canvas-pro": "html2canvas(form).then((canvas) => canvas.toDataURL())",
}
SIDE, KINDS = 40, ("checkbox", "radio", "styled")
STYLE = """body { margin: 0 } form { position: relative; width: 200px; height: 120px; background: #fff }
div { position: absolute; width: 16px; height: 16px } input { position: absolute; margin: 0; left: 1px; top: 1px }
.styled input { appearance: none; width: 14px; height: 14px; border: 1px solid #333 }
.styled input:checked { background: #06c } .styled input:indeterminate { background: #c60 }"""
# Off, on in the markup, clicked on, clicked off, and a dash; each input is alone in its group.
STATES = {"off": ("", ""), "on": ("checked", ""), "clicked on": ("", "click"), "clicked off": ("checked", "click"), "dash": ("", "dash")}

def body():
    cells = []
    for row, kind in enumerate(KINDS):
        for column, (attribute, _) in enumerate(STATES.values()):
            at = f"left: {column * SIDE + 12}px; top: {row * SIDE + 12}px"
            name = "checkbox" if kind == "styled" else kind
            cells.append(f'<div class="{kind}" style="{at}"><input type="{name}" name="{kind}{column}" {attribute}></div>')
    return f"<!doctype html><style>{STYLE}</style><form>{''.join(cells)}</form>"

# A radio button cannot be clicked off, so one is set by script, as a choice of another one in its group would.
USE = """acts => { for (const kind of ["checkbox", "radio", "styled"]) acts.forEach((act, column) => {
  const input = document.querySelector(`input[name=${kind}${column}]`);
  if (act === "click" && input.type === "radio") input.checked = !input.checked;
  else if (act === "click") input.click();
  else if (act === "dash") input.indeterminate = true; }) }"""

def cells(data):
    """Cut a picture into one for each widget, by kind."""
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    def cut(row, column):
        return ground.convert("RGB").crop((column * SIDE, row * SIDE, (column + 1) * SIDE, (row + 1) * SIDE))
    return {kind: [cut(row, column) for column in range(len(STATES))] for row, kind in enumerate(KINDS)}

def same(one, other):
    return not any(top > 40 for _, top in ImageChops.difference(one, other).getextrema())

def named(crops, looks):
    """Name each crop by the look on the screen that it has, else by a letter for each look."""
    words, own = [], []
    for crop in crops:
        known = [name for name, look in looks.items() if same(crop, look)]
        if not known and not any(same(crop, look) for look in own):
            own.append(crop)
        words += known[:1] or ["ABC"[[same(crop, look) for look in own].index(True)]]
    return words

NOW, THEN = ["off", "on", "on", "off", "dash"], ["off", "on", "off", "on", "off"]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["chromium"], args=["--no-sandbox"])
    print("Chromium", browser.version)
    page = browser.new_page(viewport={"width": 260, "height": 140})
    page.route("**/*", lambda route: route.fulfill(body=body(), content_type="text/html"))
    for library, make in ({"on the screen": ""} | MAKE).items():
        page.goto("http://page.test/")
        page.evaluate(USE, [act for _, act in STATES.values()])
        page.mouse.move(250, 130)
        if make:
            page.add_script_tag(path=f"{library}.js")
            address = page.evaluate("async () => { const form = document.querySelector('form'); return await " + make + " }")
            data = base64.b64decode(address.split(",")[1])
        else:
            data = page.locator("form").screenshot()
        made = cells(data)
        if not make:
            looks = {kind: {"off": crops[0], "on": crops[1]} for kind, crops in made.items()}
            for kind in ("checkbox", "styled"):
                looks[kind]["dash"] = made[kind][4]
        seen = {kind: named(crops, looks[kind]) for kind, crops in made.items()}
        print(f"{library:18}", *(f"{kind}: {' '.join(words):22}" for kind, words in seen.items()))
        if library in ("html-to-image", "modern-screenshot"):
            assert seen == {"checkbox": THEN, "radio": THEN, "styled": NOW}, library
        elif library == "dom-to-image-more":
            assert seen["checkbox"] == seen["radio"] == ["A", "B", "A", "B", "A"], library
            assert seen["styled"] == ["A", "B", "B", "A", "C"], library
        elif library == "html2canvas-pro":
            assert all(words == ["A", "B", "B", "A", "A"] for words in seen.values()), library
        elif library == "snapdom":
            assert all(words == [*NOW[:4], "A"] for words in seen.values()), library
        else:
            assert seen == {"checkbox": NOW, "radio": [*NOW[:4], "off"], "styled": NOW}
PY
venv/bin/python paint.py
