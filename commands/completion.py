"""What the shell completes an option's value to. Somebody waits for it at a key: nothing heavy is loaded."""

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from base.errors import BoxwrightError
from commands.shared import ENGINES, RUNS
from model.networks.model_folders import PRETRAINED, find_runs


def _offer(*names: str) -> Callable[[], list[str]]:
    def offer() -> list[str]:
        return list(names)

    return offer


# The catalogues load torch, scikit-learn or the packages that formats need; tests compare these lists with them.
complete_backbones = _offer(
    *("small", "tiny", "majority", "resnet18", "resnet34", "resnet50", "mobilenet_v2", "mobilenet_v3_small"),
    *("convnext_tiny", "efficientnet_b3", "efficientnet_b5", "vit_b_16"),
)
complete_strategies = _offer(
    *("random", "least_confidence", "margin", "entropy", "power_margin", "badge", "clue", "k_center", "typiclust"),
    *("cluster_margin", "disagreement"),
)
complete_losses = _offer("cross_entropy", "focal", "generalized_cross_entropy")
complete_optimizers = _offer("adam", "adamw", "nadam", "rmsprop", "sgd")
complete_schedules = _offer("constant", "cosine", "multi_step", "one_cycle", "plateau")
complete_weights = _offer("none", "imagenet")
complete_devices = _offer("auto", "cpu", "cuda", "mps")
complete_precisions = _offer("auto", "float32", "bfloat16")
complete_crop_formats = _offer("folder", "webdataset", "parquet", "coco")
complete_label_formats = _offer("folders", "csv", "jsonl", "imagefolder", "label-studio")
complete_export_formats = _offer("onnx", "onnx-int8", "pt2")
complete_runtimes = _offer("auto", "onnx", "torch")
complete_engines = _offer(*ENGINES)
complete_groupings = _offer("visual", "family", "group", "crop")
complete_sorts = _offer("path", "confidence", "prediction")
complete_modes = _offer("fast", "true")
complete_graphics = _offer("auto", "halfblocks", "quadrants", "kitty", "iterm2", "sixel", "none")


def complete_strategy_list(incomplete: str) -> list[str]:
    """Return what `--strategies` may go on with after its last comma, without names that it has already."""
    before, comma, _ = incomplete.rpartition(",")
    given = before.split(",")
    return [f"{before}{comma}{name}" for name in complete_strategies() if name not in given]


def complete_models() -> list[str]:
    """Return the runs below runs/, and the name of the model in the box."""
    return [*sorted(map(str, find_runs(RUNS))), PRETRAINED]


def complete_families(context: typer.Context) -> list[str]:
    """Return the names of families, those of libraries and of `--templates` among them."""
    from generator.families.family import template_files
    from generator.libraries.installed import library_family_names

    return _if_sound(lambda folder: [*template_files(folder), *library_family_names(folder)], context)


def complete_libraries(context: typer.Context) -> list[str]:
    """Return the names of all libraries, those of `--templates` among them."""
    from generator.libraries.installed import library_names

    return _if_sound(library_names, context)


def complete_installed_libraries(context: typer.Context) -> list[str]:
    """Return the names of the libraries that are in the cache."""
    from generator.libraries.bundle import bundle_path

    return [name for name in complete_libraries(context) if bundle_path(name).exists()]


def _if_sound(names: Callable[[Path | None], Iterable[str]], context: typer.Context) -> list[str]:
    """Return names that may come from the folder of `--templates`; none where that is wrong, which the run will say."""
    try:
        return list(names(context.params.get("templates")))
    except BoxwrightError:
        return []
