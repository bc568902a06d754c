"""The recipe of a round: what to draw more of, by what the round's model found hard."""

from active.exchange.labels import read_export
from active.gaps.drawn_set import is_ordinary_set
from active.gaps.gaps import GapsSettings, RealCrops, find_gaps
from active.gaps.gaps_result import recipe_of, write_recipe
from active.loop.loop import Loop
from active.loop.loop_record import Predictions, read, round_at
from base.progress import Bar
from model.labelled_folders.examples import Example
from model.networks.trained_model import load_model


def offer_recipe(loop: Loop, *, settings: GapsSettings, on_progress: Bar) -> str:
    """Write the recipe of the last round beside its model, and return what to do with it.

    Labels count as wrong where the fold that did not learn them was; of the rest of the pool, the model that is in use
    says what it is unsure of. Crops are compared with those that the rounds train on. Where these are none of
    `generate`, or were drawn by a recipe themselves, nothing is written, and the command to type is returned.

    Args:
        loop: has a finished round.
        settings: what is thought hard.
        on_progress: makes a bar for each stage.
    """
    here = round_at(loop.out, len(loop.records()))
    synthetic = loop.settings.fine_tuning.synthetic
    if synthetic is None or not is_ordinary_set(synthetic):
        return f"what to draw more of: boxwright gaps {loop.start.model} --real {here.labels} -o {here.recipe}"
    labels = {each.item: each.label for each in read_export(here.labels)}
    pictures = [Example(path, "", str(path)) for path in loop.pictures()]
    crops = RealCrops(pictures, labels, read(here.predictions, Predictions).unseen)
    model = loop.present()
    found = find_gaps(load_model(model), crops, synthetic=synthetic, settings=settings, on_progress=on_progress)
    if not found.matched:
        return "nothing is hard: there is nothing to draw more of"
    write_recipe(recipe_of(found, model=str(model), real=_pool_name(loop)), here.recipe)
    return f"what to draw more of: boxwright generate DATASET --recipe {here.recipe}"


def _pool_name(loop: Loop) -> str:
    return str(loop.cuts) if loop.start.screens else ", ".join(loop.pool)
