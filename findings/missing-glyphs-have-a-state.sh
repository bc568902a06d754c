#!/usr/bin/env bash
# One would guess: a font that has no ☐ and ☑ draws its missing-glyph box for both, which is empty, so at worst what is on looks
# off; and that is the same in all libraries that draw text without a second font to turn to.
# In truth: it depends on library and font which state the missing glyph shows. Pillow's own font draws a crossed box, so each
# ☐ looks like ☒. reportlab, with the Helvetica that it starts with, draws a filled square for ☐, ☑, ☒ and ○, yet ● and ✓
# as they are, so beside a chosen ● what is not chosen is filled as well. PyMuPDF draws a small dot for all of them. With
# Vera, which reportlab brings along, all three draw an empty box for every mark. Pillow, reportlab and PyMuPDF do so without
# an error. fpdf2 raises one with Helvetica, and with Vera draws nothing and logs a warning.
# Why it matters: ☐ and ☑ are the easy way to write labelled boxes on pictures and pages, and who looks at the one class that
# happens to come out right sees nothing wrong. The same text is all "on" with one library and all "off" with the next.
# Before drawing, ask the font's character map for each mark, or compare the pictures of the marks with each other.
# Seen with pillow 13.0.0, reportlab 5.1.0, PyMuPDF 2.0, fpdf2 2.8.9 on 2026-11-30:
#   pillow, its own font   ☐ ☑ ☒ ○ ● ✓  crossed box, all alike
#   reportlab, Helvetica   ☐ ☑ ☒ ○  filled square, all alike
#   PyMuPDF, helv          ☐ ☑ ☒ ○ ● ✓  dot, all alike
#   fpdf2, Helvetica       ☐ ☑ ☒ ○ ● ✓  error
#   pillow, Vera           ☐ ☑ ☒ ○ ● ✓  empty box, all alike; reportlab, Vera and PyMuPDF, Vera: the same
#   fpdf2, Vera            ☐ ☑ ☒ ○ ● ✓  nothing
# Needs python3.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet pillow==13.0.0 reportlab==5.1.0 pymupdf==2.0 fpdf2==2.8.9 pypdfium2==5.15.2 2>/dev/null
cat > draw.py <<'PY'
import io, logging
from importlib.metadata import version
from pathlib import Path
import fpdf, pymupdf, pypdfium2, reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

MARKS = "☐☑☒○●✓"
VERA = str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")
pdfmetrics.registerFont(TTFont("Vera", VERA))

def page(data):
    return pypdfium2.PdfDocument(data)[0].render(scale=4).to_pil().convert("L")

def pillow(font):
    def draw(mark):
        picture = Image.new("L", (160, 160), 255)
        ImageDraw.Draw(picture).text((40, 40), mark, font=font, fill=0)
        return picture
    return draw

def with_reportlab(font):
    def draw(mark):
        file = io.BytesIO()
        made = canvas.Canvas(file, pagesize=(40, 40))
        made.setFont(font, 16)
        made.drawString(10, 12, mark)
        made.save()
        return page(file.getvalue())
    return draw

def with_pymupdf(**font):
    def draw(mark):
        made = pymupdf.open()
        made.new_page(width=40, height=40).insert_text((10, 28), mark, fontsize=16, **font)
        return page(made.tobytes())
    return draw

def with_fpdf2(path):
    def draw(mark):
        made = fpdf.FPDF(unit="pt", format=(40, 40))
        made.add_page()
        if path:
            made.add_font("Vera", fname=path)
        made.set_font("Vera" if path else "Helvetica", size=16)
        try:
            made.text(10, 28, mark)
        except fpdf.errors.FPDFUnicodeEncodingException:
            return None
        return page(bytes(made.output()))
    return draw

def look(picture):
    """Tell what a mark's picture is, by the ink within its outline."""
    if picture is None:
        return "error"
    ink = picture.point(lambda level: 255 * (level < 128))
    box = ink.getbbox()
    if box is None:
        return "nothing"
    left, top, right, bottom = box
    across, down = (right - left) // 4, (bottom - top) // 4
    inside = ink.crop((left + across, top + down, right - across, bottom - down))
    if max(right - left, bottom - top) < 20:
        return "dot"
    if not inside.getbbox():
        return "empty box"
    return "filled square" if ink.crop(box).getextrema()[0] == 255 else "crossed box"

WAYS = {
    "pillow, its own font": pillow(ImageFont.load_default(48)),
    "reportlab, Helvetica": with_reportlab("Helvetica"),
    "PyMuPDF, helv": with_pymupdf(fontname="helv"),
    "fpdf2, Helvetica": with_fpdf2(None),
    "pillow, Vera": pillow(ImageFont.truetype(VERA, 48)),
    "reportlab, Vera": with_reportlab("Vera"),
    "PyMuPDF, Vera": with_pymupdf(fontname="vera", fontfile=VERA),
    "fpdf2, Vera": with_fpdf2(VERA),
}
EXPECTED = ("crossed box", "filled square", "dot", "error", "empty box", "empty box", "empty box", "nothing")
logging.disable(logging.CRITICAL)
print(*(f"{name} {version(name)}" for name in ("pillow", "reportlab", "pymupdf", "fpdf2")))
for (way, draw), expected in zip(WAYS.items(), EXPECTED, strict=True):
    pictures = {mark: draw(mark) for mark in MARKS}
    first = pictures["☐"]
    same = [mark for mark in MARKS if (pictures[mark] and pictures[mark].tobytes()) == (first and first.tobytes())]
    print(f"{way:22}", *same, f" {look(first)}" + ("" if look(first) in ("error", "nothing") else ", all alike"))
    assert look(first) == expected, way
    assert "".join(same) == ("☐☑☒○" if way == "reportlab, Helvetica" else MARKS), way
PY
venv/bin/python draw.py
