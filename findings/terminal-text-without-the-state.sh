#!/usr/bin/env bash
# One would guess: in a terminal, where there are only characters, a checkbox that is on has another character than one that
# is off, as `[x]` and `[ ]`; so the text of a terminal's screen says what is on.
# In truth: Textual writes the same characters for both: `X` in a checkbox, `●` in a radio button, blanks in a switch; enquirer
# writes `✔` before every choice. Only colours differ. Where colours are off, by FORCE_COLOR=0, enquirer's screen does
# not differ at all, escape sequences included: nobody can see what is chosen. questionary and Inquirer (npm) write
# circles that are full or empty.
# Why it matters: text is the easy label of a terminal's picture: `tmux capture-pane`, a log, or a model that reads the
# screen. Of Textual, each empty box says `X` and each radio button in a group says `●`, so the text is not without
# a state but has the wrong one: everything is on. Ask the program, or read the colours.
# Seen with textual 8.2.8, enquirer 2.4.1, questionary 2.1.1, @inquirer/prompts 8.7.5, tmux 3.3a on 2026-11-30; a line for a
# widget that is off and one that is on:
#   textual checkbox      text '▐X▌' '▐X▌': alike    with colours: differ
#   textual radio button  text '▐●▌' '▐●▌': alike    with colours: differ
#   textual switch        text '' '': alike          with colours: differ
#   enquirer              text '✔' '✔': alike        with colours: differ   FORCE_COLOR=0: alike
#   questionary           text '○' '●': differ       inquirer   text '◯' '◉': differ
# Needs python3, node of 20.12 or newer with npm, tmux, and a UTF-8 locale named C.UTF-8.
set -euo pipefail
command -v tmux >/dev/null || { echo "tmux is missing; on Debian: apt install tmux" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet textual==8.2.8 questionary==2.1.1 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts enquirer@2.4.1 @inquirer/prompts@8.7.5 >/dev/null
cat > textual_app.py <<'PY'
import sys
from textual.app import App
from textual.widgets import Button, Checkbox, RadioButton, Switch

class Settings(App):
    """A window whose focus is on none of the widgets that are asked about."""
    def compose(self):
        yield Button("here")
        on = sys.argv[2] == "on"
        kinds = {"checkbox": Checkbox("asked", on), "radio": RadioButton("asked", on), "switch": Switch(on)}
        yield kinds[sys.argv[1]]

Settings().run()
PY
cat > questionary_app.py <<'PY'
import questionary, sys
choices = [questionary.Choice("here"), questionary.Choice("asked", checked=sys.argv[1] == "on")]
questionary.checkbox("Which?", choices=choices).ask()
PY
cat > enquirer_app.js <<'JS'
const { MultiSelect } = require("enquirer");
const initial = process.argv[2] === "on" ? ["asked"] : [];
const answer = new MultiSelect({ message: "Which?", choices: [{ name: "here" }, { name: "asked" }], initial }).run();
answer.then((chosen) => require("fs").writeFileSync("chosen", chosen.join()), () => {});
JS
cat > inquirer_app.mjs <<'JS'
import { checkbox } from "@inquirer/prompts";
checkbox({ message: "Which?", choices: [{ value: "here" }, { value: "asked", checked: process.argv[2] === "on" }] }).catch(() => {});
JS
cat > look.py <<'PY'
import os, subprocess, time

SERVER = ["tmux", "-f", "/dev/null", "-S", os.path.abspath("socket")]
WIDGETS = {
    "textual checkbox": ("venv/bin/python textual_app.py checkbox", "▐X▌ asked"),
    "textual radio button": ("venv/bin/python textual_app.py radio", "▐●▌ asked"),
    "textual switch": ("venv/bin/python textual_app.py switch", ""),
    "enquirer": ("node enquirer_app.js", "✔ asked"),
    "enquirer, FORCE_COLOR=0": ("env FORCE_COLOR=0 node enquirer_app.js", "✔ asked"),
    "questionary": ("venv/bin/python questionary_app.py", None),
    "inquirer": ("node inquirer_app.mjs", None),
}

def tmux(*words):
    return subprocess.run([*SERVER, *words], check=True, capture_output=True, text=True).stdout

def screen(command, state):
    """Return the text of a program's screen, without and with its colours, once it stands still."""
    tmux("new-session", "-d", "-s", "one", "-x", "60", "-y", "14", f"{command} {state}")
    before = now = ""
    for _ in range(60):
        time.sleep(1)
        before, now = now, tmux("capture-pane", "-e", "-p", "-t", "one")
        if now == before and "here" in now:
            break
    text = tmux("capture-pane", "-p", "-t", "one")
    if "enquirer" in command:  # it has the choice all the same, and gives it when asked
        tmux("send-keys", "-t", "one", "Enter")
        time.sleep(2)
        with open("chosen") as file:
            assert file.read() == ("asked" if state == "on" else "")
    else:
        tmux("kill-session", "-t", "one")
    return text, now

os.environ |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
for name in ("NO_COLOR", "FORCE_COLOR", "TMUX", "CI"):
    os.environ.pop(name, None)
tmux("new-session", "-d", "-s", "kept", "sleep 600")
for name, (command, line) in WIDGETS.items():
    (off, off_colours), (on, on_colours) = screen(command, "off"), screen(command, "on")
    said = [next((row.strip(" ▊▎") for row in text.splitlines() if "asked" in row), "") for text in (off, on)]
    alike = {True: "alike", False: "differ"}
    print(f"{name:24} text {said[0]!r} {said[1]!r}: {alike[off == on]}   with colours: {alike[off_colours == on_colours]}")
    assert "here" in off and "here" in on, off
    if line is None:
        assert off != on
    else:
        assert off == on and said == [line, line], said
        assert (off_colours == on_colours) == ("FORCE_COLOR" in name), name
tmux("kill-server")
PY
venv/bin/python look.py
