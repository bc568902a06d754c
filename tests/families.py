"""Tiny families for tests."""

from generator.families.family import Family, parse_family
from generator.sampling.cell import Palette

BOX = """+++
kind = "checkbox"
states = ["checked", "unchecked"]
[params]
size_px = {range = [12, 30]}
+++
<style>i { display: block; width: {{ size_px }}px; height: {{ size_px }}px; border: 2px solid {{ t.ink }};
  background: {{ t.ink if on else "transparent" }} }</style><i></i>
"""

WORD = """+++
kind = "none"
states = ["other"]
label = "inside"
[params]
caption = {words = [1, 2]}
+++
<b>{{ caption }}</b>
"""


def family(name: str = "box", text: str = BOX) -> Family:
    return parse_family(name, text)


def palette(*families: Family) -> Palette:
    chosen = families or (family(), family("word", WORD))
    return Palette({one.name: one for one in chosen}, fonts=("sans-serif",), scripts=("latin", "greek"))
