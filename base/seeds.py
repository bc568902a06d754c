"""One random generator an item, derived from the run's seed, the item's index and a factor's name."""

import hashlib
import random


def rng_for(seed: int, *parts: int | str) -> random.Random:
    """Return a generator that depends on `seed` and `parts` alone: not on order, workers or the platform."""
    key = "/".join(str(part) for part in (seed, *parts)).encode()
    return random.Random(int.from_bytes(hashlib.sha256(key).digest()[:16], "big"))
