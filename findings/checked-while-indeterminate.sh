#!/usr/bin/env bash
# One would guess: an input that is checked matches `:checked`, whatever else it is; a tri-state box that is both
# checked and indeterminate is drawn by `input:checked + i` in every engine.
# In truth: Chromium lets `:checked` go while the input is indeterminate, though `input.checked` stays true; Firefox and
# jsdom match both. So one style sheet draws such a box full in Firefox and empty in Chromium.
# Why it matters: whoever labels rendered widgets from `input.checked`, or takes the look in one engine for the look in
# all, writes `checked` under a picture of an empty box. The label has to come from what is drawn.
# Seen with Chromium 156.0.8078.108, Firefox ESR 153.8.0 and jsdom 26.1.0 on 2026-11-28:
#   chromium input.checked=True :checked=False drawn=rgb(255, 0, 0)
#   firefox drawn = (0, 255, 0)
#   jsdom input.checked=true :checked=true
# Needs python3, node with npm, and Debian's packages chromium and firefox-esr.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 pillow==12.0.0 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jsdom@26.1.0 >/dev/null
cat > page.html <<'PAGE'
<!doctype html><style>body { margin: 0 } input { position: absolute; top: 60px } i { position: absolute; width: 40px; height: 40px;
background: rgb(255, 0, 0) } input:checked ~ i { background: rgb(0, 255, 0) }</style>
<input type="checkbox" checked><i></i><script>document.querySelector("input").indeterminate = true</script>
PAGE
cat > chromium.py <<'PY'
import shutil
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page()
    page.goto("file://" + __import__("os").path.abspath("page.html"))
    checked, matches, colour = page.evaluate("""() => { const input = document.querySelector("input");
      return [input.checked, input.matches(":checked"), getComputedStyle(document.querySelector("i")).backgroundColor] }""")
    print(f"chromium {browser.version} input.checked={checked} :checked={matches} drawn={colour}")
    assert (checked, matches, colour) == (True, False, "rgb(255, 0, 0)")
PY
venv/bin/python chromium.py
mkdir profile
timeout 90 firefox-esr --headless --profile "$work/profile" --screenshot "$work/firefox.png" --window-size 200,200 "file://$work/page.html" 2>/dev/null
venv/bin/python - <<'PY'
from PIL import Image
colour = Image.open("firefox.png").convert("RGB").getpixel((20, 20))
print("firefox drawn =", colour)
assert colour == (0, 255, 0)
PY
firefox-esr --version
cat > dom.js <<'JS'
const { JSDOM } = require("jsdom");
const { window } = new JSDOM('<input type="checkbox" checked>');
const input = window.document.querySelector("input");
input.indeterminate = true;
console.log(`jsdom input.checked=${input.checked} :checked=${input.matches(":checked")}`);
require("assert").deepStrictEqual([input.checked, input.matches(":checked")], [true, true]);
JS
node dom.js
