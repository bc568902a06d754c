"""Plants faults into labelled crops, audits them, and counts what each check finds of them.

    python bench/audit.py --real DIR [--model pretrained] [--count 300] [--seeds 3] [--keep DIR]

For each seed, --count crops are drawn and written anew, dealt to splits train and test, and then 3 % are copied exactly
(as other bytes), 3 % nearly (cut, brighter, compressed or scaled), 2 % blurred, 3 % labelled wrong, and 1 % each made
blank, pale, dark, tiny, broken or a photograph; copies go into the other split. Precision counts everything that was
not planted as wrong, although the crops have such faults of their own: `own` is how many of these the check also finds
in the crops as they were. Nothing of DIR is changed.
"""

import argparse
import io
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from active.faults.audit import AuditSettings, audit_folder
from active.replay.near_copies import change
from boxwright import Model, load_model, read_examples
from model.reading.images import read_image

SHARES = {"exact": 0.03, "near": 0.03, "blurred": 0.02, "label": 0.03}
SMALL_SHARE = 0.01
CHECKS_OF = {"exact": ("exact", "leakage"), "near": ("near", "leakage")}
"""The checks that should find what was planted; by default that of its name."""

BLUR_PX = (1.5, 3.5)


@dataclass
class Planted:
    """The names of the pictures that each check should find; of copies and originals either will do."""

    wanted: dict[str, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, fault: str, *names: str) -> None:
        """Note what was planted."""
        for check in CHECKS_OF.get(fault, (fault,)):
            self.wanted[check].append(frozenset(names))


def blur(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return the picture out of focus."""
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(*BLUR_PX)))


def nearly(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return another copy of the picture."""
    kind = rng.randrange(3)
    if kind == 0:
        return change(image, rng)
    if kind == 1:
        scale = rng.choice((0.75, 1.5))
        return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(50, 80))
    return Image.open(buffer).convert("RGB")


def fade(image: Image.Image, span: int) -> Image.Image:
    """Return the picture with so many levels between its darkest and its brightest, around a light grey."""
    levels = np.asarray(image).astype(float)
    widest = max(1.0, float(np.ptp(levels.reshape(-1, 3), axis=0).max()))
    faded = 210 + (levels - levels.reshape(-1, 3).mean(0)) * (span / widest)
    return Image.fromarray(faded.clip(0, 255).round().astype(np.uint8))


def photograph(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return a piece of a photograph of the picture's size."""
    from sklearn.datasets import load_sample_images

    whole = Image.fromarray(rng.choice(load_sample_images().images))
    size = (min(image.width, whole.width), min(image.height, whole.height))
    left, top = rng.randint(0, whole.width - size[0]), rng.randint(0, whole.height - size[1])
    return whole.crop((left, top, left + size[0], top + size[1]))


IN_PLACE: Mapping[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "blurred": blur,
    "blank": lambda image, rng: Image.new("RGB", image.size, (rng.randrange(256),) * 3),
    "pale": lambda image, rng: fade(image, rng.randint(12, 24)),
    "dark": lambda image, _: ImageEnhance.Brightness(image).enhance(0.12),
    "shape": lambda image, _: image.resize((max(1, 8 * image.width // image.height), 8)),
    "outlier": photograph,
}
"""Faults that replace a picture."""


def plant(pictures: list[tuple[Image.Image, str]], folder: Path, seed: int) -> Planted:
    """Write the pictures with faults among them, each picture with one at most."""
    rng, planted = random.Random(seed), Planted()
    classes = sorted({label for _, label in pictures})
    order = list(range(len(pictures)))
    rng.shuffle(order)
    names = dict.fromkeys((*SHARES, *IN_PLACE, "unreadable"))
    faults = {place: fault for fault in names for place in _draw(order, fault, pictures)}
    for place, (original, given) in enumerate(pictures):
        fault, label, image = faults.get(place, ""), given, original
        split, other = rng.sample(("train", "test"), 2)
        if fault == "label":
            label = rng.choice([name for name in classes if name != given])
        elif fault in IN_PLACE:
            image = IN_PLACE[fault](image, rng)
        name = f"{split}/{label}/{place:04}.png"
        _write(image, folder / name, broken=fault == "unreadable")
        if fault in CHECKS_OF:
            copy = f"{other}/{label}/{place:04}-copy.{'bmp' if fault == 'exact' else 'png'}"
            _write(image if fault == "exact" else nearly(image, rng), folder / copy)
            planted.add(fault, name, copy)
        elif fault:
            planted.add(fault, name)
    return planted


def _draw(order: list[int], fault: str, pictures: list[tuple[Image.Image, str]]) -> list[int]:
    """Take as many places as a fault is planted in."""
    count = round(SHARES.get(fault, SMALL_SHARE) * len(pictures))
    return [order.pop() for _ in range(count)]


def _write(image: Image.Image, path: Path, *, broken: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    if broken:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def find(folder: Path, model: Model, run: Path) -> dict[str, set[str]]:
    """Return the names of the pictures that each check finds, and of those that it compares with."""
    audit = audit_folder(folder, model, run=run, settings=AuditSettings())
    return {
        name: {
            audit.audited.pictures[finding.pictures[0]].example.path.relative_to(folder).as_posix()
            for finding in result.findings
            if finding.pictures
        }
        for name, result in audit.results.items()
    }


def main() -> None:
    """Plant, audit, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="write what was found and planted here, as JSON")
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    examples = read_examples(arguments.real)
    totals: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    for seed in range(arguments.seeds):
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(examples), min(arguments.count, len(examples)), replace=False).tolist()
        pictures = [(read_image(examples[place].path), examples[place].label) for place in chosen]
        with tempfile.TemporaryDirectory() as place:
            plain, faulty = Path(place) / "plain", Path(place) / "faulty"
            plant_nothing(pictures, plain)
            planted = plant(pictures, faulty, seed)
            found, before = find(faulty, model, arguments.model), find(plain, model, arguments.model)
        own = {name: {Path(each).stem for each in names} for name, names in before.items()}
        for check, wanted in planted.wanted.items():
            right = sum(bool(names & found[check]) for names in wanted)
            wrong = found[check] - frozenset[str]().union(*wanted)
            known = sum(Path(each).stem in own[check] for each in wrong)
            totals[check].append((right, len(wanted), len(wrong), known))
        if arguments.keep:
            kept = {
                "chosen": [str(examples[place].path) for place in chosen],
                "own": {k: sorted(v) for k, v in own.items()},
            }
            kept |= {"found": {name: sorted(each) for name, each in found.items()}}
            kept |= {"planted": {name: [sorted(each) for each in sets] for name, sets in planted.wanted.items()}}
            arguments.keep.mkdir(parents=True, exist_ok=True)
            (arguments.keep / f"{seed}.json").write_text(json.dumps(kept, indent=1))
        print(f"seed {seed}: " + ", ".join(f"{name} {each[-1]}" for name, each in totals.items()), flush=True)
    print(f"{'check':12} planted  recall  precision  not planted  of these own")
    for check, counts in totals.items():
        right, wanted, wrong, known = np.sum(counts, axis=0).tolist()
        precision = f"{right / (right + wrong):.0%}" if right + wrong else "–"
        print(f"{check:12} {wanted:7} {right / wanted:7.0%} {precision:>10} {wrong:12} {known:13}")


def plant_nothing(pictures: list[tuple[Image.Image, str]], folder: Path) -> None:
    """Write the pictures as they are."""
    for place, (image, label) in enumerate(pictures):
        _write(image, folder / label / f"{place:04}.png")


if __name__ == "__main__":
    main()
