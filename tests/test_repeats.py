from pathlib import Path

import pytest

from model.reading.picture_reference import file_picture, lost_picture
from model.running import predict as predict_module
from model.running.predict import Reading, read_in_order
from model.streaming.repeats import Repeats
from tests.test_predict import model, write_pool


def test_what_was_asked_for_longest_ago_is_forgotten() -> None:
    known = Repeats[str](most=2)
    first, is_new = known.look_up("a")
    assert (first.value, is_new) == (None, True)
    first.value = "of a"
    known.look_up("b")
    assert known.look_up("a") == (first, False)
    known.look_up("c")
    assert ["a" in known, "b" in known, "c" in known] == [True, False, True]


@pytest.mark.parametrize("most", [1, 2, 100])
def test_answers_do_not_depend_on_what_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 3)
    paths = write_pool(tmp_path, 4)
    (tmp_path / "text.png").write_text("I am a text")
    pictures = [file_picture(path) for path in [*paths, *paths[::-1], tmp_path / "text.png", *paths[:2]] * 2]
    chunks = read_in_order(model(), [*pictures, lost_picture("x", "is lost")], known=Repeats[Reading](most), threads=2)
    found = [each for chunk in chunks for each in chunk]
    alone = {path: next(read_in_order(model(), [file_picture(path)], threads=1))[0].reading for path in paths}
    assert [each.picture.name for each in found[:-1]] == [picture.name for picture in pictures]
    for each in found:
        if each.picture.path in alone:
            assert each.reading.probabilities == pytest.approx(alone[each.picture.path].probabilities, abs=1e-4)
            assert len(each.content) == 64
        else:
            assert each.reading.error in ("is not a picture", "is lost")
