#!/usr/bin/env bash
# One would guess: what Pillow opens without a word, it shows as it is: white is white and what is see-through is
# see-through at every depth, since at 8 bits all of it is right.
# In truth (Pillow 13.0.0): a TIFF of 16-bit grey in which 0 is white comes out with light and dark exchanged, while the
# same picture in 8 bits is right; and a PNG's transparent colour (tRNS) is lost at 2, 4 and 16 bits of grey, while at
# 8 bits it is kept. There is no error and no warning; tifffile and pypng read the same files rightly.
# Why it matters: whoever labels scans or element captures of widgets gets a ticked box that looks empty, or a mark on a
# ground that is not there, in a picture that has gone through no step that one would suspect.
# Seen on 2026-11-28:
#   TIFF  8-bit, 0 is white: stored [0, 64, 255], shown [255, 191, 0]
#   TIFF 16-bit, 0 is white: stored [0, 64, 255], shown [0, 64, 255]
#   PNG  8-bit grey, key on the 2nd pixel: alpha [255, 0]
#   PNG  4-bit grey, key on the 2nd pixel: alpha [255, 255]
#   PNG 16-bit grey, key on the 2nd pixel: alpha [255, 255]
# Needs python3.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet pillow==13.0.0 tifffile==2026.3.3 numpy==2.2.6 pypng==0.20220715.0 2>/dev/null
cat > read.py <<'PY'
import struct, zlib
import numpy as np, png, tifffile
from PIL import Image

def tiff(bits):
    factor = 257 if bits == 16 else 1
    grey = np.array([[0, 64, 255]] * 3, f"u{bits // 8}") * factor
    tifffile.imwrite("grey.tif", grey, photometric="miniswhite", byteorder="<")
    with tifffile.TiffFile("grey.tif") as file:
        assert file.pages[0].photometric.name == "MINISWHITE"
    shown = np.asarray(Image.open("grey.tif")).astype(int)[0] // factor
    print(f"TIFF {bits:2}-bit, 0 is white: stored [0, 64, 255], shown {shown.tolist()}")
    return shown.tolist()

def key(bits):
    samples = (1, 3) if bits < 8 else (16, 200) if bits == 8 else (4096, 51400)
    row = struct.pack(">2H", *samples) if bits == 16 else bytes(samples) if bits == 8 else bytes([samples[0] << 4 | samples[1]])
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    parts = [(b"IHDR", struct.pack(">2I5B", 2, 1, bits, 0, 0, 0, 0)), (b"tRNS", struct.pack(">H", samples[1])),
             (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")]
    with open("key.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    if bits != 4:  # an independent reader: the key is on the second pixel
        _, _, rows, info = png.Reader(filename="key.png").asDirect()
        assert [value for value in list(rows)[0]][1::2] == [2**bits - 1, 0], info
    alpha = np.asarray(Image.open("key.png").convert("RGBA"))[0, :, 3].tolist()
    print(f"PNG {bits:2}-bit grey, key on the 2nd pixel: alpha {alpha}")
    return alpha

assert tiff(8) == [255, 191, 0]
assert tiff(16) == [0, 64, 255]
assert key(8) == [255, 0]
assert key(4) == [255, 255]
assert key(16) == [255, 255]
PY
venv/bin/python read.py
