import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from generator.crops.manifest import ManifestRow, read_manifest
from generator.datasets.dataset import GenerateSettings
from generator.formats.card import SCORE_BEGIN, SHEET, fill_score
from generator.formats.crop_formats import CROP_FORMATS
from generator.formats.factors import FACTORS, FactorCounts, add_factors
from model.labelled_folders.folders import read_examples
from tests.kept_worker import draw

pytestmark = pytest.mark.browser

FAMILIES = ("button_filled", "checkbox_native", "switch_material")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "set"
    draw(out, GenerateSettings(n=40, workers=1, families=FAMILIES))
    return out


def card(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


def count(rows: Iterable[ManifestRow]) -> FactorCounts:
    counts: FactorCounts = {}
    for row in rows:
        add_factors(counts, row)
    return counts


def again(folder: Path) -> None:
    CROP_FORMATS["folder"].finish(folder, read_manifest(folder))


def test_the_card_counts_what_the_manifest_holds(made: Path) -> None:
    rows = list(read_manifest(made))
    text = card(made)
    for label in ("checked", "other", "unchecked"):
        count = sum(row.label == label for row in rows)
        assert f"| {label} | {count} | {100 * count / 40:.1f} % |" in text
    for family in FAMILIES:
        kind = next(row.kind for row in rows if row.family == family)
        counts = [
            sum((row.family, row.label) == (family, label) for row in rows)
            for label in sorted({row.label for row in rows})
        ]
        assert f"| {family} | {kind} | {' | '.join(map(str, counts))} |" in text


def test_every_factor_is_found_in_every_row(made: Path) -> None:
    counts = count(read_manifest(made))
    assert {name: values.total() for name, values in counts.items()} == dict.fromkeys(FACTORS, 40)
    assert all(f"| {name} |" in card(made) for name in FACTORS)


def test_front_matter_takes_the_crops_of_each_class_and_nothing_else(made: Path) -> None:
    front = card(made).split("---\n")[1]
    patterns = [line.split('"')[1] for line in front.splitlines() if line.endswith('.png"')]
    found = {path.relative_to(made).as_posix() for pattern in patterns for path in made.glob(pattern)}
    assert found == {row.file_name for row in read_manifest(made)}
    assert "- image-classification\n" in front
    assert "- n<1K\n" in front


def test_the_contact_sheet_is_there_and_is_not_taken_for_a_crop(made: Path) -> None:
    assert f"]({SHEET})" in card(made)
    with Image.open(made / SHEET) as image:
        assert len(image.convert("L").getcolors() or ()) > 20
    assert len(read_examples(made)) == 40


def test_the_same_set_elsewhere_has_the_same_card(made: Path, tmp_path: Path) -> None:
    draw(tmp_path / "elsewhere", GenerateSettings(n=40, workers=1, families=FAMILIES))
    digests = [hashlib.sha256((folder / SHEET).read_bytes()).digest() for folder in (made, tmp_path / "elsewhere")]
    assert digests[0] == digests[1]
    assert card(made) == card(tmp_path / "elsewhere")


def test_a_score_is_filled_in_replaced_and_kept(made: Path) -> None:
    before = card(made)
    assert "Not measured yet" in before
    for words in ("Accuracy 1 %.", "Accuracy 2 %."):
        assert fill_score(made, words)
    again(made)
    assert "Accuracy 2 %." in card(made)
    assert "Accuracy 1 %." not in card(made)
    assert "Not measured yet" not in card(made)
    assert card(made).split(SCORE_BEGIN)[0] == before.split(SCORE_BEGIN)[0]


def test_a_folder_without_a_card_is_left_alone(tmp_path: Path) -> None:
    assert not fill_score(tmp_path, "Accuracy 1 %.")
    (tmp_path / "README.md").write_text("My own notes.\n", encoding="utf-8")
    assert not fill_score(tmp_path, "Accuracy 1 %.")
    assert card(tmp_path) == "My own notes.\n"
