#!/usr/bin/env bash
# One would guess: Chromium prints no backgrounds unless told to, so on paper the fill goes, and a box whose tick was one is left
# empty; print_background=True brings all back; and a screenshot with `emulate_media(media="print")` shows what is printed.
# In truth: some boxes are printed when they are off and not at all when they are on. UIkit's print rules take the fill from
# a box that is on, which has no border either; print_background=True does not change it. Cirrus is the same without
# backgrounds. Within one library widgets disagree: picnic's tick is printed and its dot is not. Simple.css is printed on
# as off, Foundation's switch not at all, and Bootstrap, which asks for exact colours, as on the screen. A screenshot
# for print shows all backgrounds, so it warns of UIkit's alone.
# Why it matters: pages are printed to PDF for archives and receipts, and pictures of forms are rendered from those. The label
# of the markup says "checked" where the picture has nothing, so a detector that finds nothing is blamed, and of a list
# only what was left off is seen. Print with backgrounds, and compare on and off in the printed picture before either is kept.
# Seen with Chromium 156.0.8078.114, Playwright 1.63.0, pypdfium2 5.15.2 on 2026-11-30; pixels of the widget when off,
# when on, and how many differ between the two:
#   bootstrap checkbox   print media 76 240 240       pdf 560 2061 2061  with backgrounds 560 2061 2061
#   uikit checkbox       print media 60 0 60          pdf 540 0 540      with backgrounds 540 0 540
#   uikit radio          print media 84 0 84          pdf 602 0 602      with backgrounds 602 0 602
#   cirrus checkbox      print media 252 246 252      pdf 560 0 560      with backgrounds 2212 2087 2212
#   picnic checkbox      print media 104 160 56       pdf 708 1106 398   with backgrounds 708 1106 398
#   picnic radio         print media 98 181 83        pdf 691 691 0      with backgrounds 691 1327 636
#   simple checkbox      print media 92 375 328       pdf 728 728 0      with backgrounds 728 3193 2561
#   foundation switch    print media 576 576 1152     pdf 0 0 0          with backgrounds 5184 5184 10368
# Needs python3, npm, and Chromium (Debian's package chromium).
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "no Chromium found; on Debian: apt install chromium" >&2; exit 1; }
export chromium
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 pypdfium2==5.15.2 pillow==13.0.0 2>/dev/null
fetch() { # NAME PACKAGE@VERSION FILE: one style sheet of a package, without what the package depends on
  tar -xzOf "$(npm pack --silent "$2")" "package/$3" > "$1.css"
}
fetch bootstrap bootstrap@5.3.8 dist/css/bootstrap.min.css
fetch uikit uikit@3.25.29 dist/css/uikit.min.css
fetch cirrus cirrus-ui@0.8.0 dist/cirrus.min.css
fetch picnic picnic@7.1.0 picnic.min.css
fetch simple simpledotcss@2.3.7 simple.min.css
fetch foundation foundation-sites@6.9.0 dist/css/foundation.min.css
: > own.css
cat > paint.py <<'PY'
import io, os
import pypdfium2
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

CIRRUS = (
    '<div class="form-ext-control form-ext-{0}"><input class="form-ext-input" id="i" type="{0}" STATE>'
    '<label class="form-ext-label" for="i"></label></div>'
)
FOUNDATION = (
    '<div class="switch"><input class="switch-input" id="i" type="checkbox" STATE>'
    '<label class="switch-paddle" for="i"></label></div>'
)
WIDGETS = {
    "own checkbox": '<input type="checkbox" STATE>',
    "bootstrap checkbox": '<input class="form-check-input" type="checkbox" STATE>',
    "bootstrap radio": '<input class="form-check-input" type="radio" STATE>',
    "uikit checkbox": '<input class="uk-checkbox" type="checkbox" STATE>',
    "uikit radio": '<input class="uk-radio" type="radio" STATE>',
    "cirrus checkbox": CIRRUS.format("checkbox"),
    "cirrus radio": CIRRUS.format("radio"),
    "picnic checkbox": '<label><input type="checkbox" STATE><span class="checkable"></span></label>',
    "picnic radio": '<label><input type="radio" STATE><span class="checkable"></span></label>',
    "simple checkbox": '<input type="checkbox" STATE>',
    "simple radio": '<input type="radio" STATE>',
    "foundation switch": FOUNDATION,
}
WAYS = ("screen", "print media", "pdf", "with backgrounds")
ALIKE = {"picnic radio", "simple checkbox", "simple radio", "foundation switch"}
STILL = "<style>*, ::before, ::after { transition: none !important; animation: none !important } @page { margin: 0 }</style>"

def taken(page, way):
    page.emulate_media(media="print" if way == "print media" else "screen" if way == "screen" else None)
    if way in ("screen", "print media"):
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    printed = page.pdf(width="200px", height="120px", print_background=way == "with backgrounds")
    return pypdfium2.PdfDocument(printed)[0].render(scale=4).to_pil().convert("RGB")

def apart(one, other):
    assert one.size == other.size
    return sum(ImageChops.difference(one, other).convert("L").histogram()[1:])

def looks(page, name):
    """Count, for each way to a picture, the pixels of the widget when off, those when on, and how many differ between them."""
    with open(name.split()[0] + ".css", encoding="utf-8") as file:
        style = f"<!doctype html><style>{file.read()}</style>{STILL}"
    seen = {}
    for state in ("", "checked"):
        page.set_content(f'{style}<div style="padding: 30px">{WIDGETS[name].replace("STATE", state)}</div>')
        assert page.locator("input").is_checked() == bool(state)
        for way in WAYS:
            seen[way, state] = taken(page, way)
    page.add_style_tag(content="*, ::before, ::after { visibility: hidden !important }")
    bare = {way: taken(page, way) for way in WAYS}
    return {way: (apart(seen[way, ""], empty), apart(seen[way, "checked"], empty), apart(seen[way, ""], seen[way, "checked"]))
            for way, empty in bare.items()}

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["chromium"], args=["--no-sandbox"])
    print("Chromium", browser.version)
    page = browser.new_page(viewport={"width": 200, "height": 120})
    for name in WIDGETS:
        found = looks(page, name)
        texts = {way: " ".join(map(str, counts)) for way, counts in found.items()}
        print(f"{name:18}", *(f" {way} {text:14}" for way, text in texts.items()))
        off, on, differ = found["pdf"]
        library = name.split()[0]
        assert all(found["screen"]) and (all(found["print media"]) or library == "uikit"), name
        assert (off == 0) == (library == "foundation") and (on == 0) == (library in ("uikit", "cirrus", "foundation")), name
        assert (differ == 0) == (name in ALIKE) and all(found["with backgrounds"]) == (library != "uikit"), name
PY
venv/bin/python paint.py
