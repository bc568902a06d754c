"""Reading text from pictures, by RapidOCR: its models are inside its package and run on ONNX Runtime."""

import functools
import importlib.resources
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from base.errors import InputError
from model.captioning.text_lines import TextLine
from model.running.readings import BoxPx

MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
"""The files in the package, by task. They are named, so that nothing else is ever asked for, nor downloaded."""

MARGIN = 0.1
"""What is shown to the reader around a line, in heights of it: the boxes of lines cut accents and tails off."""

SCREEN_SIDE_PX = 736
"""Smaller pictures are enlarged until their shorter side is so long before text is looked for; made for screens."""

LEAST_READ = 0.5
"""Below this confidence, what was read is no text: an icon, or a script that the models do not know."""


class TextReader:
    """Two networks at work: one finds lines of text, the other reads them. Any number of threads may use one.

    Pictures whose shorter side is below `shortest_px` are enlarged to it first; for crops, a fraction of what suits
    screens finds as much of their text, in a hundredth of the time.
    """

    def __init__(self, *, shortest_px: int = SCREEN_SIDE_PX) -> None:
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise InputError("labels are read by RapidOCR; install it: pip install 'boxwright[ocr]'") from error
        folder = importlib.resources.files("rapidocr") / "models"
        paths = {f"{task}.model_path": str(folder / name) for task, name in MODELS.items()}
        quiet = {"Global.log_level": "error", "Global.use_cls": False, "Global.use_rec": False}
        threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
        sides = {"Det.limit_type": "min", "Det.limit_side_len": shortest_px}
        self._ocr: Any = RapidOCR(params={**paths, **quiet, **threads, **sides})

    def find_lines(self, image: Image.Image) -> list[BoxPx]:
        """Return the boxes of the lines of text on an RGB picture, from top to bottom."""
        found = self._ocr(np.asarray(image)[:, :, ::-1])
        if found.boxes is None:
            return []
        corners = np.concatenate([found.boxes.min(axis=1), found.boxes.max(axis=1)], axis=1)
        return [(left, top, right - left, low - top) for left, top, right, low in corners.tolist()]

    def read_lines(self, image: Image.Image, boxes: Sequence[BoxPx]) -> list[TextLine]:
        """Return what the lines in these boxes of an RGB picture say; one that is no text says nothing."""
        if not boxes:
            return []
        read = self._ocr.recognize_txt([_shown(image, box) for box in boxes])
        return [
            TextLine(box, text.strip() if score >= LEAST_READ else "", float(score))
            for box, text, score in zip(boxes, read.txts, read.scores, strict=True)
        ]


@functools.cache
def load_text_reader() -> TextReader:
    """Return the reader that the process shares, which is loaded once.

    Raises:
        InputError: RapidOCR is not installed.
    """
    return TextReader()


def read_texts(image: Image.Image) -> list[TextLine]:
    """Return every line of text on an RGB picture that can be read, from top to bottom.

    Raises:
        InputError: RapidOCR is not installed.
    """
    reader = load_text_reader()
    return [line for line in reader.read_lines(image, reader.find_lines(image)) if line.text]


def _shown(image: Image.Image, box: BoxPx) -> np.ndarray[Any, Any]:
    left, top, width, height = box
    margin = MARGIN * height
    low = max(0, int(left - margin)), max(0, int(top - margin))
    high = min(image.width, round(left + width + margin)), min(image.height, round(top + height + margin))
    part = image.crop((*low, max(low[0] + 1, high[0]), max(low[1] + 1, high[1])))
    return np.ascontiguousarray(np.asarray(part)[:, :, ::-1])
