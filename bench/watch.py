"""How often a watch raises an alarm where nothing has changed, and how often where something was planted.

    python bench/watch.py --pool DIR --shift material=DIR [--shift …] --observed DIR [--draws 200]

DIR is of `boxwright generate`, those of --shift any other crops, as of `boxwright exam --library material`. Blur
(Gaussian, radius 1 px) and dark mode (lightness turned round) are planted into crops of the pool by Pillow. Each crop
is looked at once; then crops are drawn. The pool is cut into halves at random, again for every tenth draw: the
reference is drawn from one, what is of late from the other, and so no crop is on both sides. A draw that is
"half NAME" or "tenth NAME" holds that share of shifted crops beside ordinary ones.
"""

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

from boxwright import (
    ObservedPictures,
    Watched,
    WatchSettings,
    compare_observations,
    load_model,
    observe_pictures,
    read_examples,
    read_reference,
    save_observation,
)

PLANTED = 1000
"""Crops of the pool that each shift is planted into."""

HALVES_KEPT = 10
"""Draws from the same halves."""


@dataclass(frozen=True)
class Sizes:
    """Which draw it is, and how many crops are of the reference, of late, and of these shifted."""

    seed: int
    draw: int
    reference: int
    late: int
    shifted: int


SHARES = {"": 1.0, "half ": 0.5, "tenth ": 0.1}


def blur(image: Image.Image) -> Image.Image:
    """Return the picture a little out of focus."""
    return image.filter(ImageFilter.GaussianBlur(1))


def darken(image: Image.Image) -> Image.Image:
    """Return the picture in dark mode: light and dark change places, and colours stay what they are."""
    turned = ImageOps.invert(image).convert("HSV")
    hue, saturation, value = turned.split()
    opposite = hue.point([(level + 128) % 256 for level in range(256)])
    return Image.merge("HSV", (opposite, saturation, value)).convert("RGB")


PLANTS = {"blur": blur, "dark mode": darken}


def plant(paths: list[Path], folder: Path, change: str) -> list[Path]:
    """Write changed copies; return their paths in the same order."""
    planted = []
    for number, path in enumerate(paths):
        image = Image.open(path).convert("RGB")
        changed = PLANTS[change](image)
        if ImageChops.difference(image, changed).getbbox() is None:
            changed.putpixel((0, 0), (1, 2, 3))  # a blank picture: another content all the same
        planted.append(folder / f"{change}-{number:05}.png")
        changed.save(planted[-1])
    return planted


def join(one: ObservedPictures, other: ObservedPictures) -> ObservedPictures:
    """Return both on end."""
    parts = [
        np.concatenate([getattr(each, name) for each in (one, other)])
        for name in ("features", "probabilities", "statistics")
    ]
    return ObservedPictures(one.fingerprint, one.classes, one.paths + other.paths, *parts)


def observe_all(
    arguments: argparse.Namespace, folder: Path
) -> tuple[ObservedPictures, dict[str, ObservedPictures], list[int]]:
    """Look at the pool and at what is shifted, or take what an earlier run kept in `folder`.

    Return both, and the rows of the pool that shifts are planted into.
    """
    model = load_model(arguments.model)

    def look(name: str, paths: list[Path]) -> ObservedPictures:
        kept = folder / f"{name}.npz"
        if not kept.exists():
            save_observation(observe_pictures(model, paths), kept)
        return read_reference(model, kept, run=Path(arguments.model))

    pool = look("pool", [example.path for example in read_examples(arguments.pool)])
    chosen = np.sort(np.random.default_rng(arguments.seed).permutation(len(pool))[:PLANTED])
    shifts = {}
    for change in PLANTS:
        with tempfile.TemporaryDirectory() as temporary:
            kept = (folder / f"{change}.npz").exists()
            paths = [] if kept else plant([pool.paths[row] for row in chosen], Path(temporary), change)
            shifts[change] = look(change, paths)
        assert len(shifts[change]) == len(chosen), "two of the changed crops are equal"
    for word in arguments.shift:
        name, _, where = word.partition("=")
        shifts[name] = look(name, [example.path for example in read_examples(Path(where))])
    return pool, shifts, chosen.tolist()


def draw_once(
    pool: ObservedPictures,
    shifted: ObservedPictures | None,
    rows: list[int] | None,
    rng: np.random.Generator,
    *,
    sizes: Sizes,
) -> Watched:
    """Compare a draw with a reference, `rows` being where in the pool the crops of `shifted` come from, if they do."""
    halves = np.random.default_rng([sizes.seed, 1, sizes.draw // HALVES_KEPT]).permutation(len(pool))
    known, fresh = halves[: len(pool) // 2], halves[len(pool) // 2 :]
    reference = pool.take(rng.choice(known, sizes.reference, replace=False))
    lately = pool.take(rng.choice(fresh, sizes.late - sizes.shifted, replace=False))
    if shifted is not None:
        allowed = np.arange(len(shifted)) if rows is None else np.flatnonzero(np.isin(rows, fresh))
        lately = join(lately, shifted.take(rng.choice(allowed, sizes.shifted, replace=False)))
    return compare_observations(lately, reference, settings=WatchSettings(seed=sizes.draw))


def main() -> None:
    """Print a row for each kind of draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--shift", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--model", default="pretrained")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--reference", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", help="only this, as none, blur or 'tenth blur'; may be repeated")
    parser.add_argument("--observed", type=Path, required=True, help="where what was looked at is kept, for other runs")
    arguments = parser.parse_args()
    pool, shifts, chosen = observe_all(arguments, arguments.observed)
    print(
        f"model {pool.fingerprint}, pool of {len(pool)}, {arguments.size} of late, {arguments.reference} of reference"
    )
    kinds = ["none", *(f"{share}{name}" for name in shifts for share in SHARES)]
    for number, kind in enumerate(kinds):
        if arguments.kind and kind not in arguments.kind:
            continue
        share = next((each for each in SHARES if each and kind.startswith(each)), "")
        name = kind.removeprefix(share)
        shifted = round(SHARES[share] * arguments.size) if name in shifts else 0
        alarms: Counter[str] = Counter()
        for draw in range(arguments.draws):
            sizes = Sizes(arguments.seed, draw, arguments.reference, arguments.size, shifted)
            rng = np.random.default_rng([arguments.seed, 2 + number, draw])
            found = draw_once(pool, shifts.get(name), chosen if name in PLANTS else None, rng, sizes=sizes)
            alarms.update([*found.alarms, *(["any"] if found.alarms else [])])
        words = ", ".join(f"{test} {count}" for test, count in alarms.items() if test != "any")
        print(f"{kind:20} {alarms['any']:4} of {arguments.draws} draws with an alarm  ({words})", flush=True)


if __name__ == "__main__":
    main()
