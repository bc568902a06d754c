#!/usr/bin/env bash
# One would guess: a PDF form carries the picture of each of its checkboxes and radio buttons in both states, so a renderer shows
# the one that is on, whoever filled the form in; writing a name into a text field changes that field and nothing else.
# In truth: pypdf, when it fills a field, also asks renderers to draw all fields anew (`NeedAppearances`; its default), and each
# does so in its own way. After a name was written, poppler draws the radio buttons of a form as squares with a dot;
# PDFium and MuPDF keep them round and give ticks another shape and size. In a form that has checkboxes alone, a tick
# that pypdf set is seen in PDFium and MuPDF, and with poppler the box is empty; its exit code is 0. In the file,
# value and state are right each time. With auto_regenerate=False all three draw what the form carries.
# Why it matters: forms filled by program are an easy source of labelled boxes, and pdftoppm and pdf2image draw by poppler. The
# label, read from the fields, says "checked" of an empty box, or "radio" of a square, and the same file drawn by
# another library has neither. Fill forms without that flag, and look at what one renderer draws before it draws a set.
# Seen with reportlab 5.1.0, pypdf 7.1.1, pypdfium2 5.15.2, PyMuPDF 2.0 and poppler 22.12.0 on 2026-11-30; pixels of the tick and
# shape of the radio button:
#   as it was made               pdfium  568 round   mupdf  569 round   poppler  579 round
#   name filled in               pdfium  285 round   mupdf  448 round   poppler  497 square
#   name, auto_regenerate=False  pdfium  568 round   mupdf  569 round   poppler  579 round
#   boxes alone, ticked          pdfium  285         mupdf  448         poppler    0
#   the same, False              pdfium  568         mupdf  569         poppler  579
# Needs python3, and pdftoppm (Debian's package poppler-utils).
set -euo pipefail
command -v pdftoppm >/dev/null || { echo "pdftoppm is missing; on Debian: apt install poppler-utils" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet reportlab==5.1.0 pypdf==7.1.1 pypdfium2==5.15.2 pymupdf==2.0 pillow==13.0.0 2>/dev/null
cat > fill.py <<'PY'
import subprocess
import pymupdf, pypdf, pypdfium2
from PIL import Image, ImageChops
from reportlab.pdfgen import canvas

SCALE, HEIGHT = 3, 80
EMPTY, ASKED, RADIO = (10, 20, 30, 40), (50, 20, 70, 40), (90, 20, 110, 40)

def make(path, ticked, others):
    """Write a form of two checkboxes, and where asked for a radio button that is on and a text field."""
    form = canvas.Canvas(path, pagesize=(240, HEIGHT))
    form.drawString(10, 60, "Mail")
    form.acroForm.checkbox(name="empty", x=10, y=20, size=20)
    form.acroForm.checkbox(name="asked", x=50, y=20, size=20, checked=ticked)
    if others:
        form.acroForm.radio(name="radio", value="one", selected=True, x=90, y=20, size=20)
        form.acroForm.radio(name="radio", value="two", selected=False, x=120, y=20, size=20)
        form.acroForm.textfield(name="name", x=150, y=20, width=80, height=20)
    form.showPage()
    form.save()

def filled(path, values, **options):
    writer = pypdf.PdfWriter(clone_from=path)
    writer.update_page_form_field_values(writer.pages[0], values, **options)
    writer.write("filled.pdf")
    return "filled.pdf"

def pictures(path):
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    document[0].render(scale=SCALE).to_pil().save("pdfium.png")
    pymupdf.open(path)[0].get_pixmap(dpi=72 * SCALE).save("mupdf.png")
    command = ["pdftoppm", "-r", str(72 * SCALE), "-png", "-singlefile", path, "poppler"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return {name: Image.open(f"{name}.png").convert("L") for name in ("pdfium", "mupdf", "poppler")}

def cut(picture, box):
    left, bottom, right, top = box
    return picture.crop(tuple(SCALE * side for side in (left, HEIGHT - top, right, HEIGHT - bottom)))

def tick(picture):
    """Count the pixels in which the box that was asked about differs from the empty one."""
    changed = ImageChops.difference(cut(picture, EMPTY), cut(picture, ASKED))
    return sum(changed.histogram()[64:])

def shape(picture):
    """Tell by a corner of the radio button's place whether its outline is a square."""
    return "square" if cut(picture, RADIO).crop((0, 0, 6, 6)).getextrema()[0] < 128 else "round"

def look(title, path, others=True):
    fields = pypdf.PdfReader(path).pages[0]["/Annots"]
    state = next(one.get_object() for one in fields if one.get_object().get("/T") == "asked")
    assert state["/V"] == state["/AS"] == "/Yes"
    seen = {name: (tick(picture), shape(picture) if others else "") for name, picture in pictures(path).items()}
    print(f"{title:28}", *(f"{name} {count:4} {outline:7}" for name, (count, outline) in seen.items()))
    return seen

make("whole.pdf", True, True)
make("empty.pdf", False, False)
print(subprocess.run(["pdftoppm", "-v"], capture_output=True, text=True).stderr.splitlines()[0])
made = look("as it was made", "whole.pdf")
named = look("name filled in", filled("whole.pdf", {"name": "Ada"}))
kept = look("name, auto_regenerate=False", filled("whole.pdf", {"name": "Ada"}, auto_regenerate=False))
ticked = look("boxes alone, ticked", filled("empty.pdf", {"asked": "/Yes"}), others=False)
left = look("the same, False", filled("empty.pdf", {"asked": "/Yes"}, auto_regenerate=False), others=False)
assert all(count > 200 and outline == "round" for count, outline in made.values()) and kept == made
assert {name: outline for name, (_, outline) in named.items()} == {"pdfium": "round", "mupdf": "round", "poppler": "square"}
assert all(named[name][0] != made[name][0] for name in made)
assert ticked["pdfium"][0] > 200 and ticked["mupdf"][0] > 200 and ticked["poppler"][0] == 0
assert all(count > 200 for count, _ in left.values())
PY
venv/bin/python fill.py
