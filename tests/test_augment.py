import pytest
import torch

from model.learning.augment import (
    MAX_CUT_PX,
    AugmentStrength,
    augment,
    blur,
    draw_colours,
    draw_slides,
    recolour,
    slide,
    slide_boxes,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 4, height: int = 48, width: int = 96) -> torch.Tensor:
    return torch.rand((count, 3, height, width), generator=generator(9)).contiguous(memory_format=torch.channels_last)


def changed_by(seed: int, count: int = 4) -> torch.Tensor:
    return augment(pictures(count), torch.zeros(count, 4), generator(seed))[0]


def test_augmented_pictures_keep_shape_range_and_layout() -> None:
    changed = changed_by(0)
    assert changed.shape == (4, 3, 48, 96)
    assert (float(changed.min()) >= 0, float(changed.max()) <= 1) == (True, True)
    assert changed.is_contiguous(memory_format=torch.channels_last)


def test_the_same_generator_gives_the_same_pictures_and_another_seed_others() -> None:
    one, same, other = (changed_by(seed) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_strength_0_changes_nothing_and_each_kind_of_change_has_its_own() -> None:
    plain, boxes = pictures(), torch.tensor([[4.0, 5, 20, 20]]).repeat(4, 1)
    still, same = augment(plain.clone(), boxes, generator(), AugmentStrength(0, 0, 0))
    torch.testing.assert_close(still, plain, atol=1e-4, rtol=0)
    torch.testing.assert_close(same, boxes, atol=1e-3, rtol=0)
    for name in ("place", "colour", "damage"):
        changed, moved = augment(
            plain.clone(), boxes, generator(), AugmentStrength(**{"place": 0, "colour": 0, "damage": 0} | {name: 1})
        )
        assert (changed - plain).abs().max() > 0.02, name
        assert torch.allclose(moved, boxes, atol=1e-3) == (name != "place")


def test_each_picture_is_changed_in_its_own_way() -> None:
    changed, _ = augment(pictures(1).repeat(4, 1, 1, 1), torch.zeros(4, 4), generator())
    assert all(not torch.equal(changed[0], changed[index]) for index in range(1, 4))


@pytest.mark.parametrize(("height", "width"), [(48, 48), (48, 1200), (176, 80)])
def test_no_more_than_a_sliver_is_ever_cut_off(height: int, width: int) -> None:
    maps = draw_slides(torch.zeros(500, 3, height, width), generator())
    for axis, size in ((0, width), (1, height)):
        scale, centre = 1 / maps[:, axis, axis], -maps[:, axis, 2] / maps[:, axis, axis]
        reach = ((scale + centre.abs() - 1) * size / 2).max()
        assert reach <= MAX_CUT_PX + 1e-3


def test_a_picture_is_never_mirrored() -> None:
    maps = draw_slides(torch.zeros(500, 3, 48, 96), generator())
    assert (maps[:, 0, 0] > 0).all()
    assert (maps[:, 1, 1] > 0).all()


def test_the_map_that_changes_nothing_changes_nothing() -> None:
    same = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).repeat(4, 1, 1)
    torch.testing.assert_close(slide(pictures(), same), pictures(), atol=1e-5, rtol=0)


def test_a_slid_picture_repeats_its_edge() -> None:
    half = torch.tensor([[[1.0, 0, 1.0], [0, 1, 0]]])
    slid = slide(pictures(1), half)
    torch.testing.assert_close(slid[:, :, :, 60], pictures(1)[:, :, :, -1], atol=1e-5, rtol=0)


def test_colours_keep_black_apart_from_white() -> None:
    ends = torch.tensor([0.0, 1.0])[None, None, None, :].repeat(500, 3, 1, 1)
    black, white = recolour(ends, draw_colours(500, generator()))[:, :, 0].mean(1).unbind(1)
    assert ((white - black).abs() > 0.4).all()
    assert 0.05 < (white < black).float().mean() < 0.2  # dark mode


def test_colours_rarely_leave_the_range_where_clipping_would_wipe_out_pale_lines() -> None:
    pale = torch.tensor([0.92, 1.0])[None, None, None, :].repeat(500, 3, 1, 1)
    seen = recolour(pale, draw_colours(500, generator())).clamp(0, 1)
    lost = (seen[:, :, 0, 0] - seen[:, :, 0, 1]).abs().amax(1) < 0.02
    assert lost.float().mean() < 0.05


def test_a_blur_spreads_a_dot_and_a_zero_leaves_it() -> None:
    dot = torch.zeros(2, 3, 5, 5)
    dot[:, :, 2, 2] = 9.0
    blurred = blur(dot.clone(), torch.tensor([0.0, 1.0]))
    assert torch.equal(blurred[0], dot[0])
    assert blurred[1, 0, 1:4, 1:4].flatten().tolist() == pytest.approx([1.0] * 9)


def test_a_box_goes_where_its_pixels_go() -> None:
    canvas, box = torch.zeros(20, 3, 48, 96), torch.tensor([30.0, 12, 20, 16])
    canvas[:, :, 12:28, 30:50] = 1
    maps = draw_slides(canvas, generator())
    slid, boxes = slide(canvas, maps)[:, 0], slide_boxes(box.repeat(20, 1), maps, (48, 96))
    for picture, (left, top, width, height) in zip(slid, boxes.tolist(), strict=True):
        rows, columns = (picture.amax(1) > 0.5).nonzero()[:, 0], (picture.amax(0) > 0.5).nonzero()[:, 0]
        assert [int(columns[0]), int(rows[0])] == pytest.approx([left, top], abs=1)
        assert [int(columns[-1]) + 1, int(rows[-1]) + 1] == pytest.approx([left + width, top + height], abs=1)


def test_no_box_stays_none() -> None:
    _, boxes = augment(pictures(), torch.zeros(4, 4), generator())
    assert boxes[:, 2:].tolist() == [[0, 0]] * 4
