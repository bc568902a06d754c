"""Two stand-ins for sets of one's own: clothes in IDX files, and photographs of hands by several people.

    python bench/own_sets.py OUT

OUT/clothes has the four IDX files of a set of ten classes and OUT/hands photographs in three classes, unequal in number
and in size, with the person in metadata.csv; two files are copies and one is damaged. All are drawn: they show the way,
and no figure on them says anything of real ones.
"""

import argparse
import csv
import gzip
import random
import shutil
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLOTHES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
FINGERS = {"fist": 0, "two": 2, "open": 5}


def draw_garment(label: int, rng: random.Random) -> Image.Image:
    """Draw a grey silhouette of 28 x 28 that is one of ten, a little moved."""
    image = Image.new("L", (28, 28), 0)
    pen = ImageDraw.Draw(image)
    x, y, ink = rng.randint(-2, 2), rng.randint(-2, 2), rng.randint(120, 255)
    parts = {
        0: [(8, 6, 20, 22), (3, 6, 24, 11)],
        1: [(8, 3, 12, 25), (15, 3, 19, 25), (8, 3, 19, 8)],
        2: [(8, 5, 20, 23), (2, 5, 6, 21), (22, 5, 26, 21), (2, 5, 26, 9)],
        3: [(11, 3, 17, 14), (8, 14, 20, 25)],
        4: [(7, 4, 12, 24), (15, 4, 20, 24), (2, 5, 25, 9)],
        5: [(3, 18, 25, 20), (8, 12, 10, 20), (17, 12, 19, 20)],
        6: [(8, 5, 20, 23), (3, 5, 25, 12), (13, 5, 14, 8)],
        7: [(3, 14, 25, 20), (3, 10, 12, 15)],
        8: [(5, 11, 23, 24), (10, 5, 12, 11), (17, 5, 19, 11), (10, 5, 19, 7)],
        9: [(5, 4, 13, 22), (5, 16, 24, 22)],
    }
    for left, top, right, low in parts[label]:
        pen.rectangle((left + x, top + y, right + x, low + y), fill=ink)
    return image


def write_idx(path: Path, values: np.ndarray) -> None:
    """Write an array of unsigned bytes, compressed."""
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(gzip.compress(head + values.tobytes()))


def write_clothes(folder: Path) -> None:
    """Write training and test parts and the names of the classes."""
    folder.mkdir(parents=True)
    rng = random.Random(0)
    for part, count in (("train", 600), ("t10k", 200)):
        labels = np.array([rng.randrange(10) for _ in range(count)], np.uint8)
        pictures = np.stack([np.asarray(draw_garment(int(label), rng)) for label in labels])
        noise = np.random.default_rng(count).integers(0, 40, pictures.shape)
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", np.minimum(255, pictures + noise).astype(np.uint8))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    (folder / "names.txt").write_text("\n".join(CLOTHES) + "\n")


def draw_hand(fingers: int, person: int, rng: random.Random) -> Image.Image:
    """Draw a palm with fingers; skin, ground and size of the picture are the person's, more or less."""
    own = random.Random(person)
    skin = tuple(own.randint(90, 230) - 25 * channel for channel in range(3))
    ground = tuple(own.randint(40, 220) for _ in range(3))
    width, height = rng.randint(90, 260), rng.randint(110, 220)
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    side, middle, low = min(width, height) * 0.4, width / 2 + rng.uniform(-12, 12), height * 0.72
    pen.ellipse((middle - side / 2, low - side / 2, middle + side / 2, low + side / 2), fill=skin)
    for finger in range(fingers):
        x = middle + side * (finger - (fingers - 1) / 2) * 0.2
        pen.line(
            (x, low, x + (x - middle) * 0.5, low - side * rng.uniform(0.9, 1.1)), fill=skin, width=int(side * 0.14)
        )
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 9, (height, width, 3))
    noisy = np.clip(np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), float) + grain, 0, 255)
    return Image.fromarray(noisy.astype(np.uint8))


def write_hands(folder: Path) -> None:
    """Write photographs of six people, more of some classes than of others."""
    rng, rows = random.Random(1), []
    for person in range(6):
        for name, fingers in FINGERS.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            for number in range({"fist": 4, "two": 6, "open": 9}[name]):
                path = folder / name / f"p{person}-{number}.jpg"
                draw_hand(fingers, person, rng).save(path, quality=88)
                rows.append((path.relative_to(folder).as_posix(), f"person {person}"))
    for number in range(2):
        shutil.copy(folder / "open" / f"p{number}-0.jpg", folder / "open" / f"p{number}-again.jpg")
        rows.append((f"open/p{number}-again.jpg", f"person {number}"))
    (folder / "two" / "p5-torn.jpg").write_bytes((folder / "two" / "p5-0.jpg").read_bytes()[:300])
    rows.append(("two/p5-torn.jpg", "person 5"))
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file_name", "group"), *rows])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    place = parser.parse_args().out
    write_clothes(place / "clothes")
    write_hands(place / "hands")
