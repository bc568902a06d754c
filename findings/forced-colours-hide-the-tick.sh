#!/usr/bin/env bash
# One would guess: forced colours, Windows' high contrast, take colours away and leave shapes, so a tick stays a tick; and a
# component library as common as Bootstrap or UIkit shows its state there, as the browser's own checkbox does.
# In truth: their tick and dot are white pictures in the background, which forced colours keep, on a ground that they
# repaint. Where that ground is light, white lies on white: checkboxes and radio buttons of Bootstrap and UIkit, and
# checkboxes of Pico, are painted on as off, to the last pixel. On a dark ground the same marks are seen. GOV.UK's tick is
# a border and stays; so does the browser's own.
# Why it matters: `forced_colors="active"` of Playwright gives the light ground unless told otherwise. Who renders widgets
# so writes "checked" under a picture of an empty box, and no step fails: the markup and `is_checked()` say that it is
# on. A reader of pixels cannot tell the two apart, and should not be blamed or taught to.
# Seen with Chromium 156.0.8078.114, Playwright 1.63.0 on 2026-11-30; pixels that differ between on and off:
#   own checkbox       {'plain': 161, 'light': 161, 'dark': 161}   own radio       {'plain': 133, 'light': 133, 'dark': 133}
#   bootstrap checkbox {'plain': 240, 'light': 0, 'dark': 32}      bootstrap radio {'plain': 184, 'light': 0, 'dark': 52}
#   uikit checkbox     {'plain': 252, 'light': 0, 'dark': 36}      uikit radio     {'plain': 220, 'light': 0, 'dark': 16}
#   pico checkbox      {'plain': 396, 'light': 0, 'dark': 43}      govuk checkbox  {'plain': 193, 'light': 193, 'dark': 193}
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
fetch() { # NAME PACKAGE@VERSION FILE: one style sheet of a package, without what the package depends on
  tar -xzOf "$(npm pack --silent "$2")" "package/$3" > "$1.css"
}
fetch bootstrap bootstrap@5.3.8 dist/css/bootstrap.min.css
fetch uikit uikit@3.25.29 dist/css/uikit.min.css
fetch pico @picocss/pico@2.1.1 css/pico.min.css
fetch govuk govuk-frontend@6.6.0 dist/govuk/govuk-frontend.min.css
: > own.css
cat > paint.py <<'PY'
import io, os
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

GOVUK = (
    '<div class="govuk-{0}__item"><input class="govuk-{0}__input" type="{1}" STATE>'
    '<label class="govuk-{0}__label"></label></div>'
)
WIDGETS = {
    "own checkbox": '<input type="checkbox" STATE>',
    "own radio": '<input type="radio" STATE>',
    "bootstrap checkbox": '<input class="form-check-input" type="checkbox" STATE>',
    "bootstrap radio": '<input class="form-check-input" type="radio" STATE>',
    "uikit checkbox": '<input class="uk-checkbox" type="checkbox" STATE>',
    "uikit radio": '<input class="uk-radio" type="radio" STATE>',
    "pico checkbox": '<input type="checkbox" STATE>',
    "govuk checkbox": GOVUK.format("checkboxes", "checkbox"),
    "govuk radio": GOVUK.format("radios", "radio"),
}
MODES = {"plain": {}, "light": {"forced_colors": "active"}, "dark": {"forced_colors": "active", "color_scheme": "dark"}}
LOST = {"bootstrap checkbox", "bootstrap radio", "uikit checkbox", "uikit radio", "pico checkbox"}

def picture(page, name, state):
    with open(name.split()[0] + ".css", encoding="utf-8") as file:
        still = "* { transition: none !important; animation: none !important }"
        style = f"<!doctype html><style>{file.read()}</style><style>{still}</style>"
    page.set_content(style + '<div style="padding: 20px">' + WIDGETS[name].replace("STATE", state) + "</div>")
    assert page.locator("input").is_checked() == bool(state)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["chromium"], args=["--no-sandbox"])
    print("Chromium", browser.version)
    pages = {mode: browser.new_page(viewport={"width": 160, "height": 90}, **how) for mode, how in MODES.items()}
    for name in WIDGETS:
        apart = {}
        for mode, page in pages.items():
            changed = ImageChops.difference(picture(page, name, ""), picture(page, name, "checked")).convert("L")
            apart[mode] = sum(changed.histogram()[1:])
        print(f"{name:20} pixels that differ:", apart)
        assert apart["plain"] and apart["dark"], name
        assert (apart["light"] == 0) == (name in LOST), name
PY
venv/bin/python paint.py
