"""Labels out and in: what is exported comes in as it was, and what is not taken, or contradicts itself, is said."""

import hashlib
import io
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner, Result

from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from active.exchange.labels import export_labels, import_labels
from active.store.events import DECISIONS, QueueItem
from active.store.records import OLDER, OTHER_NOTE, UNFLAGGED
from active.store.store import LabelStore
from base.errors import InputError
from cli import app
from model.labelled_folders.folders import read_examples

PEOPLE = ("ann", "bob", "eve")
CLASSES = ("on", "off")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where a commit costs nothing; each example makes many."""

OLD, NEWER, NEWEST = (f"{year}-01-01T00:00:00.000+00:00" for year in (2001, 2002, 2030))


def picture(number: int, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(content, form)
    return content.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    for number, name in enumerate(("a.png", "b.png")):
        (tmp_path / name).write_bytes(picture(number))
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def said(store: LabelStore) -> list[tuple[str, str, str | None, str]]:
    """Return who said what of which picture, and when."""
    return [(each.path.name, each.annotator, each.label or each.action, each.at) for each in store.records()]


def take(store: LabelStore, source: Path, format_name: str = "csv", **choices: Any) -> Counter[str]:
    return import_labels(store, source, format_name=format_name, **choices).reasons


# Whole stores, out and in


def queue(store: LabelStore, pool: Path, count: int) -> list[str]:
    items = []
    for number in range(count):
        path = write(pool / f"{number}.png", picture(number))
        items.append(hashlib.sha256(path.read_bytes()).hexdigest())
    queued = [QueueItem(item, pool / f"{number}.png", 0.5, "margin", "on", {}) for number, item in enumerate(items)]
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=queued)
    return items


LIVE = st.tuples(
    st.sampled_from(PEOPLE),
    st.integers(0, 3),
    st.sampled_from(("label", "label", *DECISIONS[1:], "skip", "flag", "unflag", "note", "undo")),
    st.sampled_from(CLASSES),
    st.sampled_from(("", 'dim; "half", as it is', "line\nbreak\rand ü ", " blanks ")),
)


def theirs_at(*times: str) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    actions = st.sampled_from(("label", "label", *DECISIONS[1:], "skip"))
    row = st.tuples(
        st.sampled_from(PEOPLE), st.integers(0, 3), actions, st.sampled_from(CLASSES), st.sampled_from(times)
    )
    return st.lists(row, max_size=4)


def act(store: LabelStore, item: str, action: str, label: str, note: str) -> None:
    if action == "undo":
        store.undo()
    elif action == "note":
        store.record(item, "note", note=note)
    else:
        store.record(item, action, label if action == "label" else None, hinted=note != "")  # type: ignore[arg-type]


def come_in(store: LabelStore, folder: Path, items: Sequence[str], theirs: Sequence[tuple[Any, ...]]) -> None:
    """Import rows of somebody else's, each as a file of its own."""
    for number, (who, item, action, label, at) in enumerate(theirs):
        row = {"sha256": items[item], "path": str(folder / f"{item}.png"), "annotator": who, "action": action}
        row |= ({"label": label} if action == "label" else {}) | ({"labelled_at": at} if at else {})
        import_labels(store, write(folder / f"{number}.jsonl", json.dumps(row)), format_name="jsonl")


def contents(out: Path) -> dict[str, bytes]:
    if out.is_file():
        return {"": out.read_bytes()}
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", LABEL_FORMATS)
@settings(max_examples=25, deadline=None)
@given(before=theirs_at("", OLD, NEWER), live=st.lists(LIVE, max_size=10), after=theirs_at("", NEWER, NEWEST))
def test_export_import_export_is_the_identity(
    name: str, before: list[tuple[Any, ...]], live: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        folder = Path(place)
        with LabelStore.open(folder / "first.db", annotator="ann") as first:
            items = queue(first, folder / "pool", 4)
            first.record(items[0], "label", "on")
            come_in(first, folder / "pool", items, before)
            for who, number, action, label, note in live:
                first.annotator = who
                act(first, items[number], action, label, note)
            come_in(first, folder / "pool", items, after)
            if not any(record.action in DECISIONS for record in first.records()):
                return  # an export has nothing to say, and says so
            export_labels(first, folder / "one", format_name=name)
            with LabelStore.open(folder / "second.db", annotator="nobody") as second:
                result = import_labels(second, folder / "one", format_name=name)
                assert (result.failed, result.passed_over) == ((), ())
                assert second.records() == first.records()
                assert [(each.item, set(each.labels)) for each in second.disputes()] == [
                    (each.item, set(each.labels)) for each in first.disputes()
                ]
                again = import_labels(second, folder / "one", format_name=name)
                assert (again.new, again.passed_over) == (0, ())
                export_labels(second, folder / "two", format_name=name)
            assert contents(folder / "two") == contents(folder / "one")
            # Its own export tells a store nothing.
            assert import_labels(first, folder / "one", format_name=name).new == 0


@settings(max_examples=40, deadline=None)
@given(theirs=theirs_at("", OLD, NEWER), data=st.data())
def test_what_files_say_does_not_depend_on_their_order(theirs: list[tuple[Any, ...]], data: st.DataObject) -> None:
    orders = [theirs, data.draw(st.permutations(theirs))]
    found = []
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        for number, order in enumerate(orders):
            folder = Path(place, str(number))
            with LabelStore.open(folder / "labels.db", annotator="ann") as store:
                items = queue(store, folder / "pool", 4)
                come_in(store, folder / "pool", items, order)
                agreed = sorted((each.item, each.label) for each in store.labels())
                found.append((agreed, [each.item for each in store.disputes()]))
    assert found[0] == found[1]


# One by one


def label_here(store: LabelStore, name: str, label: str) -> str:
    """Label a picture as somebody would, and return its hash."""
    path = Path(store.name).parent / name
    item = hashlib.sha256(path.read_bytes()).hexdigest()
    queued = QueueItem(item, path, 0.5, "margin", label, {})
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=[queued])
    store.record(item, "label", label)
    return item


def test_skips_come_in_and_stay_behind_the_rest(store: LabelStore, tmp_path: Path) -> None:
    label_here(store, "a.png", "on")
    items = queue(store, tmp_path / "pool", 3)
    store.record(items[2], "skip")
    export_labels(store, tmp_path / "out.csv", format_name="csv")
    with LabelStore.open(tmp_path / "second.db", annotator="bob") as second:
        queue(second, tmp_path / "pool", 3)
        import_labels(second, tmp_path / "out.csv", format_name="csv")
        assert [each.item for each in second.open_items()][-1] == items[2]
        assert second.counts().skipped == 1


def test_two_files_that_contradict_each_other_are_a_dispute_in_either_order(store: LabelStore, tmp_path: Path) -> None:
    on = write(tmp_path / "on.csv", "file,label\na.png,on\n")
    off = write(tmp_path / "off.csv", f"file,label,labelled_at\na.png,off,{OLD}\n")
    for number, order in enumerate(((on, off), (off, on), (on, off, on, off))):
        with LabelStore.open(tmp_path / f"{number}.db", annotator="ann") as other:
            for source in order:
                import_labels(other, source, format_name="csv")
            [dispute] = other.disputes()
            assert sorted(dispute.labels) == [("ann", "off"), ("ann", "on")]
            assert other.labels() == []


def test_a_dispute_of_one_person_is_settled_by_a_key_and_stays_so(store: LabelStore, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.csv", "file,label\na.png,on\na.png,off\n")
    import_labels(store, rows, format_name="csv")
    [dispute] = store.disputes()
    store.record(dispute.item, "label", "on")
    assert import_labels(store, rows, format_name="csv").new == 0
    assert [each.label for each in store.labels()] == ["on"]


def test_a_row_at_the_time_of_another_label_of_the_same_person_disputes_it(store: LabelStore, tmp_path: Path) -> None:
    label_here(store, "a.png", "on")
    export_labels(store, tmp_path / "out.csv", format_name="csv")
    edited = (tmp_path / "out.csv").read_text(encoding="utf-8").replace(",on,", ",off,")
    import_labels(store, write(tmp_path / "edited.csv", edited), format_name="csv")
    assert [each.labels for each in store.disputes()] == [(("ann", "on"), ("ann", "off"))]


def test_of_one_persons_labels_the_newer_counts_wherever_it_stands(store: LabelStore, tmp_path: Path) -> None:
    rows = f"file,label,labelled_at\na.png,off,{NEWER}\na.png,on,{OLD}\n"
    assert take(store, write(tmp_path / "rows.csv", rows)) == {}
    assert said(store) == [("a.png", "ann", "off", NEWER)]
    assert take(store, write(tmp_path / "old.csv", f"file,label,labelled_at\na.png,on,{OLD}\n")) == {}  # is history
    older = OLD.replace("2001", "1999")
    assert take(store, write(tmp_path / "older.csv", f"file,label,labelled_at\na.png,on,{older}\n")) == {OLDER: 1}


def test_a_label_without_a_time_stays_without_one(store: LabelStore, tmp_path: Path) -> None:
    import_labels(store, write(tmp_path / "rows.csv", "file,label\na.png,on\n"), format_name="csv")
    assert said(store) == [("a.png", "ann", "on", "")]


def test_two_notes_of_a_picture_without_times_are_refused(store: LabelStore, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.csv", "file,label,annotator,note\na.png,on,ann,dim\na.png,on,bob,blurred\n")
    with pytest.raises(InputError, match=r"a.png has the notes 'dim' and 'blurred', and no times say"):
        import_labels(store, rows, format_name="csv")


def test_another_note_than_the_one_here_is_said_and_an_unflagged_picture_stays_so(
    store: LabelStore, tmp_path: Path
) -> None:
    item = label_here(store, "a.png", "on")
    store.record(item, "note", note="mine")
    store.record(item, "flag")
    store.record(item, "unflag")
    rows = f"file,label,labelled_at,note,flagged\na.png,on,{OLD},theirs,true\n"
    assert take(store, write(tmp_path / "rows.csv", rows)) == {OTHER_NOTE: 1, UNFLAGGED: 1}
    assert store.remarks(item) == (False, "mine")


# Tables as people save them


ROWS = "file,label\na.png,on\nb.png,off\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode("utf-8-sig"),
        ROWS.encode("utf-16"),
        ROWS.encode("utf-16-le"),
        ROWS.encode("utf-16-be"),
        ROWS.replace("\n", "\r\n").encode(),
        ROWS.replace("\n", "\r").encode(),
        ROWS.replace(",", ";").encode(),
        ROWS.replace(",", "\t").encode(),
        ROWS.replace(",", "|").encode(),
        ROWS.replace(",", ", ").encode(),
        b'file, label\n"a.png", "on"\n"b.png", "off"\n',
        b'file,label\na.png, "on"\nb.png, "off"\n',
        b"sep=;\r\nfile;label\r\na.png;on\r\nb.png;off\r\n",
        b"File Name;LABEL\na.png;on\nb.png;off\n",
        b'file,label,note\na.png,on,"two\nlines"\nb.png,off,"a ; b, c"\n',
        b"file;label;note\na.png;on;1,2,3\nb.png;off;4,5\n",
        b"\n".join([ROWS.encode(), b"", b",", b""]),
    ],
    ids=range(17),
)
def test_a_table_is_read_as_people_save_it(store: LabelStore, tmp_path: Path, content: bytes) -> None:
    assert take(store, write(tmp_path / "rows.csv", content)) == {}
    assert {(name, label) for name, _, label, _ in said(store)} == {("a.png", "on"), ("b.png", "off")}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lines_of_json_are_read_as_people_save_them(store: LabelStore, tmp_path: Path, encoding: str) -> None:
    text = '{"File": "a.png", "Label": "on"}\r\n\r\n{"file": "b.png", "label": " off "}\r\n'
    assert take(store, write(tmp_path / "rows.jsonl", text.encode(encoding)), "jsonl") == {}
    assert {(name, label) for name, _, label, _ in said(store)} == {("a.png", "on"), ("b.png", "off")}


def test_what_is_windows_1252_is_read_so_and_said(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "grün.png", picture(9))
    rows = write(tmp_path / "rows.csv", "file;label\r\ngrün.png;geprüft\r\n".encode("cp1252"))
    assert take(store, rows) == {}
    assert [(name, label) for name, _, label, _ in said(store)] == [("grün.png", "geprüft")]
    assert "rows.csv: is not UTF-8 and was read as Windows-1252: label 'geprüft'" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a.png;on\n", "no column label in its first line; found a.png;on"),
        (b"picture,label\na.png,on\n", "no column says which picture; one of file, file_name.* found picture, label"),
        (b"file,label\na.png,\x81\n", "rows.csv:2: label: .* is not UTF-8; save the file as UTF-8"),
        (b"file,label,Label\na.png,on,off\n", "two columns are called label"),
        (b"\xff\xfea", "begins as UTF-16 and is none"),
        (b"file,label,labelled_at\na.png,on,yesterday\n", "rows.csv:2: labelled_at"),
        (b"file,annotation_id,image\n", "no column label"),
        (b"image,label,annotation_id\na.png,on,1\n", "is a table of Label Studio's; --format label-studio reads it"),
        (b"", "no column label in its first line; found nothing"),
        (b'[{"file": "a.png"}]', "is JSON and no table; --format jsonl or label-studio reads it"),
    ],
)
def test_an_odd_table_is_refused_with_what_is_odd(
    store: LabelStore, tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        import_labels(store, write(tmp_path / "rows.csv", content), format_name="csv")
    assert store.records() == []


def test_columns_that_are_not_read_are_named(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import_labels(store, write(tmp_path / "rows.csv", "file,label,site\na.png,on,x\n"), format_name="csv")
    assert "rows.csv: 1 column is not read: 'site'" in caplog.text


def test_spellings_are_refused_with_where_they_stand(store: LabelStore, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.csv", "file,label\na.png,checked \nb.png,Checked\n")
    with pytest.raises(
        InputError, match=r"'Checked' and 'checked' differ in their spelling alone \(line 3 and line 2\)"
    ):
        import_labels(store, rows, format_name="csv")
    forms = write(tmp_path / "forms.csv", "file,label\na.png,caf\u00e9\nb.png,cafe\u0301\n")
    with pytest.raises(InputError, match=r"'cafe\\u0301' and 'café' differ in their spelling alone"):
        import_labels(store, forms, format_name="csv")
    label_here(store, "a.png", "on")
    with pytest.raises(InputError, match=r"'ON' and 'on' differ in their spelling alone \(line 2 and .*labels.db\)"):
        import_labels(store, write(tmp_path / "case.csv", "file,label\na.png,ON\n"), format_name="csv")


# Where pictures are


@pytest.mark.parametrize(
    "name",
    [r"on\a.png", "./on/a.png", "on//a.png", " on/a.png ", r".\on\a.png", r"C:\shots\on\a.png", r"\\server\x\on\a.png"],
)
def test_a_picture_is_found_however_its_name_is_written(store: LabelStore, tmp_path: Path, name: str) -> None:
    write(tmp_path / "on" / "a.png", picture(3))
    assert take(store, write(tmp_path / "rows.csv", f"file,label\n{name},on\n")) == {}
    assert (tmp_path / said_path(store)).samefile(tmp_path / "on" / "a.png")


def said_path(store: LabelStore) -> Path:
    [record] = store.records()
    return record.path


def test_file_urls_are_paths(store: LabelStore, tmp_path: Path) -> None:
    path = write(tmp_path / "with blank" / "ü.png", picture(3))
    for address in (path.as_uri(), path.as_uri().replace("file://", "file://localhost")):
        assert take(store, write(tmp_path / "rows.csv", f"path,label\n{address},on\n")) == {}
    assert said_path(store) == path


def test_names_of_another_machine_that_lead_to_one_picture_are_passed_over(store: LabelStore, tmp_path: Path) -> None:
    rows = write(tmp_path / "rows.csv", "file,label\nC:\\one\\a.png,on\nC:\\two\\a.png,on\nD:\\gone\\x.png,on\n")
    result = import_labels(store, rows, format_name="csv")
    assert (result.new, result.reasons) == (0, {"without a picture": 3})
    assert result.passed_over_text() == r"3 rows passed over: 3 without a picture (first: C:\one\a.png)"


# Copies


@pytest.mark.parametrize(
    ("name", "form", "copy"),
    [
        ("shot", "PNG", "shot.png"),
        ("shot.jp2", "PNG", "shot.jp2.png"),
        ("shot.2024-05-01", "JPEG", "shot.2024-05-01.jpg"),
        ("shot.JP2", "JPEG2000", "shot.JP2"),
        ("shot.jpeg", "PNG", "shot.jpeg"),
    ],
)
def test_copies_have_an_ending_that_readers_look_for(
    store: LabelStore, tmp_path: Path, name: str, form: str, copy: str
) -> None:
    write(tmp_path / name, picture(7, form))
    label_here(store, name, "on")
    export_labels(store, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "on").iterdir()] == [copy]


def test_pictures_without_endings_are_all_trained_on(store: LabelStore, tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path / f"shot{number}", picture(number, ("PNG", "JPEG", "WEBP")[number % 3]))
        label_here(store, f"shot{number}", CLASSES[number % 2])
    export_labels(store, tmp_path / "out")
    assert Counter(example.label for example in read_examples(tmp_path / "out")) == {"on": 3, "off": 3}


def test_a_disputed_picture_is_not_counted_among_the_copies(store: LabelStore, tmp_path: Path) -> None:
    label_here(store, "b.png", "on")
    import_labels(store, write(tmp_path / "rows.csv", "file,label\na.png,on\na.png,off\n"), format_name="csv")
    assert run("labels", "export", tmp_path / "out", "--store", store.name).stdout.startswith("1 labelled image in")
    assert len(export_labels(store, tmp_path / "out.csv", format_name="csv").exported) == 3


def test_a_copy_that_was_moved_to_another_class_is_refused(store: LabelStore, tmp_path: Path) -> None:
    label_here(store, "a.png", "on")
    label_here(store, "b.png", "off")
    out = tmp_path / "out"
    export_labels(store, out)
    (out / "on" / "a.png").rename(out / "off" / "a.png")
    with pytest.raises(
        InputError, match=r"off/a.png is on by labels.csv, as on/a.png; change the label there, or delete"
    ):
        import_labels(store, out)


# Label Studio


def annotation(label: str | list[str], *, control: str = "state", **more: Any) -> dict[str, Any]:
    labels = [label] if isinstance(label, str) else label
    result = {"type": "choices", "from_name": control, "to_name": "image", "value": {"choices": labels}}
    return {"completed_by": {"email": "eve@x.org"}, "created_at": "2024-01-01T00:00:00Z", "result": [result]} | more


def task(name: str, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": {"image": name}, "annotations": list(annotations)} | more


def write_tasks(tmp_path: Path, *tasks: dict[str, Any]) -> Path:
    return write(tmp_path / "tasks.json", json.dumps(tasks))


def test_an_annotation_that_was_corrected_counts_by_when_it_was_updated(store: LabelStore, tmp_path: Path) -> None:
    first = annotation("on", updated_at="2024-01-01T00:00:01Z")
    import_labels(store, write_tasks(tmp_path, task("a.png", first)), format_name="label-studio")
    corrected = write_tasks(tmp_path, task("a.png", annotation("off", updated_at="2024-02-01T00:00:00Z")))
    assert import_labels(store, corrected, format_name="label-studio").new == 1
    assert said(store) == [("a.png", "eve@x.org", "off", "2024-02-01T00:00:00.000+00:00")]
    again = import_labels(store, write_tasks(tmp_path, task("a.png", first)), format_name="label-studio")
    assert (again.new, again.known) == (0, 1)


def test_the_control_is_chosen_by_name(store: LabelStore, tmp_path: Path) -> None:
    both = annotation("on")
    both["result"] += annotation("sharp", control="quality")["result"]
    for tasks in (
        (task("a.png", both),),
        (task("a.png", annotation("on")), task("b.png", annotation("x", control="quality"))),
    ):
        source = write_tasks(tmp_path, *tasks)
        with pytest.raises(InputError, match=r"choices of 2 controls, quality, state; --control chooses one"):
            import_labels(store, source, format_name="label-studio")
    with pytest.raises(InputError, match=r"no control 'stat'; there are quality, state"):
        import_labels(store, source, format_name="label-studio", control="stat")
    assert take(store, source, "label-studio", control="state") == {"annotated without a choice of state": 1}
    assert [label for _, _, label, _ in said(store)] == ["on"]
    with pytest.raises(InputError, match="format csv has no controls"):
        import_labels(store, source, format_name="csv", control="state")


def regions() -> dict[str, Any]:
    found = annotation("on")
    found["result"][0]["value"] |= {"x": 1, "y": 1, "width": 5, "height": 5}
    return found


def two_pictures() -> dict[str, Any]:
    found = annotation("on")
    found["result"] += [annotation("on")["result"][0] | {"to_name": "image2"}]
    return found


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            task("b.png", annotation(["on", "off"]), id=57),
            r"task 2 \(id 57\): state has 2 values, on, off; a picture has",
        ),
        (task("b.png", regions()), "task 2: state is chosen for regions, not for the picture"),
        (task("b.png", two_pictures()), "task 2: state is chosen for several pictures, image, image2"),
        (
            task("b.png", annotation("on")) | {"data": {"one": "a.png", "two": "b.png"}},
            "task 2: which field of data is",
        ),
    ],
)
def test_a_task_that_does_not_say_one_label_of_one_picture_is_refused_by_its_number(
    store: LabelStore, tmp_path: Path, second: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        import_labels(store, write_tasks(tmp_path, task("a.png", annotation("on")), second), format_name="label-studio")
    assert store.records() == []


def test_what_is_no_answer_is_counted_by_reason(store: LabelStore, tmp_path: Path) -> None:
    source = write_tasks(
        tmp_path,
        task("a.png", annotation("on")),
        task("b.png", predictions=[annotation("on")]),
        task("b.png", drafts=[annotation("on")]),
        task("b.png"),
        task("b.png", annotation([])),
        task("gone.png", annotation("on")),
    )
    result = import_labels(store, source, format_name="label-studio")
    assert result.new == 1
    assert result.passed_over_text() == (
        "6 rows passed over: 1 predicted and not annotated (first: task 2), 1 a draft that was not submitted "
        "(first: task 3), 2 not annotated (first: task 3), 1 annotated without a choice of state (first: task 5), "
        "1 without a picture (first: gone.png)"
    )


def test_a_task_that_was_skipped_there_is_a_skip(store: LabelStore, tmp_path: Path) -> None:
    source = write_tasks(tmp_path, task("a.png", {"was_cancelled": True, "created_at": OLD, "completed_by": 7}))
    assert take(store, source, "label-studio") == {}
    assert said(store) == [("a.png", "7", "skip", OLD)]


MINIMAL = [
    {
        "image": "a.png",
        "id": 1,
        "state": "on",
        "annotator": 7,
        "annotation_id": 1,
        "created_at": OLD,
        "updated_at": NEWER,
    },
    {
        "image": "b.png",
        "id": 2,
        "state": "off",
        "annotator": 7,
        "annotation_id": 2,
        "created_at": OLD,
        "updated_at": OLD,
    },
]


def table(rows: list[dict[str, Any]]) -> str:
    return "\n".join(",".join(map(str, line)) for line in ([*rows[0]], *([*row.values()] for row in rows))) + "\n"


@pytest.mark.parametrize("content", [json.dumps(MINIMAL), table(MINIMAL)], ids=["json-min", "csv"])
def test_the_short_exports_of_label_studio_are_read_too(store: LabelStore, tmp_path: Path, content: str) -> None:
    assert take(store, write(tmp_path / "export", content), "label-studio") == {}
    assert said(store) == [("b.png", "7", "off", OLD), ("a.png", "7", "on", NEWER)]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"quality": "sharp"}, r"holds the choices cannot be told; .*, of state \(1 value, as 'on'\), quality \("),
        ({"state": {"choices": ["on", "off"]}}, "annotation 1: state has 2 values, on, off"),
        ({"state": [{"x": 1, "choices": ["on"]}]}, "annotation 1: state is chosen for regions"),
        ({"image": "", "one": "a.png", "two": "b.png"}, "which field is the picture cannot be told; found one, two"),
    ],
)
def test_a_short_export_that_does_not_say_one_label_is_refused(
    store: LabelStore, tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    source = write(tmp_path / "export.json", json.dumps([MINIMAL[0] | more]))
    with pytest.raises(InputError, match=message):
        import_labels(store, source, format_name="label-studio")


# The command


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_says_what_it_did_not_take_in_one_line(store: LabelStore, tmp_path: Path) -> None:
    rows = "file,label,labelled_at\na.png,on,\nx.png,on,\ny.png,off,\n"
    words = ("labels", "import", write(tmp_path / "rows.csv", rows), "--format", "csv", "--store", store.name)
    result = run(*words, "--annotator", "ann")
    assert (result.exit_code, result.stdout) == (3, "1 new, 0 known already; 0 images disputed\nclasses: on 1\n")
    assert result.stderr == "2 rows passed over: 2 without a picture (first: x.png)\n"


def test_the_command_takes_the_control_and_lists_disputes(store: LabelStore, tmp_path: Path) -> None:
    source = write_tasks(tmp_path, task("a.png", annotation("on"), annotation("sharp", control="quality")))
    words = ("labels", "import", source, "--format", "label-studio", "--store", store.name)
    assert "Error: " in run(*words).stderr
    assert run(*words, "--control", "state").exit_code == 0
    rows = write(tmp_path / "rows.csv", "file,label,annotator\na.png,off,eve@x.org\n")
    assert run("labels", "import", rows, "--format", "csv", "--store", store.name).exit_code == 0
    listed = run("labels", "disputes", "--store", store.name).stdout
    assert listed == f"{tmp_path / 'a.png'}\teve@x.org: on\teve@x.org: off\n"
