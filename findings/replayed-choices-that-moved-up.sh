#!/usr/bin/env bash
# One would guess: rrweb, which records web sessions for replay, writes down which boxes are on when its recording begins; so
# a replay shows the page as it was, or at worst each box as the markup has it.
# In truth: it writes `checked` for an input that is on, and also for one that only the markup has on. A box that was
# emptied by hand is ticked in the replay; one that was ticked by hand is right. Of a radio group both the old choice and
# the new one are written, and a document keeps the later one: a choice that moved down the list is replayed, one that
# moved up is not. A dash is lost in every replay. Where the recording began before the clicks, boxes are right.
# Why it matters: recorders start late (on an error, on consent, by sampling) and may write the page anew every so often, which
# is where a replay jumps to. Screens for labelling, cut from replays, then show states that the page did not have, and
# the events beside them, which say what was clicked, contradict the pictures for some widgets only.
# Seen with rrweb 2.2.2, Chromium 156.0.8078.114, Playwright 1.63.0 on 2026-11-30; what a page shows, and its replays:
#   the page                       moved up: first   moved down: second  ticked: on  emptied: off  dash: dash
#   recorded from the start        moved up: first   moved down: second  ticked: on  emptied: off  dash: off
#   recorded from a later picture  moved up: second  moved down: second  ticked: on  emptied: on   dash: off
#   recorded after the clicks      moved up: second  moved down: second  ticked: on  emptied: on   dash: off
# Needs python3, npm, and Chromium (Debian's package chromium).
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "no Chromium found; on Debian: apt install chromium" >&2; exit 1; }
export chromium
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.63.0 2>/dev/null
tar -xzOf "$(npm pack --silent rrweb@2.2.2)" package/dist/rrweb.umd.min.cjs > rrweb.js
cat > replay.py <<'PY'
import os
from playwright.sync_api import sync_playwright

PAGE = """<!doctype html>
<input type="radio" name="moved up" value="first"><input type="radio" name="moved up" value="second" checked>
<input type="radio" name="moved down" value="first" checked><input type="radio" name="moved down" value="second">
<input type="checkbox" name="ticked"><input type="checkbox" name="emptied" checked><input type="checkbox" name="dash">"""
START = "void rrweb.record({ emit: (event) => events.push(event) })"
READ = """document => Object.fromEntries([...document.querySelectorAll("input")].flatMap((input) =>
  input.type === "checkbox" ? [[input.name, input.indeterminate ? "dash" : input.checked ? "on" : "off"]]
  : input.checked ? [[input.name, input.value]] : []))"""
# A replayer plays two events at least, so one that says nothing stands at the end.
PLAY = """events => {
  const end = { type: 5, data: { tag: "end", payload: {} }, timestamp: events.at(-1).timestamp + 100 };
  window.replayer = new rrweb.Replayer([...events, end], { root: document.body });
  window.replayer.pause(window.replayer.getMetaData().totalTime) }"""

def fresh(browser, body):
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("http://page.test/")
    page.add_script_tag(path="rrweb.js")
    page.evaluate("void (window.events = [])")
    return page

def use(page):
    for which in ("[name='moved up'][value=first]", "[name='moved down'][value=second]", "[name=ticked]", "[name=emptied]"):
        page.locator(which).click()
    page.evaluate("document.querySelector('[name=dash]').indeterminate = true")

def replayed(browser, when):
    """Return what the page shows in the end, and what its replay shows in the end."""
    page = fresh(browser, PAGE)
    if when != "after the clicks":
        page.evaluate(START)
    use(page)
    if when == "after the clicks":
        page.evaluate(START)
    elif when == "from a later picture":
        page.evaluate("events.length = 0; rrweb.record.takeFullSnapshot()")
    page.wait_for_timeout(300)
    player = fresh(browser, "<!doctype html><body>")
    player.evaluate(PLAY, page.evaluate("events"))
    player.wait_for_timeout(500)
    return page.evaluate(f"({READ})(document)"), player.evaluate(f"({READ})(document.querySelector('iframe').contentDocument)")

TRUE = {"moved up": "first", "moved down": "second", "ticked": "on", "emptied": "off", "dash": "dash"}
LATE = TRUE | {"moved up": "second", "emptied": "on", "dash": "off"}
EXPECTED = {"from the start": TRUE | {"dash": "off"}, "from a later picture": LATE, "after the clicks": LATE}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["chromium"], args=["--no-sandbox"])
    print("Chromium", browser.version)
    for when, expected in EXPECTED.items():
        shown, seen = replayed(browser, when)
        print(f"recorded {when:20}", *(f" {name}: {seen[name]:6}" for name in TRUE))
        assert shown == TRUE and seen == expected, (when, shown, seen)
    print(f"{'the page':29}", *(f" {name}: {shown[name]:6}" for name in TRUE))
PY
venv/bin/python replay.py
