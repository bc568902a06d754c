from PIL import Image

from generator.formats.contact_sheet import GAP_PX, contact_sheet


def test_crops_keep_their_order_and_fill_rows() -> None:
    crops = [Image.new("RGB", (60, 60), colour) for colour in ("red", "lime", "blue")]
    sheet = contact_sheet(crops, width_px=150, row_px=60)
    assert sheet.size == (150, 2 * 60 + 3 * GAP_PX)
    centres = [(GAP_PX + 30, GAP_PX + 30), (2 * GAP_PX + 90, GAP_PX + 30), (GAP_PX + 30, 2 * GAP_PX + 90)]
    assert [sheet.getpixel(centre) for centre in centres] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_a_crop_wider_than_the_sheet_still_fits() -> None:
    assert contact_sheet([Image.new("RGB", (1800, 64))], width_px=200, widest_px=180).width == 200


def test_no_crops_give_an_empty_sheet() -> None:
    assert contact_sheet([]).width == 1500
