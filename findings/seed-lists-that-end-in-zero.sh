#!/usr/bin/env bash
# One would guess: NumPy's default_rng((seed, part)) gives each part a stream of its own, as a hash of both would; so
# data drawn with (seed, 0), (seed, 1), ... differ from each other and from what default_rng(seed) draws.
# In truth: a list of seeds is padded with zeros before it is mixed. (7, 0) and (7, 0, 0) are the same stream as 7, and
# 0 as (0, 0); only zeros at the end do so, (0, 7) is another stream than 7.
# Why it matters: who splits a pool of crops by default_rng(seed) and then draws part 0 by default_rng((seed, 0)) draws
# by the very numbers that split it. A held-out half can come out as what was drawn, or empty, for part 0 alone, and every
# other part looks right. Number parts from 1, or put the part before the seed.
# Seen with NumPy 2.4.6 and 1.26.4 on 2026-11-29:
#   7 = (7, 0): True   7 = (7, 0, 0): True   0 = (0, 0): True   7 = (0, 7): False   7 = (7, 1): False
# Needs python3 of 3.11 or 3.12.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > streams.py <<'PY'
import numpy as np
def alike(one, other):
    first, second = (np.random.default_rng(seed).integers(2**62, size=16) for seed in (one, other))
    return bool((first == second).all())
pairs = ((7, (7, 0)), (7, (7, 0, 0)), (0, (0, 0)), (7, (0, 7)), (7, (7, 1)))
found = [alike(*pair) for pair in pairs]
print(np.__version__, *(f"{one} = {other}: {same}  " for (one, other), same in zip(pairs, found)))
assert found == [True, True, True, False, False], "this has changed"
PY
for version in 2.4.6 1.26.4; do
  python3 -m venv "$version"
  "$version"/bin/pip install --quiet "numpy==$version" 2>/dev/null
  "$version"/bin/python streams.py
done
