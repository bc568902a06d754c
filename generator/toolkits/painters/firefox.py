"""Firefox's own widgets on a page, light and dark, in several accent colours.

+++
about = "Firefox's form controls"
programs = ["firefox|firefox-esr"]
debian = ["firefox-esr"]
scale_variable = "PAINTER_SCALE"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin"]
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked"]
+++
"""

import os
from typing import Any

from generator.rendering.firefox_process import FirefoxProcess, firefox_program

ACCENTS = {"": "auto", " crimson": "crimson", " green": "green", " orchid": "orchid", " gold": "gold"}
SCHEMES = ("light", "dark")

SHOW = """
const [window_, items, scheme, accent] = arguments;
const root = document.documentElement;
root.style.cssText = `color-scheme:${scheme};accent-color:${accent};background:Canvas;overflow:hidden`;
document.body.style.cssText = `margin:0;font:${window_.font_px}px sans-serif`;
document.body.replaceChildren();
document.activeElement?.blur();
const TAGS = {button: 'button', text: 'span', progress: 'progress', combo: 'select'};
const TYPES = {checkbox: 'checkbox', radio: 'radio', entry: 'text', slider: 'range', spin: 'number'};
const made = items.map((item) => {
  const row = document.createElement('label');
  row.style.cssText = `position:absolute;display:flex;align-items:center;gap:6px;white-space:nowrap;overflow:hidden;` +
    `left:${item.x}px;top:${item.y}px;width:${item.width}px;height:${item.height}px`;
  const widget = document.createElement(TAGS[item.kind] ?? 'input');
  if (item.kind in TYPES) widget.type = TYPES[item.kind];
  widget.disabled = !item.enabled;
  const choice = ['checkbox', 'radio'].includes(item.kind);
  if (choice) {
    widget.checked = item.state === 'checked';
    widget.indeterminate = item.state === 'mixed';
  } else if (item.kind === 'entry') widget.value = item.text;
  else if (item.kind === 'spin') widget.value = '7';
  else if (item.kind === 'progress') widget.value = 0.4;
  else if (item.kind === 'combo') widget.append(new Option(item.text));
  else widget.textContent = item.text;
  row.append(widget, choice ? item.text : '');
  document.body.append(row);
  if (item.focused) widget.focus({focusVisible: true});
  return widget;
});
return made.map((widget) => [
  !['checkbox', 'radio'].includes(widget.type) ? '' :
    widget.type === 'checkbox' && widget.indeterminate ? 'mixed' : widget.checked ? 'checked' : 'unchecked',
  !widget.disabled]);
"""

STATE: dict[str, Any] = {}


def _describe() -> tuple[str, list[str]]:
    preferences: dict[str, str | int | bool] = {
        "layout.css.devPixelsPerPx": os.environ["PAINTER_SCALE"],
        "full-screen-api.warning.timeout": 0,
        "ui.prefersReducedMotion": 1,
    }
    firefox = STATE["firefox"] = FirefoxProcess(firefox_program() or "firefox", preferences, arguments=["--kiosk"])
    firefox.marionette.ask("WebDriver:Navigate", url="data:text/html,<!doctype html><body></body>")
    return f"Firefox {firefox.version}", [scheme + accent for scheme in SCHEMES for accent in ACCENTS]


def _show(window: Any) -> list[Any]:
    scheme, space, accent = window.theme.partition(" ")
    items = [vars(item) for item in window.items]
    values = [{"font_px": window.font_px}, items, scheme, ACCENTS[space + accent]]
    found: list[Any] = STATE["firefox"].marionette.ask("WebDriver:ExecuteScript", script=SHOW, args=values)["value"]
    return found


def _run(loop: Any) -> None:
    try:
        loop()
    finally:
        if "firefox" in STATE:
            STATE["firefox"].close()


PAINTER = {"describe": _describe, "show": _show, "settle": lambda: None, "run": _run}
