"""Gaps: what a model finds hard on real crops, and a recipe by which the generator draws more of what is like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from active.gaps.drawn_set import drawn_set, read_rows_by_name
from active.gaps.gaps_result import Gaps
from active.gaps.hard_crops import find_hard_crops
from active.gaps.nearest_crops import MatchedCrop, find_nearest
from active.gaps.recipe_fitting import fit_weights
from base.errors import InputError
from base.progress import Bar, mute_bar
from base.settings import Settings
from generator.crops.manifest import ManifestRow
from generator.datasets.dataset import GenerateSettings
from generator.families.family import Family
from generator.libraries.installed import library_family_names, load_catalogue
from generator.sampling.sampling_weights import LEAST_BASE, ORDINARY, SamplingWeights
from model.gap.crop_statistics import Described, describe_crops
from model.labelled_folders.examples import Example
from model.labelled_folders.folders import read_examples
from model.networks.trained_model import Model
from model.splitting.folds import name_of
from model.splitting.overlap import load_seen


class GapsSettings(Settings):
    """Settings of `[gaps]` in boxwright.toml; flags of the same names override them."""

    n: int = Field(default=4000, ge=100, description="crops to draw, where no synthetic set is given")
    seed: int = 0
    sure: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="a crop read with less confidence is hard; None: what the model is unsure of",
    )
    nearest: int = Field(default=10, ge=1, description="synthetic crops that are taken as near to a hard one")
    base: float = Field(default=0.5, ge=LEAST_BASE, le=1, description="share of the mix as it is in what is drawn")
    templates: Path | None = None
    browser: str | None = None
    threads: int | None = Field(default=None, ge=1)

    def sure_of(self, model: Model) -> float:
        """Return the confidence below which a crop is hard for a model."""
        return model.unsure_below if self.sure is None else self.sure

    def drawing(self) -> GenerateSettings:
        """Return how a set to compare with is drawn."""
        return GenerateSettings(n=self.n, seed=self.seed, templates=self.templates, browser=self.browser)


@dataclass(frozen=True)
class RealCrops:
    """Real crops, and what is known of their labels.

    Attributes:
        examples: the crops; their labels may be empty.
        labels: more labels, by content, which win over those of `examples`.
        unseen: by content, what a model that never learned a label made of its crop; see `find_hard_crops`.
    """

    examples: Sequence[Example]
    labels: Mapping[str, str] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)


def find_gaps(
    model: Model,
    real: RealCrops,
    *,
    run: Path | None = None,
    synthetic: Path | None = None,
    settings: GapsSettings | None = None,
    on_progress: Bar | None = None,
) -> Gaps:
    """Find what a model gets wrong or is unsure of, and what of the generator comes nearest to that.

    Args:
        model: one that has not learned the labels, or it will know them.
        real: crops with labels, or without: then what the model is unsure of is hard.
        run: where the model was loaded from; says whether it has learned the labels.
        synthetic: a data set of `generate` to compare with, drawn without a recipe; None: one is drawn, of the
            templates' families alone, and kept in the cache.
        settings: how many are compared, and what is thought hard.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError, InputError: there is no real crop that can be read, labels are of classes that the model does not
            know, or the synthetic set is none.
        BrowserError: a set must be drawn, and no browser starts.
    """
    chosen = settings or GapsSettings()
    bar = on_progress or mute_bar
    given = read_rows_by_name(synthetic) if synthetic else {}
    described = _describe_real(model, real, chosen, bar)
    sure = chosen.sure_of(model)
    hard = find_hard_crops(described, model.classes, sure=sure, unseen=real.unseen)
    found = Gaps(described, (), None, (), (), ORDINARY, sure, _learned(described, run, real.unseen))
    if not hard:
        return found
    folder = synthetic or drawn_set(chosen.drawing(), on_progress=bar("drawing"))
    by_name = given or read_rows_by_name(folder)
    drawn = describe_crops(
        model, read_examples(folder), threads=chosen.threads, on_progress=bar("looking at synthetic crops")
    )
    rows = tuple(_row_of(example, folder, by_name) for example in drawn.examples)
    matched = find_nearest(hard, described, drawn, count=chosen.nearest, seed=chosen.seed)
    weights = _fit(matched, rows, chosen)
    return replace(found, matched=matched, synthetic=folder, drawn=drawn.examples, rows=rows, weights=weights)


def _describe_real(model: Model, real: RealCrops, settings: GapsSettings, bar: Bar) -> Described:
    found = describe_crops(model, real.examples, threads=settings.threads, on_progress=bar("looking at real crops"))
    labelled = tuple(
        replace(example, label=real.labels.get(content, example.label))
        for example, content in zip(found.examples, found.contents, strict=True)
    )
    strange = sorted({example.label for example in labelled} - {"", *model.classes})
    if strange:
        raise InputError(
            f"the model does not know the {'classes' if len(strange) > 1 else 'class'} {', '.join(strange)}; it tells "
            f"{', '.join(model.classes)} apart. Give other labels, or none: --unlabelled"
        )
    return replace(found, examples=labelled)


def _learned(real: Described, run: Path | None, unseen: Mapping[str, str]) -> tuple[str, ...]:
    seen = load_seen(run) if run is not None and run.is_dir() else None
    asked = [
        content
        for example, content in zip(real.examples, real.contents, strict=True)
        if example.label and content not in unseen
    ]
    count = 0 if seen is None else seen.count_known(asked)
    if not count:
        return ()
    return (f"{run} has learned {count} of these pictures and finds them easy; name another model",)


def _row_of(example: Example, folder: Path, by_name: Mapping[str, ManifestRow]) -> ManifestRow:
    name = name_of(example, folder)
    if name not in by_name:
        raise InputError(f"{folder}: {name} is not in its manifest; name a folder as `generate` left it")
    return by_name[name]


def _fit(matched: Sequence[MatchedCrop], rows: Sequence[ManifestRow], settings: GapsSettings) -> SamplingWeights:
    near = [(rows[each.place], each.weight) for match in matched for each in match.nearest]
    return fit_weights(near, rows, _known_families(rows, settings.templates), base=settings.base)


def _known_families(rows: Sequence[ManifestRow], templates: Path | None) -> Mapping[str, Family]:
    """Return the families of the rows that are here; of others, parameters cannot be weighed."""
    libraries = set(library_family_names(templates))
    names = sorted({row.family for row in rows if row.family in libraries})
    try:
        return load_catalogue(names=names, folder=templates)
    except InputError:  # a library that is not installed any more
        return load_catalogue(folder=templates)
