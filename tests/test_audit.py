import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from active.choosing.folder_pictures import list_examples
from active.faults import label_faults, outlier_faults
from active.faults.audit import AuditSettings, audit_folder
from active.faults.audit_files import write_cleaned, write_doubtful
from active.faults.audit_report import write_audit_report
from active.faults.audit_result import Audit
from active.faults.check_catalogue import CHECKS
from active.faults.fault_names import CHECK_NAMES
from active.faults.findings import FaultFinding
from active.faults.near_pairs import show_the_same
from active.faults.quality_faults import PALE_SPAN
from base.errors import InputError, OutputExistsError
from model.gap.measures import STATISTICS
from model.labelled_folders.folders import read_examples
from model.networks.trained_model import Model, load_model
from tests.crops import draw_crop, write_crops
from tests.opens import counted_opens
from tests.test_folder_commands import run

ROOT = Path(__file__).parents[1]
RUN = Path("pretrained")
ONLY_SHAPE = AuditSettings(check=("shape",))


@pytest.fixture(scope="module")
def judge() -> Model:
    return load_model(RUN)


def read(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def compressed(image: Image.Image, quality: int = 60) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def noise(size: tuple[int, int]) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(pixels)


def _place(audit: Audit, name: str) -> int:
    return next(place for place in audit.audited.measured if named(audit, place) == name)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two splits of sound crops, and one picture or two of each fault."""
    folder = tmp_path_factory.mktemp("audit") / "set"
    write_crops(folder / "train", 12)
    write_crops(folder / "test", 3, first_seed=50)
    train = folder / "train"
    read(train / "checked" / "0000.png").save(train / "checked" / "copy.bmp")
    read(train / "other" / "0001.png").save(train / "unchecked" / "disputed.bmp")
    compressed(draw_crop("other", 2)).save(train / "other" / "near.png")
    compressed(draw_crop("checked", 50)).save(train / "checked" / "leak.png")
    draw_crop("checked", 70).filter(ImageFilter.GaussianBlur(2)).save(train / "checked" / "blurred.png")
    Image.new("RGB", (60, 50), (250, 250, 250)).save(train / "unchecked" / "blank.png")
    Image.blend(draw_crop("checked", 71), Image.new("RGB", draw_crop("checked", 71).size, "white"), 0.93).save(
        train / "checked" / "pale.png"
    )
    draw_crop("checked", 72).point(lambda level: level // 8).save(train / "checked" / "dark.png")
    draw_crop("other", 73).resize((60, 6)).save(train / "other" / "tiny.png")
    draw_crop("checked", 75).save(train / "unchecked" / "flipped.png")
    noise((80, 50)).save(train / "other" / "noise.png")
    (train / "other" / "broken.png").write_bytes((train / "other" / "0003.png").read_bytes()[:100])
    return folder


@pytest.fixture(scope="module")
def audit(faulty: Path, judge: Model) -> Audit:
    return audit_folder(faulty, judge, run=RUN)


def named(audit: Audit, place: int) -> str:
    return audit.audited.pictures[place].example.path.relative_to(audit.folder).as_posix()


def found(audit: Audit, check: str) -> set[str]:
    return {named(audit, each.pictures[0]) for each in audit.results[check].findings if each.pictures}


@pytest.mark.parametrize(
    ("check", "names"),
    [
        ("unreadable", {"train/other/broken.png"}),
        ("exact", {"train/checked/copy.bmp", "train/unchecked/disputed.bmp", "train/other/0001.png"}),
        ("blank", {"train/unchecked/blank.png"}),
        ("blurred", {"train/checked/blurred.png"}),
        ("pale", {"train/checked/pale.png"}),
        ("dark", {"train/checked/dark.png"}),
        ("shape", {"train/other/tiny.png"}),
    ],
)
def test_a_check_finds_what_is_there_and_nothing_else(audit: Audit, check: str, names: set[str]) -> None:
    assert found(audit, check) == names


def test_near_copies_are_found_and_one_is_kept(audit: Audit) -> None:
    assert {"train/checked/leak.png"} <= found(audit, "near")
    assert len(found(audit, "near") & {"train/other/0002.png", "train/other/near.png"}) == 1


def test_a_copy_in_another_split_is_a_leak_and_the_one_trained_on_is_left_out(audit: Audit) -> None:
    leaks = {named(audit, each.pictures[0]): each for each in audit.results["leakage"].findings}
    assert leaks["train/checked/leak.png"].reason.startswith("in train and nearly also in test, as ")
    assert leaks["train/checked/leak.png"].leave_out
    assert all(leak.startswith("train/") for leak in leaks)
    assert "train/checked/copy.bmp" not in leaks, "both are in train"


def test_a_wrong_label_is_found_and_why(audit: Audit) -> None:
    assert "train/unchecked/flipped.png" in found(audit, "label")
    [flipped] = [
        each
        for each in audit.results["label"].findings
        if named(audit, each.pictures[0]) == "train/unchecked/flipped.png"
    ]
    assert flipped.reason.startswith("labelled unchecked; 100% of the models that never saw it say checked, ")
    assert flipped.leave_out
    assert flipped.ask


def test_what_is_like_nothing_else_is_an_outlier(audit: Audit) -> None:
    assert "train/other/noise.png" in found(audit, "outlier")


def test_a_picture_that_another_check_explains_is_no_outlier(audit: Audit) -> None:
    told = {name for check in ("blank", "pale", "dark", "shape") for name in found(audit, check)}
    assert told
    assert not told & found(audit, "outlier")


def test_of_large_sets_every_nth_picture_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlier_faults, "MOST_NEIGHBOURS", 20)
    statistics = np.random.default_rng(0).random((90, len(STATISTICS)), np.float32)
    statistics[[7, 15]] += 5  # of these, one is among the 18 compared with
    far = outlier_faults._distances(statistics)
    assert set(np.argsort(far)[-2:].tolist()) == {7, 15}


def test_a_long_row_is_no_odd_shape_but_a_strip_is(judge: Model, tmp_path: Path) -> None:
    write_crops(tmp_path, 2)
    draw_crop("other", 80).resize((480, 20)).save(tmp_path / "other" / "row.png")
    draw_crop("other", 81).resize((520, 20)).save(tmp_path / "other" / "strip.png")
    assert found(audit_folder(tmp_path, judge, run=RUN, settings=ONLY_SHAPE), "shape") == {"other/strip.png"}


def test_what_is_pale_because_of_its_blur_is_called_blurred(judge: Model, tmp_path: Path) -> None:
    write_crops(tmp_path, 2)
    crop = draw_crop("unchecked", 82)
    faint = Image.blend(crop, Image.new("RGB", crop.size, (245, 245, 245)), 0.7).filter(ImageFilter.GaussianBlur(3))
    faint.save(tmp_path / "unchecked" / "faint.png")
    audit = audit_folder(tmp_path, judge, run=RUN, settings=AuditSettings(check=("blurred", "pale")))
    assert audit.audited.measured[_place(audit, "unchecked/faint.png")].span <= PALE_SPAN
    assert found(audit, "blurred") == {"unchecked/faint.png"}
    assert found(audit, "pale") == set()


@pytest.mark.parametrize("check", ["find_outliers", "find_odd_shapes"])
def test_labels_of_outliers_and_odd_shapes_are_not_doubted(
    audit: Audit, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _place(audit, "train/unchecked/flipped.png")
    assert place in {each.pictures[0] for each in label_faults.find_wrong_labels(audit.audited)}
    monkeypatch.setattr(label_faults, check, lambda _: iter([FaultFinding((place,), "is odd", 1.0)]))
    assert place not in {each.pictures[0] for each in label_faults.find_wrong_labels(audit.audited)}


def test_small_classes_are_told_of_the_whole_set(audit: Audit) -> None:
    reasons = [each.reason for each in audit.results["balance"].findings]
    assert any(reason.startswith("other has 18 pictures") for reason in reasons)


def test_copies_with_two_labels_are_both_left_out_and_asked_about(audit: Audit) -> None:
    disputed = [each for each in audit.results["exact"].findings if each.ask]
    assert len(disputed) == 2
    assert "which is labelled" in disputed[0].reason
    assert all(each.leave_out for each in disputed)


def test_a_state_that_differs_makes_no_near_copy() -> None:
    plain, other = draw_crop("unchecked", 5), draw_crop("unchecked", 5)
    other.paste((20, 20, 20), (10, 10, 20, 20))
    assert show_the_same(plain, compressed(plain))
    assert show_the_same(plain, plain.crop((1, 2, plain.width, plain.height - 1)))
    assert show_the_same(plain, plain.resize((plain.width * 3 // 2, plain.height * 3 // 2), Image.Resampling.BICUBIC))
    assert not show_the_same(plain, other)
    assert not show_the_same(plain, plain.resize((plain.width * 2, plain.height)))


def test_every_check_has_a_name_and_says_what_it_finds_and_misses() -> None:
    assert tuple(CHECKS) == CHECK_NAMES
    assert all(check.meaning and check.misses for check in CHECKS.values())


def test_an_audit_changes_nothing(faulty: Path, judge: Model) -> None:
    before = {path: path.read_bytes() for path in faulty.rglob("*") if path.is_file()}
    audit_folder(faulty, judge, run=RUN, settings=AuditSettings(check=("exact",)))
    assert {path: path.read_bytes() for path in faulty.rglob("*") if path.is_file()} == before


def test_the_cleaned_list_is_read_as_the_folder_was_but_for_what_is_left_out(
    audit: Audit, faulty: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "clean.csv"
    count = write_cleaned(audit, listed)
    kept = {each.path.resolve() for each in read_examples(listed)}
    assert len(kept) == count
    left = {(faulty / named(audit, place)).resolve() for place in audit.left_out()}
    whole = {each.path.resolve(): each for each in read_examples(faulty)}
    assert kept == whole.keys() - left
    assert {(each.label, each.split) for each in read_examples(listed)} == {
        (each.label, each.split) for path, each in whole.items() if path in kept
    }
    with pytest.raises(OutputExistsError, match=r"clean\.csv exists"):
        write_cleaned(audit, listed)
    with pytest.raises(InputError, match=r"clean does not end in \.csv"):
        write_cleaned(audit, tmp_path / "clean")


def test_checks_that_need_no_model_open_each_file_once(judge: Model, tmp_path: Path) -> None:
    crops = write_crops(tmp_path / "crops", 2)
    names = {str(path.relative_to(tmp_path)) for path in crops.rglob("*.png")}
    with counted_opens(tmp_path) as opens:
        audit_folder(crops, judge, run=RUN, settings=AuditSettings(check=("exact", "blurred", "outlier")))
    assert {name: count for name, count in opens.items() if name.endswith(".png")} == dict.fromkeys(names, 1)


def test_pictures_without_labels_are_audited_for_what_needs_none(judge: Model, tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    for seed in range(4):
        draw_crop("checked", seed).save(pool / f"{seed}.png")
    draw_crop("checked", 0).save(pool / "copy.bmp")
    audit = audit_folder(pool, judge, run=RUN)
    assert found(audit, "exact") == {"copy.bmp"}
    assert audit.results["label"].skipped == "needs labels"
    assert "without labels" in audit.to_text()
    with pytest.raises(InputError, match="has no labels, and --apply"):
        write_cleaned(audit, tmp_path / "clean.csv")


def test_folders_are_no_classes_where_that_is_said(tmp_path: Path) -> None:
    write_crops(tmp_path / "pool", 2)
    assert {each.label for each in list_examples(tmp_path / "pool")} == {"checked", "other", "unchecked"}
    assert {each.label for each in list_examples(tmp_path / "pool", unlabelled=True)} == {""}


def test_classes_that_the_model_does_not_know_are_learned(judge: Model, tmp_path: Path) -> None:
    for label, name in (("checked", "on"), ("unchecked", "off")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for seed in range(14):
            draw_crop(label, seed).save(tmp_path / "set" / name / f"{seed}.png")
    draw_crop("checked", 40).save(tmp_path / "set" / "off" / "flipped.png")
    audit = audit_folder(tmp_path / "set", judge, run=RUN, settings=AuditSettings(check=("label",)))
    held_out = audit.audited.judgement.held_out
    assert held_out is not None
    assert held_out.classes == ("off", "on")
    worst = held_out.places[int(held_out.margins.argmin())]
    assert named(audit, worst) == "off/flipped.png"


def test_the_command_writes_what_the_library_finds(audit: Audit, faulty: Path, tmp_path: Path) -> None:
    code, stdout, stderr = run(
        *("audit", faulty, "-o", tmp_path / "a.json", "--list", tmp_path / "look.csv"),
        *("--report", tmp_path / "a.html", "--apply", tmp_path / "clean.csv"),
    )
    assert code == 3
    assert stdout == audit.to_text() + "\n"
    assert json.loads((tmp_path / "a.json").read_text()) == audit.to_dict()
    assert "look again with `boxwright queue --from" in stderr
    page = (tmp_path / "a.html").read_text()
    assert page.count('<div class="card"') >= 10
    assert "which is labelled" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "no folder nowhere"),
        (["empty"], "no class folders in empty"),
        (["text"], "none of its 1 picture can be read, the first, text/a.png: is not a picture"),
        (["crops", "--check", "blury"], "unknown check 'blury'; did you mean blurred?"),
        (["crops", "--report", "crops"], "crops is a folder; name a file to write"),
        (["crops", "--apply", "clean"], "clean does not end in .csv"),
    ],
)
def test_what_cannot_be_audited_is_one_line(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.png").write_text("I am a text")
    write_crops(tmp_path / "crops", 1)
    code, _, stderr = run("audit", *words)
    assert code == 1
    assert message in stderr.splitlines()[-1]


def test_the_report_and_the_list_name_what_was_found(audit: Audit, tmp_path: Path) -> None:
    write_audit_report(audit, tmp_path / "a.html")
    assert "what it misses" in (tmp_path / "a.html").read_text()
    assert write_doubtful(audit, tmp_path / "look.csv") == len(audit.doubtful())
    rows = (tmp_path / "look.csv").read_text().splitlines()
    assert rows[0] == "path,reason,label"
    assert len(rows) == 1 + len(audit.doubtful())


def test_the_documents_say_of_each_check_what_it_finds_and_misses() -> None:
    text = (ROOT / "docs" / "auditing.md").read_text(encoding="utf-8")
    for check_name, check in CHECKS.items():
        assert f"| `{check_name}` | {check.meaning} |" in text
        assert f"| {check.misses} |\n" in text
