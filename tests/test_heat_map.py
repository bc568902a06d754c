import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.classifying.classifier import Classifier, load_classifier
from model.explaining.heat_maps import draw_heat_map
from model.explaining.occlusion import LEAST_CELL_PX, MOST_CELLS, MOST_PX
from tests.test_predict import model


def test_hiding_the_mark_matters_more_than_hiding_the_ground() -> None:
    image = Image.new("RGB", (120, 48), "white")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((10, 12, 34, 36), 4, fill=(37, 99, 235))
    pen.line((15, 24, 20, 30, 29, 18), fill="white", width=3)
    classify = load_classifier()
    fitted = classify.fit(image)
    found = draw_heat_map(classify, fitted)
    assert found.label == classify.results([fitted])[0].label == "checked"
    columns = found.heat.max(0)
    assert columns[: len(columns) // 3].max() > 0.1 > abs(columns[len(columns) // 2 :]).max()


@pytest.mark.parametrize("size", [(1, 1), (30, 30), (1, 400), (3000, 60)])
def test_a_map_covers_the_picture_and_costs_no_more_than_it_may(size: tuple[int, int]) -> None:
    classify = Classifier(model())
    fitted = classify.fit(Image.new("RGB", size, "white"))
    heat = draw_heat_map(classify, fitted).heat
    height, width = fitted.pixels.shape[:2]
    assert heat.size <= 1.5 * MOST_CELLS
    assert heat.size * fitted.pixels.size / 3 <= 1.5 * MOST_PX
    cell_px = max(height / heat.shape[0], width / heat.shape[1])
    assert cell_px >= min(LEAST_CELL_PX, height, width) / 2
    assert np.abs(heat).max() < 1e-3  # nothing can be hidden in an even picture
