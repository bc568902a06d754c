"""Plants wrong labels and counts how many of them the review list puts first.

    python bench/label_errors.py --real DIR [--model pretrained] [--share 0.05] [--look 0.1] [--seeds 20]

For each seed that share of the labels of the class folders is changed into another class, drawn at random. All labels
are ranked by cross-fitted last layers (active/label_errors.py); counted are the planted ones among the first --look of
the list. Labels that are wrong to begin with are left in the list, where they take places.
"""

import argparse
from pathlib import Path

import numpy as np

from active.replay.simulate import read_pool
from active.suspects.cross_fitting import cross_fit_heads
from active.suspects.label_errors import rank_labels
from boxwright import content_hash, load_model
from model.adapting.heads import warm_head
from model.adapting.score_cache import score_files


def main() -> None:
    """Plant, rank, count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--look", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    examples = read_pool(arguments.real, model.classes)
    files = {content_hash(example.path): example.path for example in examples}
    features = np.array([each.features for each in score_files(model, files)], float)
    truth = np.array([model.classes.index(example.label) for example in examples], dtype=np.intp)
    head, count = warm_head(model, features), round(arguments.share * len(truth))
    look = round(arguments.look * len(truth))
    found, needed = [], []
    for seed in range(arguments.seeds):
        rng = np.random.default_rng(seed)
        planted = rng.choice(len(truth), count, replace=False)
        labels = truth.copy()
        labels[planted] = (labels[planted] + rng.integers(1, len(model.classes), count)) % len(model.classes)
        order, _ = rank_labels(cross_fit_heads(head, features, labels, seed=seed), labels)
        places = np.flatnonzero(np.isin(order, planted))
        found.append((places < look).mean())
        needed.append(places[int(np.ceil(0.8 * count)) - 1] + 1)
        print(f"seed {seed}: {found[-1]:.0%} of {count} planted errors among the first {look}", flush=True)
    print(
        f"mean {np.mean(found):.1%}, lowest {min(found):.1%} in the first {look} of {len(truth)};"
        f" 80 % are found in the first {np.mean(needed):.0f} (at most {max(needed)})"
    )


if __name__ == "__main__":
    main()
