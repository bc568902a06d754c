"""Firefox's own widgets on a page, light and dark, in several accent colours.

+++
about = "Firefox's form controls"
programs = ["firefox|firefox-esr"]
debian = ["firefox-esr"]
scale_variable = "PAINTER_SCALE"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin"]
environment = {MOZ_CRASHREPORTER_DISABLE = "1"}
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked"]
+++
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

ACCENTS = {"": "auto", " crimson": "crimson", " green": "green", " orchid": "orchid", " gold": "gold"}
SCHEMES = ("light", "dark")
START_S = 240.0

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
    profile = Path(tempfile.mkdtemp(prefix="painter-"))
    STATE["profile"] = profile
    prefs = {
        "marionette.port": 0,
        "layout.css.devPixelsPerPx": os.environ["PAINTER_SCALE"],
        "browser.shell.checkDefaultBrowser": False,
        "browser.aboutwelcome.enabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "full-screen-api.warning.timeout": 0,
        "ui.prefersReducedMotion": 1,
        "app.update.enabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
    }
    text = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items())
    (profile / "user.js").write_text(text, encoding="utf-8")
    program = shutil.which("firefox") or shutil.which("firefox-esr") or "firefox"
    command = [program, "--marionette", "--kiosk", "--no-remote", "--profile", str(profile), "about:blank"]
    STATE["process"] = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # ended with the group
    STATE["socket"] = _connect(profile / "MarionetteActivePort")
    found = _ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
    _ask("WebDriver:Navigate", {"url": "data:text/html,<!doctype html><body></body>"})
    version = found["capabilities"]["browserVersion"]
    return f"Firefox {version}", [scheme + accent for scheme in SCHEMES for accent in ACCENTS]


def _connect(port_file: Path) -> Any:
    end = time.monotonic() + START_S
    while not (port_file.exists() and port_file.read_text(encoding="utf-8").strip()):
        if time.monotonic() > end:
            raise TimeoutError(f"Firefox did not start within {START_S:.0f} s")
        time.sleep(0.1)
    link = socket.create_connection(("127.0.0.1", int(port_file.read_text(encoding="utf-8"))), timeout=START_S)
    STATE["reader"] = link.makefile("rb")
    _receive()  # it says hello first
    return link


def _ask(name: str, values: Any) -> Any:
    message = json.dumps([0, 1, name, values]).encode()
    STATE["socket"].sendall(b"%d:%s" % (len(message), message))
    _, _, error, result = _receive()
    if error:
        raise RuntimeError(f"{name}: {error['message']}")
    return result


def _receive() -> Any:
    length = b""
    while (character := STATE["reader"].read(1)) != b":":
        length += character
    return json.loads(STATE["reader"].read(int(length)))


def _show(window: Any) -> list[Any]:
    scheme, space, accent = window.theme.partition(" ")
    items = [vars(item) for item in window.items]
    values = [{"font_px": window.font_px}, items, scheme, ACCENTS[space + accent]]
    found: list[Any] = _ask("WebDriver:ExecuteScript", {"script": SHOW, "args": values})["value"]
    return found


def _run(loop: Any) -> None:
    try:
        loop()
    finally:
        if "process" in STATE:
            STATE["process"].terminate()
            STATE["process"].wait(10)
        shutil.rmtree(STATE.get("profile", ""), ignore_errors=True)


PAINTER = {"describe": _describe, "show": _show, "settle": lambda: None, "run": _run}
