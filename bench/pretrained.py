"""Builds the model in the box from nothing: from crops of the templates and of some component libraries, no real crop.

    python bench/pretrained.py [--out build/pretrained] [--n 40000] [--epochs 10] [--stages 3] [--seed 0]
                               [--start RUN] [--last 0] [--last-n 24000] [--test NAME=DIR ...] [--install]

Installs libraries and icon sets by npm, draws the crops, trains `small` on all of them, and goes on with as many fresh
ones in each further stage. While a stage is trained, by one thread, the crops of the next are drawn beside it; bytes
and weights are those of one after the other. From there, with --last, so many trainings go on apart, each
with a seed and crops of its own, and the mean of their weights and of those they started from is kept. --start takes
a run folder in place of the stages before. Exams of the libraries and of the icon sets that were held out are drawn
last. Nothing is chosen on them, nor on the class folders of --test; below what confidence the model is unsure is told
by other crops of what was held out. With --install the weights and their card go into model/pretrained/. What is
there already is not made again.
"""

import argparse
import json
import shutil
from pathlib import Path

import jinja2

from base.files import write_json
from boxwright import (
    Evaluation,
    ExamSettings,
    GenerateSettings,
    TrainSettings,
    add_libraries,
    evaluate,
    generate,
    list_libraries,
    load_model,
    train,
    write_exam,
)
from generator.datasets.drawing_ahead import DrawingAhead, drawing_ahead
from model.adapting.weight_soup import average_runs
from model.evaluation.calibration import find_unsure_below
from model.evaluation.judged import judge
from model.export.graph_file import write_graph
from model.networks.model_folders import MODEL_FILE, PRETRAINED_FOLDER, WEIGHTS
from model.networks.trained_model import save_calibration, save_closer_look
from model.reading.closer_look import CloserLook
from model.splitting.folds import read_held_out

HELD_OUT = ("blueprint", "fomantic", "material", "materialize", "nes", "pico", "pretty", "win98")
"""Libraries that no training sees: 8 of 22, drawn by random.Random(0).sample from their sorted names."""

HELD_OUT_SETS = (
    *("iconify-akar-icons", "iconify-flat-color-icons", "iconify-ion", "iconify-la", "iconify-lucide", "iconify-ri"),
    *("iconify-tabler", "simple-icons"),
)
"""Icon sets that no training sees: 8 of 32, drawn in the same way."""

EXAM = ExamSettings(n=3000, seed=1, libraries=HELD_OUT)

EXAM_OF_SETS = ExamSettings(n=1500, seed=5, libraries=HELD_OUT_SETS)

SURE = ExamSettings(n=3000, seed=9, libraries=(*HELD_OUT, *HELD_OUT_SETS))
"""Tells below what confidence the model is unsure."""

CLOSER_LOOK = CloserLook(scale=4 / 3, below=0.87)
"""Chosen on EXAM and EXAM_OF_SETS, with one and two looks of 56 to 96 px and limits of 0.8 to 1."""

FIRST_LAST_SEED = 10
"""The seed of the crops of the first of the last trainings."""

THREADS = 1
"""Of every training: their number changes the weights, and another core is for what draws meanwhile."""

BESIDE = {"workers": 1}
"""How the crops are drawn that nobody waits for yet: two workers would take the training's core."""


def main() -> None:
    """Build, evaluate, and install if asked for."""
    arguments = _arguments()
    learned = learned_libraries()
    exam, exam_of_sets, sure = (arguments.out / name for name in ("exam", "exam-of-sets", "sure"))
    exams = [(exam, EXAM), (exam_of_sets, EXAM_OF_SETS), (sure, SURE)]
    wanted = [(folder, (generate, settings)) for folder, settings in _crops(arguments, learned).items()]
    with drawing_ahead([*wanted, *((folder, (write_exam, settings)) for folder, settings in exams)]) as drawing:
        run = _train_all(arguments, drawing)
        for folder, _ in exams:
            drawing.wait_for(folder)
    save_closer_look(run, CLOSER_LOOK)
    _find_limit(run, sure)
    tests = {"held-out libraries": exam, "held-out icon sets": exam_of_sets}
    tests |= dict(_pair(item) for item in arguments.test)
    found = {name: _evaluate(run, folder) for name, folder in tests.items()}
    for each in _last_runs(arguments):
        print(
            each.name, *(f"{name}: {evaluate(load_model(each), folder).accuracy:.2%}" for name, folder in tests.items())
        )
    if arguments.install:
        _install(run, found, arguments, learned)


def learned_libraries() -> tuple[str, ...]:
    """Install all libraries and icon sets; return those that are trained on, libraries first."""
    status = list_libraries()
    missing = [one.library.name for one in status if one.installed != "yes"]
    if missing:
        add_libraries(tuple(missing))
    by_kind = sorted(status, key=lambda one: one.library.is_icon_set)
    return tuple(one.library.name for one in by_kind if one.library.name not in (*HELD_OUT, *HELD_OUT_SETS))


def _crops(arguments: argparse.Namespace, learned: tuple[str, ...]) -> dict[Path, GenerateSettings]:
    """Return the folders of crops and what they are drawn by, the same for every seed, in the order of their use."""
    stages = range(0 if arguments.start else arguments.stages)
    crops = {
        arguments.out / f"crops-{stage}": GenerateSettings(n=arguments.n, seed=stage, libraries=learned)
        for stage in stages
    }
    for number in range(arguments.last):
        settings = GenerateSettings(n=arguments.last_n, seed=FIRST_LAST_SEED + number, libraries=learned)
        crops[arguments.out / f"crops-last-{number}"] = settings
    return crops | {folder: crops[folder].model_copy(update=BESIDE) for folder in [*crops][1:]}


def _train_all(arguments: argparse.Namespace, drawing: DrawingAhead) -> Path:
    """Train all stages, each as soon as its crops are there; return the run folder of what is kept."""
    start: Path | None = arguments.start
    for stage in range(0 if start else arguments.stages):
        crops = drawing.wait_for(arguments.out / f"crops-{stage}")
        run = arguments.out / f"run-{arguments.seed}-{stage}"
        start = _train(crops, run, seed=arguments.seed, epochs=arguments.epochs, start=start)
    assert start is not None
    last = _last_runs(arguments)
    for number, run in enumerate(last):
        crops = drawing.wait_for(arguments.out / f"crops-last-{number}")
        _train(crops, run, seed=number, epochs=arguments.epochs, start=start)
    return _blend([start, *last], arguments.out / "soup") if last else start


def _last_runs(arguments: argparse.Namespace) -> list[Path]:
    return [arguments.out / f"run-last-{number}" for number in range(arguments.last)]


def _train(crops: Path, run: Path, *, seed: int, epochs: int, start: Path | None) -> Path:
    if not (run / "done").exists():
        settings = TrainSettings(seed=seed, epochs=epochs, threads=THREADS, val_share=0.0, init=start)
        train(crops, None, out=run, settings=settings, overwrite=True)
        (run / "done").touch()
    return run


def _blend(runs: list[Path], out: Path) -> Path:
    out.mkdir(exist_ok=True)
    average_runs(runs, out)
    return out


def _find_limit(run: Path, sure: Path) -> None:
    """Find out below what confidence the model is unsure, and write that into its card."""
    model = load_model(run)
    judged, _ = judge(model, read_held_out(sure, None, model.classes, part="validation"))
    limit = find_unsure_below(judged.probabilities, judged.labels)
    save_calibration(run, None, unsure_below=limit)
    print(f"unsure below {limit:g}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/pretrained"))
    parser.add_argument("--n", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--stages", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--last", type=int, default=0)
    parser.add_argument("--last-n", type=int, default=24_000)
    parser.add_argument("--test", nargs="*", default=[], metavar="NAME=DIR")
    parser.add_argument("--install", action="store_true")
    return parser.parse_args()


def _pair(item: str) -> tuple[str, Path]:
    name, _, folder = item.partition("=")
    return name, Path(folder)


def _evaluate(run: Path, folder: Path) -> Evaluation:
    evaluation = evaluate(load_model(run), folder)
    print(f"{folder}\n{evaluation.to_text()}\n", flush=True)
    return evaluation


def _install(run: Path, found: dict[str, Evaluation], arguments: argparse.Namespace, learned: tuple[str, ...]) -> None:
    """Put weights, model.json and the card into the package."""
    PRETRAINED_FOLDER.mkdir(exist_ok=True)
    shutil.copyfile(run / WEIGHTS, PRETRAINED_FOLDER / WEIGHTS)
    card = json.loads((run / MODEL_FILE).read_text(encoding="utf-8"))
    write_json(PRETRAINED_FOLDER / MODEL_FILE, card)
    write_graph(PRETRAINED_FOLDER)
    values = {
        "found": found,
        "arguments": arguments,
        "learned": learned,
        "held_out": HELD_OUT,
        "held_out_sets": HELD_OUT_SETS,
        "card": card,
        "size_mb": (run / WEIGHTS).stat().st_size / 1e6,
        "parameters": sum(weight.numel() for weight in load_model(run).network.parameters()),
    }
    template = Path(__file__).with_name("pretrained.md.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    (PRETRAINED_FOLDER / "README.md").write_text(
        environment.from_string(template).render(values) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
