"""Writes the graph in 8-bit integers of the model in the box beside its weights, or that of a run folder.

    python bench/quick_graph.py CROPS [--run RUN]

CROPS are synthetic crops, as `boxwright generate` draws them, of which 400 set the ranges of values and 3,000 others
show that the classes stay; no exam and no real crop has a part in it. To be run whenever the weights have changed:
a graph of others is passed over.
"""

import argparse
import random
from pathlib import Path

from base.arrays import Pixels
from boxwright import ImageError, load_model
from model.export.quick_graph import write_quick_graph
from model.networks.model_folders import PRETRAINED_FOLDER
from model.reading.images import decode_image, find_images

CALIBRATION, COMPARED = 400, 3000


def main() -> None:
    """Write it, and say what share of the crops is handed on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crops", type=Path)
    parser.add_argument("--run", type=Path, default=PRETRAINED_FOLDER)
    arguments = parser.parse_args()
    print(write_from_crops(arguments.run, arguments.crops))


def write_from_crops(run: Path, crops: Path) -> str:
    """Write the graph of a run folder, and return what came of it."""
    geometry = load_model(run).geometry
    paths = find_images([crops])
    random.Random(0).shuffle(paths)
    pictures: list[Pixels] = []
    for path in paths[: CALIBRATION + COMPARED]:
        try:
            pictures.append(geometry.fit(decode_image(path, geometry=geometry)))
        except ImageError as error:
            print(f"{path}: {error}")
    graph, doubtful = write_quick_graph(run, pictures[:CALIBRATION], pictures[CALIBRATION:])
    return (
        f"{graph}: {graph.stat().st_size / 1e6:.1f} MB; {doubtful:.1%} of {len(pictures) - CALIBRATION} are handed on"
    )


if __name__ == "__main__":
    main()
