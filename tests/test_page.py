import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.crops.page import Crop, Rejected, render_page
from generator.crops.recipe import Recipe
from generator.libraries.installed import load_library_families
from generator.rendering.png import decode_png
from generator.rendering.studio import Studio
from tests.families import BOX, WORD, family, palette
from tests.kits import CSS, EMPTY_WHEN_MIXED, install_kit, write_kit

pytestmark = pytest.mark.browser


def test_both_states_of_a_pair_have_the_same_style_cut_and_place(studio: Studio) -> None:
    items = list(render_page(Recipe(palette(), seed=0, n=24, pairs=True), 0, studio))
    rows = [item.row for item in items if isinstance(item, Crop)]
    assert len(rows) == 24
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert first.group == second.group
        assert (first.slot, first.theme, first.window, first.degradation) == (
            second.slot,
            second.theme,
            second.window,
            second.degradation,
        )
        if first.family == "box":
            assert {first.label, second.label} == {"checked", "unchecked"}
            assert (first.params, first.width, first.height) == (second.params, second.width, second.height)


def test_a_pair_that_looks_alike_is_rejected_and_counted(studio: Studio) -> None:
    alike = palette(family("alike", BOX.replace('t.ink if on else "transparent"', '"#fafafa" if on else "#fbfbfb"')))
    items = list(render_page(Recipe(alike, seed=0, n=10, pairs=True), 0, studio))
    assert len(items) == 5
    for item in items:
        assert isinstance(item, Rejected)
        assert (item.family, item.changed) == ("alike", 0.0)
        assert set(item.states) == {"checked", "unchecked"}


def test_views_of_a_widget_share_its_group_and_nothing_else_does(studio: Studio) -> None:
    rows = [
        item.row for item in render_page(Recipe(palette(), seed=0, n=11, views=3), 0, studio) if isinstance(item, Crop)
    ]
    assert [row.group for row in rows] == [f"0-{index // 3}" for index in range(11)]
    assert len({row.sha256 for row in rows}) > 8


@pytest.mark.parametrize(("css", "says"), [(CSS, "drawn"), (EMPTY_WHEN_MIXED, "left-out")])
def test_a_mixed_box_that_a_library_draws_empty_is_left_out(
    css: str, says: str, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    install_kit(write_kit(tmp_path / "t", name=says), name=says, css=css)
    checkbox = load_library_families((says,), folder=tmp_path / "t")[f"{says}/checkbox"]
    items = list(render_page(Recipe(palette(checkbox), seed=0, n=60), 0, studio))
    rows = [item.row for item in items if isinstance(item, Crop)]
    rejected = [item for item in items if isinstance(item, Rejected)]
    mixed = [row for row in rows if json.loads(row.params)["mixed"]]
    assert len(rows) + len(rejected) == 60
    assert {row.label for row in rows} == {"checked", "unchecked"}
    assert {"drawn": (True, 0), "left-out": (False, 60 - len(rows))}[says] == (bool(mixed), len(rejected))
    assert all(item.changed == 0 and set(item.states) == {"checked", "unchecked"} for item in rejected)


THREE = BOX.replace('["checked", "unchecked"]', '["checked", "mixed", "unchecked"]')


def test_families_of_ones_own_are_compared_in_all_their_states(studio: Studio) -> None:
    drawn = THREE.replace('t.ink if on else "transparent"', '"#808080" if state == "mixed" else "#101010"')
    own = replace(family("own", drawn), own=True)
    items = list(render_page(Recipe(palette(own, family("word", WORD)), seed=0, n=40), 0, studio))
    labels = {item.row.label for item in items if isinstance(item, Crop)}
    rejected = [item.states for item in items if isinstance(item, Rejected)]
    assert labels == {"mixed", "other"}
    assert set(rejected) == {("checked", "unchecked"), ("unchecked", "checked")}
    pairs = list(render_page(Recipe(palette(own), seed=0, n=40, pairs=True), 0, studio))
    assert all(isinstance(item, Rejected) for item in pairs), "each pair has a state that looks like a third one"


def test_what_others_are_compared_with_changes_no_crop(studio: Studio) -> None:
    own = replace(family("own", BOX), own=True)
    compared, alone = (
        [item.png for item in render_page(Recipe(palette(one, family("word", WORD)), seed=0, n=40), 0, studio)
         if isinstance(item, Crop)]
        for one in (own, family("own", BOX))
    )  # fmt: skip
    # A taller sheet has other tiles, and Chromium rounds a few pixels of a frame's edge otherwise in another tile.
    for one, other in zip(compared, alone, strict=True):
        assert np.abs(decode_png(one).astype(int) - decode_png(other)).mean() < 0.1


def test_a_family_that_asks_for_it_is_compared_in_all_its_states(studio: Studio) -> None:
    alike = BOX.replace('t.ink if on else "transparent"', '"#fafafa" if on else "#fbfbfb"')
    asking = alike.replace("[params]", "compared = true\n[params]")
    items = list(render_page(Recipe(palette(family("asking", asking)), seed=0, n=10), 0, studio))
    assert [type(item) for item in items] == [Rejected] * 10
    trusted = list(render_page(Recipe(palette(family("trusted", alike)), seed=0, n=10), 0, studio))
    assert [type(item) for item in trusted] == [Crop] * 10
