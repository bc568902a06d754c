#!/usr/bin/env bash
# One would guess: on a page with dir="rtl", where all else is mirrored, switches are too, and on is left; or at least that
# libraries agree, so that the page's direction tells which side of a switch is on.
# In truth: they are split. With dir="rtl" the switches of Pico and daisyui are the mirror image of those in dir="ltr", to the
# smoothing of their edges, and on is left. Those of Bootstrap, Foundation, Spectre and Materialize stay as
# they were, to the last pixel, and on is right. Bootstrap's switch is mirrored by its other style sheet,
# bootstrap.rtl.css, and by that one on pages that are left to right as well.
# Why it matters: on an Arabic or Hebrew screen a thumb at the left is on with one library and off with the next. Who
# labels such screens, or reads them, has to go by colour or by the library, and never by where the thumb is; and a
# crop of a switch that was mirrored to get one more training picture may say the opposite of what it said.
# Seen with Chromium 156.0.8078.114, Playwright 1.63.0 on 2026-11-30:
#   levels of 255 by which "on" differs on average from that in dir="ltr", as it is and mirrored:
#   pico 66.7, 0.1   daisyui 94.3, 0.4   bootstrap 0.0, 43.1   foundation 0.0, 81.0
#   spectre 0.0, 82.5   materialize 0.0, 85.0
# Needs python3, npm, and Chromium (Debian's package chromium).
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "no Chromium found; on Debian: apt install chromium" >&2; exit 1; }
export chromium
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 pillow==13.0.0 numpy==2.2.6 2>/dev/null
fetch() { # NAME PACKAGE@VERSION FILE: one style sheet of a package, without what the package depends on
  tar -xzOf "$(npm pack --silent "$2")" "package/$3" > "$1.css"
}
fetch pico @picocss/pico@2.1.1 css/pico.min.css
fetch daisyui daisyui@5.8.1 daisyui.css
fetch bootstrap bootstrap@5.3.8 dist/css/bootstrap.min.css
fetch bootstrap.rtl bootstrap@5.3.8 dist/css/bootstrap.rtl.min.css
fetch foundation foundation-sites@6.9.0 dist/css/foundation.min.css
fetch spectre spectre.css@0.5.9 dist/spectre.min.css
fetch materialize @materializecss/materialize@2.3.3 dist/css/materialize.min.css
cat > paint.py <<'PY'
import io, os
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

BOOTSTRAP = '<div class="form-switch p-0"><input class="form-check-input m-0" type="checkbox" checked></div>'
WIDGETS = {
    "pico": '<input type="checkbox" role="switch" checked>',
    "daisyui": '<input type="checkbox" class="toggle" checked>',
    "bootstrap": BOOTSTRAP,
    "bootstrap.rtl": BOOTSTRAP,
    "foundation": '<div class="switch"><input class="switch-input" id="s" type="checkbox" checked>'
    '<label class="switch-paddle" for="s"></label></div>',
    "spectre": '<label class="form-switch"><input type="checkbox" checked><i class="form-icon"></i></label>',
    "materialize": '<div class="switch"><label><input type="checkbox" checked><span class="lever"></span></label></div>',
}
MIRRORED = {"pico", "daisyui"}

def switch(page, name, direction):
    """Return the pixels of a switch that is on, cut to what is painted."""
    with open(name + ".css", encoding="utf-8") as file:
        style = f"<style>{file.read()}</style>"
    style += "<style>* { transition: none !important; animation: none !important } body { background: #fff !important }</style>"
    middle = '<div style="display: flex; justify-content: center; padding: 20px 0"><div>'
    page.set_content(f'<!doctype html><html dir="{direction}">{style}{middle}{WIDGETS[name]}</div></div>')
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - 255).sum(2) > 12)
    return pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]

def apart(one, other):
    return float(np.abs(one - other).mean()) if one.shape == other.shape else 255.0

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["chromium"], args=["--no-sandbox"])
    print("Chromium", browser.version)
    page = browser.new_page(viewport={"width": 140, "height": 80})
    painted = {(name, way): switch(page, name, way) for name in WIDGETS for way in ("ltr", "rtl")}
    for name in WIDGETS:
        left, right = painted[name, "ltr"], painted[name, "rtl"]
        same, mirrored = apart(left, right), apart(left[:, ::-1], right)
        print(f"{name:14} rtl beside ltr: {same:5.1f}   rtl beside ltr mirrored: {mirrored:5.1f} levels of 255 on average")
        assert (mirrored < 1 < same) if name in MIRRORED else (same == 0 and mirrored > 20), name
    assert apart(painted["bootstrap", "ltr"][:, ::-1], painted["bootstrap.rtl", "ltr"]) < 1
PY
venv/bin/python paint.py
