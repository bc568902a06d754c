"""Pages whose widgets have black frames, and a scanner that finds them by that and reads them with the real network."""

import functools

import numpy as np
from PIL import Image
from scipy import ndimage

from model.classifying.classifier import Classifier, load_classifier
from model.finding.cutouts import cut_out
from model.finding.widgets import FoundWidget

FORM = """<body style="margin:0;background:white"><canvas width="420" height="200"></canvas><script>
  const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d");
  const rows = [["Newsletter", 30, false], ["Dark mode", 80, true], ["Send crash reports", 130, false]];
  function draw() {
    pen.fillStyle = "white"; pen.fillRect(0, 0, 420, 200);
    for (const [name, top, on] of rows) {
      pen.fillStyle = "black"; pen.fillRect(30, top, 22, 22);
      pen.fillStyle = on ? "#2563eb" : "white"; pen.fillRect(32, top + 2, 18, 18);
      if (on) {
        pen.beginPath(); pen.moveTo(36, top + 11); pen.lineTo(40, top + 15); pen.lineTo(46, top + 6);
        pen.strokeStyle = "white"; pen.lineWidth = 2; pen.stroke();
      }
      pen.fillStyle = "#333"; pen.font = "18px sans-serif"; pen.fillText(name, 64, top + 17);
    }
  }
  canvas.addEventListener("click", event => {
    for (const row of rows) if (Math.abs(event.offsetY - row[1] - 11) < 16) row[2] = !row[2];
    setTimeout(draw, 300);
  });
  draw();
</script></body>"""
"""A form that is drawn: no markup says what its three boxes are called and whether they are checked."""


@functools.cache
def _classifier() -> Classifier:
    return load_classifier()


def scan_frames(image: Image.Image) -> list[FoundWidget]:
    """Return what has a black frame of 15 to 60 px; the state is what the network reads."""
    assert image.mode == "RGB"
    black = (np.asarray(image) == 0).all(axis=2)
    found = []
    for rows, columns in ndimage.find_objects(ndimage.label(black, np.ones((3, 3)))[0]):
        width, height = columns.stop - columns.start, rows.stop - rows.start
        if 15 <= height <= 60 and 15 <= width <= 90 and black[rows.start, columns].all():
            box = (float(columns.start), float(rows.start), float(width), float(height))
            [reading] = _classifier()([cut_out(image, box)])
            kind = "switch" if width > 1.5 * height else "checkbox"
            found.append(FoundWidget(kind, str(reading.label), box, 0.9, reading.confidence or 0.0, enabled=True))
    return found
