#!/usr/bin/env bash
# One would guess: Chromium's switch --font-render-hinting=none|slight|medium|full decides how text is fitted to pixels when
# screenshots are taken without a window, as it is documented for headless; so `full` draws what a Windows or an old
# Linux desktop shows.
# In truth: in today's headless mode all its values give the same pixels. What decides is fontconfig: a file named by
# FONTCONFIG_FILE with hintstyle or antialias changes the text, even the widths of words, and with them what is
# beside them.
# Why it matters: who renders widgets to look like those of other desktops believes to have varied the text and has not;
# and pictures taken on two machines with the same switches differ by their fonts.conf.
# Seen with Chromium 156.0.8078.108 (Debian), Playwright 1.63.0 on 2026-11-29:
#   --font-render-hinting none, slight, full: the same picture; fontconfig hintfull: another, 3 px narrower; without
#   smoothing: black and white alone
# Needs python3, and Debian's packages chromium and fonts-liberation.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 pillow==12.0.0 2>/dev/null
cat > text.py <<'PY'
import io, os, shutil
from PIL import Image
from playwright.sync_api import sync_playwright

PAGE = "<body style='margin:4px;background:#fff'><span style='font:11px Liberation Sans'>Wi-Fi enabled Remember me</span>"
FILE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include>/etc/fonts/fonts.conf</include>
<match target="font">{}</match></fontconfig>"""

def edit(name, kind, value):
    return f'<edit name="{name}" mode="assign"><{kind}>{value}</{kind}></edit>'

def shoot(playwright, hinting, edits=""):
    environment = dict(os.environ)
    if edits:
        with open("fonts.conf", "w") as file:
            file.write(FILE.format(edits))
        environment["FONTCONFIG_FILE"] = os.path.abspath("fonts.conf")
    flags = ["--no-sandbox", "--disable-lcd-text", f"--font-render-hinting={hinting}"]
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags, env=environment)
    page = browser.new_page(viewport={"width": 200, "height": 30})
    page.set_content(PAGE)
    picture, width = page.screenshot(), page.evaluate("document.querySelector('span').getBoundingClientRect().width")
    version = browser.version
    browser.close()
    return version, Image.open(io.BytesIO(picture)).convert("L").tobytes(), width

with sync_playwright() as playwright:
    version, none, width = shoot(playwright, "none")
    others = {hinting: shoot(playwright, hinting) for hinting in ("slight", "full")}
    hinted = edit("hinting", "bool", "true") + edit("hintstyle", "const", "hintfull")
    _, fitted, fitted_width = shoot(playwright, "none", edit("antialias", "bool", "true") + hinted)
    _, bare, _ = shoot(playwright, "none", edit("antialias", "bool", "false") + hinted)
    print(f"Chromium {version}: the flag's values alike: {all(other[1] == none for other in others.values())}")
    print(f"fontconfig hintfull alike: {fitted == none}, {width:.1f} -> {fitted_width:.1f} px")
    print(f"fontconfig without antialias: {len(set(bare))} levels of grey instead of {len(set(none))}")
    assert all(other[1:] == (none, width) for other in others.values()), "the flag has an effect now"
    assert fitted != none and abs(fitted_width - width) > 1, "fontconfig has no effect any more"
    assert len(set(bare)) == 2 < len(set(none)), "text is smoothed all the same"
PY
venv/bin/python text.py
