"""What must not tell the state: words, geometry, surroundings. Measured over the whole catalogue of widgets."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from generator.crops.manifest import ManifestRow
from generator.crops.page import Crop
from generator.datasets.dataset import GenerateSettings
from generator.families.family import load_families
from generator.formats.crop_formats import read_crops
from tests.kept_worker import draw

pytestmark = [pytest.mark.browser, pytest.mark.slow]

N = 1500
CHANCE = 0.5 + 4 * 0.5 / N**0.5
"""Four standard deviations above what guessing gets right."""

HALO = 0.4
"""How far around the widget's box its own glow may reach, as a share of its shorter side; the mask covers it too."""


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> list[Crop]:
    out = tmp_path_factory.mktemp("leaks") / "widgets"
    widgets = tuple(name for name, family in load_families().items() if len(family.declared.states) == 2)
    draw(out, GenerateSettings(n=N, workers=1, families=widgets, format="webdataset"))
    return list(read_crops(out))


def states(crops: list[Crop]) -> np.ndarray:
    return np.array([crop.row.label == "checked" for crop in crops])


def accuracy(features: object, crops: list[Crop], classifier: object) -> float:
    return float(cross_val_score(classifier, features, states(crops), cv=5).mean())


def geometry(row: ManifestRow) -> list[float]:
    x, y, width, height = row.box
    return [row.width, row.height, x, y, row.width - x - width, row.height - y - height]


def surroundings(crop: Crop) -> np.ndarray:
    with Image.open(io.BytesIO(crop.png)) as image:
        pixels = np.array(image)
    x, y, width, height = crop.row.box
    halo = HALO * min(width, height) + 4
    rows = slice(max(0, int(y - halo)), int(y + height + halo) + 1)
    pixels[rows, max(0, int(x - halo)) : int(x + width + halo) + 1] = np.median(pixels, axis=(0, 1))
    return np.asarray(Image.fromarray(pixels).resize((12, 8), Image.Resampling.BOX)).ravel() / 255


def test_the_words_do_not_tell_the_state(crops: list[Crop]) -> None:
    words = [f"{crop.row.layout['text']} {crop.row.layout['hint']}" for crop in crops]
    counted = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=3).fit_transform(words)
    assert accuracy(counted, crops, LogisticRegression(max_iter=500)) < CHANCE


def test_what_surrounds_the_masked_widget_does_not_tell_the_state(crops: list[Crop]) -> None:
    seen = np.array([surroundings(crop) for crop in crops])
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    assert accuracy(seen, crops, linear) < CHANCE


def test_sizes_and_margins_do_not_tell_the_state(crops: list[Crop]) -> None:
    measured = np.array([geometry(crop.row) for crop in crops])
    assert accuracy(measured, crops, HistGradientBoostingClassifier(max_iter=60, random_state=0)) < CHANCE


def test_the_probe_finds_what_does_tell_the_state(crops: list[Crop]) -> None:
    told = np.array([[*geometry(crop.row), crop.row.label == "checked"] for crop in crops], float)
    assert accuracy(told, crops, LogisticRegression(max_iter=500)) > CHANCE
