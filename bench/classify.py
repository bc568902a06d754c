"""Put our classifying beside what people use today, on the same pictures in one run.

    python bench/classify.py FOLDER [--repeat-to 20000] [--rounds 3] [--model pretrained] [--rivals 200] [--json F]

The pictures of FOLDER are copied until there are as many as asked for: once byte by byte, as `copies`, of which we
compute equal contents once, and once each with a different comment inside, as `distinct`, of which none is spared.
Each round runs every contender once, in turn: the decode-only floor (our reading, decoding and resizing by as many
threads), ours by runtime (an int8 file is made from FOLDER), and the loops of others with random weights, which do
not change the speed: torchvision's resnet34 at 256 px and ResNet-50 at 512 px, one image at a time, and resnet34 at
256 px behind a DataLoader with batches of 32. The others see the first --rivals pictures only, for they take minutes.

Prints a Markdown table of medians over the rounds: images a second by the clock, and by the processor time that all
threads took together, which other work on the machine disturbs less; their ratios, each the median of the rounds'
own, to the floor and to the resnet34 loop; and the process's peak memory once every contender of ours had its turn.
Then a table of the steps by default on distinct pictures, on one thread: processor time a picture, and its share.
"""

import argparse
import contextlib
import importlib
import itertools
import json
import shutil
import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from boxwright import AnyModel, ClassifySettings, Model, classify_to_table, export_model, load_any_model, load_model
from model.export.benchmark import peak_memory_mb
from model.networks.torchvision_shim import import_torchvision
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes, decode_image, hash_bytes, read_bytes
from model.reading.listing import list_folder
from model.running.runtimes import build_scorer
from model.running.stages import Fitted, Looks, look_at

torchvision = import_torchvision()
CHUNK = 512
MOST_STAGED = 2048
FLOOR, LOOP = "decode-only floor, {}", "resnet34 at 256 px, one at a time"


@dataclass(frozen=True)
class Contender:
    """Something that goes over pictures, and how many."""

    images: int
    run: Callable[[], object]


def main() -> None:
    """Run the contenders in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat-to", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rivals", type=int, default=200, help="pictures that the others see; 0 leaves them out")
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as name:
        contenders = {
            **ours(arguments.folder, Path(name), arguments.model, arguments.repeat_to, arguments.threads),
            **(others(list_folder(arguments.folder), arguments.rivals) if arguments.rivals else {}),
        }
        wall, processor = measure(contenders, arguments.rounds)
        spent = stages(load_model(arguments.model), list_folder(Path(name, "distinct")), Path(name, "rows.csv"))
    print(table(wall, processor, arguments.repeat_to))
    print(stage_table(spent))
    if arguments.json:
        arguments.json.write_text(json.dumps({"wall": wall, "processor": processor}, indent=2), encoding="utf-8")


def ours(folder: Path, work: Path, model: Path, count: int, threads: int) -> dict[str, Contender]:
    """Return the floor and our runtimes on both sets of copies."""
    loaded = load_model(model)
    export_model(loaded, work / "int8.onnx", format_name="onnx-int8", real=folder)
    runtimes: dict[str, tuple[AnyModel, str]] = {
        "ONNX Runtime": (loaded, "onnx"),
        "torch": (loaded, "torch"),
        "ONNX Runtime, int8": (load_any_model(work / "int8.onnx"), "auto"),
    }
    found: dict[str, Contender] = {}
    for kind, distinct in (("distinct", True), ("copies", False)):
        pictures = copy_pictures(list_folder(folder), work / kind, count, distinct=distinct)
        found[FLOOR.format(kind)] = Contender(
            count, lambda pictures=pictures: decode_only(list_folder(pictures), loaded.geometry, threads)
        )
        for name, (classifier, runtime) in runtimes.items():
            found[f"boxwright, {name}, {kind}"] = Contender(
                count,
                lambda pictures=pictures, classifier=classifier, runtime=runtime: classify_to_table(
                    classifier,
                    [pictures],
                    output=work / "rows.csv",
                    settings=ClassifySettings(runtime=runtime),
                    threads=threads,
                ),
            )
    return found


def copy_pictures(paths: Sequence[Path], folder: Path, count: int, *, distinct: bool) -> Path:
    """Write copies until there are `count`, each with a comment of its own where they are to be distinct."""
    folder.mkdir()
    for number, path in enumerate(itertools.islice(itertools.cycle(paths), count)):
        target = folder / f"{number:06}{path.suffix}"
        if distinct:
            target.write_bytes(with_comment(path.read_bytes(), str(number)))
        else:
            shutil.copyfile(path, target)
    return folder


def with_comment(png: bytes, text: str) -> bytes:
    """Return a PNG file with a comment before its end; any other file gets it behind its end, which decoders skip."""
    body = b"tEXtComment\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = png.rfind(b"\0\0\0\0IEND")
    return png[:end] + chunk + png[end:] if end > 0 else png + text.encode()


def decode_only(paths: Sequence[Path], geometry: Geometry, threads: int) -> None:
    """Do all that comes before the network, in bounded memory."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(paths), CHUNK):
            list(pool.map(lambda path: geometry.fit(decode_image(path)), paths[start : start + CHUNK]))


class Pictures(Dataset[torch.Tensor]):
    """Pictures as scripts for ImageNet's networks read them."""

    def __init__(self, paths: Sequence[Path], side: int) -> None:
        self.paths = paths
        transforms = importlib.import_module(f"{torchvision.__name__}.transforms")
        self.transform = transforms.Compose([transforms.Resize((side, side)), transforms.ToTensor()])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        tensor: torch.Tensor = self.transform(Image.open(self.paths[index]).convert("RGB"))
        return tensor


def others(paths: Sequence[Path], count: int) -> dict[str, Contender]:
    """Return what people use today."""
    some = list(itertools.islice(itertools.cycle(paths), count))
    models = importlib.import_module(f"{torchvision.__name__}.models")
    resnet34 = models.resnet34(weights=None).eval()
    resnet50 = models.resnet50(weights=None).eval()
    few = some[: max(1, count // 8)]
    return {
        LOOP: Contender(count, lambda: loop(resnet34, Pictures(some, 256))),
        "ResNet-50 at 512 px, one at a time": Contender(len(few), lambda: loop(resnet50, Pictures(few, 512))),
        "resnet34 at 256 px, DataLoader, batches of 32": Contender(
            count, lambda: in_batches(resnet34, Pictures(some, 256))
        ),
    }


def loop(network: torch.nn.Module, pictures: Pictures) -> None:
    """Classify one picture after the other."""
    with torch.no_grad():
        for index in range(len(pictures)):
            network(pictures[index][None]).softmax(1).argmax(1).item()


def in_batches(network: torch.nn.Module, pictures: Pictures) -> None:
    """Classify batches that two workers load."""
    with torch.no_grad():
        for batch in DataLoader(pictures, batch_size=32, num_workers=2):
            network(batch).softmax(1).argmax(1).tolist()


def stages(model: Model, paths: Sequence[Path], output: Path) -> dict[str, float]:
    """Return the processor seconds that each step takes on one thread, and what all of it takes beyond them."""
    some = paths[:MOST_STAGED]
    score = build_scorer(model, ClassifySettings().runtime, threads=1)
    looks, spent = Looks(model.geometry, model.closer_look), dict[str, float]()
    for _ in range(2):  # the second pass counts
        with timed(spent, "reading"):
            contents = [read_bytes(path) for path in some]
        with timed(spent, "hashing"):
            _ = [hash_bytes(content) for content in contents]
        with timed(spent, "decoding"):
            decoded = [decode_bytes(content, geometry=model.geometry) for content in contents]
        with timed(spent, "scaling"):
            fitted = [Fitted.of(each, looks) for each in decoded]
        with timed(spent, "network"):
            look_at(score, fitted, looks=looks, locates=model.locates, with_features=False)
        with timed(spent, "all"):
            classify_to_table(model, list(some), output=output, threads=1)
    spent["threads, rows and the table"] = 2 * spent["all"] - sum(spent.values())
    return {name: seconds / len(some) for name, seconds in spent.items()}


@contextlib.contextmanager
def timed(spent: dict[str, float], name: str) -> Iterator[None]:
    """Note the processor time of a block."""
    began = time.process_time()
    yield
    spent[name] = time.process_time() - began


def stage_table(spent: dict[str, float]) -> str:
    """Return microseconds a picture and shares as Markdown."""
    lines = ["", "| step | us a picture | share |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {1e6 * each:.0f} | {each / spent['all']:.0%} |" for name, each in spent.items()]
    return "\n".join(lines)


Rates = dict[str, list[float]]


def measure(contenders: dict[str, Contender], rounds: int) -> tuple[Rates, Rates]:
    """Return images a second of each contender and round, by the clock and by processor time."""
    wall: Rates = {name: [] for name in contenders}
    processor: Rates = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            began, busy = time.perf_counter(), time.process_time()
            contender.run()
            wall[name].append(contender.images / (time.perf_counter() - began))
            processor[name].append(contender.images / (time.process_time() - busy))
            memory = peak_memory_mb()
            print(f"{name}: {wall[name][-1]:.1f}/s, peak memory so far {memory:.0f} MB", flush=True)
    return wall, processor


def table(wall: Rates, processor: Rates, count: int) -> str:
    """Return medians and ratios as Markdown."""
    lines = [
        f"{count} pictures, {torch.get_num_threads()} threads; peak memory {peak_memory_mb() or 0:.0f} MB",
        "",
        "| | images/s | of the floor | x resnet34 loop | images per processor-second | of the floor |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in wall:
        kind = "copies" if name.endswith("copies") else "distinct"
        floors = [ratio(rates, name, FLOOR.format(kind)) for rates in (wall, processor)]
        times = f"{ratio(wall, name, LOOP):.1f}" if LOOP in wall else ""
        rates = [float(np.median(rates[name])) for rates in (wall, processor)]
        lines.append(f"| {name} | {rates[0]:.0f} | {floors[0]:.0%} | {times} | {rates[1]:.0f} | {floors[1]:.0%} |")
    return "\n".join(lines)


def ratio(rates: Rates, name: str, other: str) -> float:
    """Return the median of the rounds' ratios."""
    return float(np.median(np.divide(rates[name], rates[other])))


if __name__ == "__main__":
    main()
