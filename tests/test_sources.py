import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from base.errors import ImageError, InputError, MissingError
from model.decoding.decode import FORMATS
from model.decoding.picture_endings import PICTURE_ENDINGS
from model.reading.images import decode_bytes, find_images
from model.reading.picture_reference import PictureReference
from model.reading.sources import STDIN, are_files, check_sources, count_pictures, find_pictures
from tests.broken import encoded


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def names(*sources: str, listed: bytes | None = None) -> list[str]:
    check_sources(sources)
    return [picture.name for picture in find_pictures(sources, listed=io.BytesIO(listed) if listed else None)]


def errors(*sources: str) -> dict[str, str]:
    found = {}
    for picture in find_pictures(sources):
        try:
            picture.read()
        except ImageError as error:
            found[picture.name] = str(error)
    return found


def touch(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(encoded("PNG"))


def write_tar(path: str, members: dict[str, bytes], mode: str = "w") -> None:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # a mode is a string
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def test_a_folder_is_walked_in_order_without_hidden_names_and_links_to_folders() -> None:
    touch("pool/b.PNG", "pool/a/2.jpg", "pool/a/1.png", "pool/.hidden.png", "pool/.git/c.png")
    Path("pool/notes.txt").write_text("notes")
    Path("pool/a/again").symlink_to("..")
    Path("pool/link.png").symlink_to("b.PNG")
    found = ["pool/a/1.png", "pool/a/2.jpg", "pool/b.PNG", "pool/link.png"]
    assert names("pool") == names("./pool/") == found
    assert names("pool/b.PNG", "pool") == ["pool/b.PNG", *found]
    assert count_pictures(["pool", "pool/b.PNG"]) == 5


def test_a_glob_names_each_picture_once() -> None:
    touch("pool/a/1.png", "pool/a/b/2.png", "pool/3.png", "pool/a[1].png")
    Path("pool/hollow").mkdir()
    assert names("pool/**") == ["pool/3.png", "pool/a/1.png", "pool/a/b/2.png", "pool/a[1].png"]
    assert names("pool/*") == ["pool/3.png", "pool/a/1.png", "pool/a/b/2.png", "pool/a[1].png"]
    assert names("pool/a[1].png") == ["pool/a[1].png"]


def test_what_is_not_there_is_named() -> None:
    Path("hollow").mkdir()
    for source, kind, message in (
        ("nowhere", MissingError, "no file or folder nowhere"),
        ("*.gif", MissingError, "nothing matches"),
        ("hollow", InputError, "no pictures in hollow; it holds no file"),
        ("nowhere.tar", MissingError, "no file or folder nowhere.tar"),
        ("nope://a/b.png", InputError, "nope"),
        ("memory://nowhere", MissingError, "nothing at memory://nowhere"),
    ):
        with pytest.raises(kind, match=message):
            check_sources([source])
    with pytest.raises(InputError, match="name a file"):
        check_sources([])
    with pytest.raises(InputError, match="one of them"):
        check_sources([STDIN, STDIN])


def test_a_list_is_of_lines_or_ends_its_names_with_nul() -> None:
    assert names(STDIN, listed=b"a.png\nb c.png\r\n\n./d[1].png") == ["a.png", "b c.png", "d[1].png"]
    assert names(STDIN, listed=b"a\nb.png\0c.png\0") == ["a\nb.png", "c.png"]
    assert names(STDIN, listed="grün.png\r\nb.png\r\n".encode("utf-16")) == ["grün.png", "b.png"]
    assert names(STDIN, listed="a.png\nb.png".encode("utf-8-sig")) == ["a.png", "b.png"]
    assert names(STDIN, listed=b"caf\xe9.png") == [os.fsdecode(b"caf\xe9.png")]
    assert names(STDIN, listed=b"".join(b"%06d.png\n" % number for number in range(20_000)))[-1] == "019999.png"
    assert count_pictures([STDIN]) is None


def test_a_list_may_name_shards_and_wrong_names_are_lost_pictures() -> None:
    write_tar("shard.tar", {"a.png": encoded("PNG")})
    Path("folder").mkdir()
    listed = io.BytesIO(b"shard.tar\nfolder\nnowhere.png\nnowhere.tar\n")
    found = list(find_pictures([STDIN], listed=listed))
    assert [picture.name for picture in found] == ["shard.tar::a.png", "folder", "nowhere.png", "nowhere.tar"]
    reasons = [_reason(picture) for picture in found]
    assert reasons == ["", "is a folder", "no such file or directory", "no such file or directory"]


def _reason(picture: PictureReference) -> str:
    try:
        picture.read()
    except ImageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("shard.tar", "w"),
        ("shard.tar.gz", "w:gz"),
        ("SHARD.TGZ", "w:gz"),
        ("shard.tar.bz2", "w:bz2"),
        ("shard.tbz2", "w:bz2"),
        ("shard.tar.xz", "w:xz"),
        ("shard.txz", "w:xz"),
    ],
)
def test_a_shard_gives_its_members_that_are_pictures(name: str, mode: str) -> None:
    content = encoded("PNG")
    write_tar(name, {"b/1.png": content, "b/1.json": b"{}", "._2.png": b"", "a.JPG": b"x", "none.png": b""}, mode)
    found = list(find_pictures([name]))
    assert [picture.name for picture in found] == [f"{name}::b/1.png", f"{name}::a.JPG", f"{name}::none.png"]
    assert (found[0].read(), found[0].file_name, found[0].path) == (content, "1.png", None)
    assert errors(name) == {f"{name}::none.png": "is empty"}
    assert names(f"{name}::a.JPG") == [f"{name}::a.JPG"]
    assert not are_files([name])


def test_a_damaged_shard_is_a_lost_picture_after_those_before_the_damage() -> None:
    write_tar("good.tar", {"a.png": encoded("PNG"), "b.png": encoded("BMP")})
    Path("cut.tar").write_bytes(Path("good.tar").read_bytes()[:-20_000])
    Path("text.tar").write_text("I am a text")
    Path("empty.tar").touch()
    write_tar("hollow.tar", {"a.txt": b"x"})
    os.mkfifo("pipe.tar")
    assert names("cut.tar") == ["cut.tar::a.png", "cut.tar"]
    assert errors("cut.tar", "hollow.tar", "pipe.tar", "good.tar::c.png") == {
        "cut.tar": "is truncated",
        "hollow.tar": "holds no pictures",
        "pipe.tar": "is not a regular file",
        "good.tar": "has no member c.png",
    }
    assert all("is not a sound tar file" in reason for reason in errors("text.tar", "empty.tar").values())


def test_a_shard_that_does_not_end_at_its_end_mark_is_said() -> None:
    write_tar("one.tar", {"a.png": encoded("PNG")})
    write_tar("two.tar", {"a.png": encoded("PNG"), "b.png": encoded("BMP")})
    first, both = Path("one.tar").read_bytes(), Path("two.tar").read_bytes()
    second = next(place for place in range(512, len(both), 512) if both[place:].startswith(b"b.png\0"))
    Path("cut.tar").write_bytes(both[:second])
    Path("joined.tar").write_bytes(first + both)
    Path("damaged.tar").write_bytes(both[:second] + b"#" * 512 + both[second + 512 :])
    assert names("cut.tar") == ["cut.tar::a.png", "cut.tar"]
    assert errors("cut.tar", "one.tar", "two.tar") == {"cut.tar": "is truncated"}
    assert "more follows its end mark" in errors("joined.tar")["joined.tar"]
    assert "damaged header" in errors("damaged.tar")["damaged.tar"]


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_a_folder_is_read_by_what_its_files_hold_and_says_what_it_passes_over(
    warned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    touch("pool/a.png", "pool/b", "pool/c.txt")
    Path("pool/d.jp2").write_bytes(encoded("JPEG2000"))
    Path("pool/notes.md").write_text("notes")
    Path("pool/page.html").write_text("<html><svg></svg></html>")
    for name in ("1.heic", "2.HEIC"):
        Path("pool", name).write_bytes(HEIC)
    os.mkfifo("pool/pipe")
    assert names("pool") == ["pool/a.png", "pool/b", "pool/d.jp2"]
    heic = "2 HEIC (pip install 'boxwright[heic]' reads it; first: pool/1.heic)"
    rest = "1 SVG (pool/page.html), 1 called .txt (pool/c.txt), 1 no regular file (pool/pipe), 1 text (pool/notes.md)"
    assert warned == [f"6 files were passed over: {heic}, {rest}"]


def test_a_folder_of_others_alone_says_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    touch("others/.hidden.png")
    Path("others/a.heic").write_bytes(HEIC)
    with pytest.raises(
        InputError,
        match=r"no pictures in others; 2 files were passed over: 1 HEIC \(pip install .+; others/a.heic\), 1 hidden",
    ):
        check_sources(["others"])


def test_a_shard_is_read_by_what_its_members_hold(warned: list[str]) -> None:
    write_tar("shard.tar", {"1": encoded("PNG"), "1.json": b"{}", "2.bin": encoded("TIFF"), "2.json": b"{}", "3": b""})
    assert names("shard.tar", "shard.tar::2.bin") == ["shard.tar::1", "shard.tar::2.bin"]
    assert [picture.read() for picture in find_pictures(["shard.tar"])] == [encoded("PNG")]
    assert set(warned) == {
        "4 files were passed over: 2 text (first: shard.tar::1.json), 1 called .bin (shard.tar::2.bin), "
        "1 empty (shard.tar::3)"
    }


BACKUPS = ("a.png.bak", "a.png~", "a.jpg.part", "a.webp.crdownload", "a.tif.1", "a.old", "a.PNG.tmp", "A.TIF copy")
ENDINGS_OF_BACKUPS = (".1", ".bak", ".crdownload", ".old", ".part", ".tmp", " copy", "~")
ENDLESS = ("a", "2026.05.01", "screenshot 10.12.33", "v1.2 login", "b.é.7")


def test_a_name_with_another_ending_than_a_picture_s_is_passed_over_whatever_it_holds(
    warned: list[str], memory: fsspec.AbstractFileSystem
) -> None:
    touch(*(f"pool/{name}" for name in (*BACKUPS, *ENDLESS)))
    write_tar("shard.tar", {name: encoded("PNG") for name in (*BACKUPS, *ENDLESS)})
    write_zip("some.zip", {name: encoded("PNG") for name in (*BACKUPS, *ENDLESS)})
    for name in (*BACKUPS, *ENDLESS):
        memory.pipe(f"/pool/{name}", encoded("PNG"))
    for source, mark in (("pool", "/"), ("shard.tar", "::"), ("some.zip", "::"), ("memory:///pool", "/")):
        warned.clear()
        assert sorted(name.rpartition(mark)[2] for name in names(source)) == sorted(ENDLESS)
        [said] = set(warned)
        assert said.startswith("8 files were passed over: ")
        for name in BACKUPS:
            ending = next(each for each in ENDINGS_OF_BACKUPS if name.endswith(each))
            assert f"1 called {ending} ({source}{mark}{name})" in said
    assert find_images(["pool"]) == sorted(Path("pool", name) for name in ENDLESS)
    assert names("pool/a.png.bak") == ["pool/a.png.bak"]


@pytest.mark.parametrize("ending", [".tga", ".PCX", ".sgi", ".rgb", ".ico", ".jp2", ".ppm", ".qoi", ".apng"])
def test_what_is_read_alone_is_read_in_folders_and_shards_too(ending: str) -> None:
    form = {".rgb": "SGI", ".apng": "PNG"}.get(ending) or Image.registered_extensions()[ending.lower()]
    content = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(content, form)
    Path("pool").mkdir()
    Path("pool/a" + ending).write_bytes(content.getvalue())
    write_tar("shard.tar", {"a" + ending: content.getvalue()})
    assert names("pool", "shard.tar") == [f"pool/a{ending}", f"shard.tar::a{ending}"]
    assert all(decode_bytes(picture.read()).image.size == (16, 16) for picture in find_pictures(["pool", "shard.tar"]))


def test_every_format_that_is_read_has_its_endings() -> None:
    Image.init()
    rare = {".icb", ".vda", ".vst"}
    known = {ending for ending, form in Image.registered_extensions().items() if form in (*FORMATS, "PNG")}
    assert known - rare <= PICTURE_ENDINGS


def test_what_other_programs_leave_is_passed_over_and_counted(
    warned: list[str], memory: fsspec.AbstractFileSystem
) -> None:
    dropped = ("__MACOSX/a.png", "b/@eaDir/a.png/SYNO.png", "b/.ipynb_checkpoints/a.png", "__MACOSX/._b.png")
    touch(*(f"pool/{name}" for name in (*dropped, "b/a.png")))
    write_tar("shard.tar", {name: encoded("PNG") for name in (*dropped, "b/a.png")})
    write_zip("some.zip", {name: encoded("PNG") for name in (*dropped, "b/a.png")})
    for name in (*dropped, "b/a.png"):
        memory.pipe(f"/pool/{name}", encoded("PNG"))
    for source in ("pool", "shard.tar", "some.zip", "memory://pool"):
        warned.clear()
        assert [name[-7:] for name in names(source)] == ["b/a.png"]
        [said] = set(warned)
        assert said.startswith("3 files were passed over: 2 in folders that other programs leave (first: ")
        assert said.endswith("b/.ipynb_checkpoints/a.png)")
    assert find_images(["pool"]) == [Path("pool/b/a.png")]


def test_what_is_hidden_and_links_to_folders_are_counted_and_named(
    warned: list[str], memory: fsspec.AbstractFileSystem
) -> None:
    hidden = (".a.png", ".thumbs/b.png", ".thumbs/c/d.png")
    unmissed = (".DS_Store", ".git/e.png")
    touch(*(f"pool/{name}" for name in (*hidden, *unmissed, "x.png")))
    Path("pool/again").symlink_to("..")
    archived = {name: encoded("PNG") for name in (*hidden, ".DS_Store", "x.png")}
    write_tar("shard.tar", archived)
    write_zip("some.zip", archived)
    for name, content in archived.items():
        memory.pipe(f"/pool/{name}", content)
    assert names("pool") == ["pool/x.png"]
    assert find_images(["pool"]) == [Path("pool/x.png")]
    assert names("shard.tar", "some.zip") == ["shard.tar::x.png", "some.zip::x.png"]
    assert names("memory:///pool") == ["memory:///pool/x.png"]
    in_folder = "4 files were passed over: 3 hidden (first: pool/.a.png), 1 link to a folder (pool/again)"
    assert warned == [
        in_folder,
        f"pool: {in_folder}",
        "6 files were passed over: 6 hidden (first: shard.tar::.a.png)",
        "3 files were passed over: 3 hidden (first: memory:///pool/.a.png)",
    ]


def test_members_that_lead_out_of_their_archive_are_counted_and_named(warned: list[str]) -> None:
    members = {"../up.png": encoded("PNG"), "a/../../b.png": encoded("PNG"), "c.png": encoded("PNG")}
    write_tar("shard.tar", members)
    write_zip("some.zip", members)
    for name in ("shard.tar", "some.zip"):
        warned.clear()
        assert names(name) == [f"{name}::c.png"]
        out = f"2 called by a name that leads out of the archive (first: {name}::../up.png)"
        assert warned == [f"2 files were passed over: {out}"]


def test_a_link_that_leads_to_itself_is_lost_alone() -> None:
    touch("pool/a.png")
    Path("pool/l.png").symlink_to("l.png")
    assert names("pool") == ["pool/a.png", "pool/l.png"]
    assert errors("pool") == {"pool/l.png": "too many levels of symbolic links"}


def test_what_is_in_the_folders_of_a_glob_that_hold_no_picture_is_counted(warned: list[str]) -> None:
    touch("pool/a/1.png")
    Path("pool/b").mkdir()
    Path("pool/b/notes.txt").write_text("notes")
    assert names("pool/*") == ["pool/a/1.png"]
    assert warned == ["1 file was passed over: 1 text (pool/b/notes.txt)"]


def test_the_name_of_what_is_passed_over_never_breaks_the_line(warned: list[str]) -> None:
    touch("pool/a.png")
    Path("pool/b\nc.txt").write_text("text")
    assert names("pool") == ["pool/a.png"]
    assert warned == ["1 file was passed over: 1 text ('pool/b\\nc.txt')"]


def test_a_folder_that_is_there_is_meant_whatever_signs_of_patterns_its_name_has() -> None:
    touch("[red] on/a.png", "r on/b.png", "[red] on/x*/c.png")
    for source, found in (
        ("[red] on", ["[red] on/a.png", "[red] on/x*/c.png"]),
        ("[red] on/*.png", ["[red] on/a.png"]),
        ("[red] on/x*", ["[red] on/x*/c.png"]),
        ("[red] on/**/c.png", ["[red] on/x*/c.png"]),
        ("[rd] on/*.png", ["r on/b.png"]),
    ):
        assert names(source) == found
        assert find_images([source]) == [Path(name) for name in found]
    here = f"file://{Path.cwd()}"
    assert names(f"{here}/[red] on")[0] == f"{here}/[red] on/a.png"
    assert names(f"{here}/[rd] on") == [f"{here}/r on/b.png"]


def write_zip(path: str, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_gives_its_members_that_are_pictures(method: int, warned: list[str]) -> None:
    content = encoded("PNG")
    members = {
        "b/1.png": content,
        "b/": b"",
        "__MACOSX/b/._1.png": b"x",
        "a": content,
        "none.png": b"",
        "read.me": b"zip",
    }
    write_zip("some.zip", members, method)
    assert names("some.zip") == ["some.zip::b/1.png", "some.zip::a", "some.zip::none.png"]
    assert errors("some.zip") == {"some.zip::none.png": "is empty"}
    [picture] = find_pictures(["some.zip::a"])
    assert (picture.read(), picture.file_name, picture.path) == (content, "a", None)
    assert _reason(next(find_pictures(["some.zip::read.me"]))) == ""  # what is asked for by name is tried
    assert set(warned) == {"1 file was passed over: 1 text (some.zip::read.me)"}
    assert not are_files(["some.zip"])


def test_a_damaged_zip_is_a_lost_picture_and_a_damaged_member_is_lost_alone() -> None:
    write_zip("good.zip", {"a.png": encoded("BMP"), "b.png": encoded("PNG")})
    content = bytearray(Path("good.zip").read_bytes())
    content[60] ^= 255
    Path("bad.zip").write_bytes(content)
    Path("cut.zip").write_bytes(content[:-10])
    Path("text.zip").write_text("I am a text")
    write_zip("hollow.zip", {"a.txt": b"x"})
    locked = bytearray(Path("good.zip").read_bytes())
    locked[locked.rindex(b"PK\1\2") + 8] |= 1  # of its directory's last entry
    Path("locked.zip").write_bytes(locked)
    found = errors("bad.zip", "cut.zip", "text.zip", "hollow.zip", "locked.zip", "good.zip::c.png", "good.zip")
    assert found.pop("bad.zip::a.png").startswith("is damaged (")
    assert found == {
        "cut.zip": "is not a sound zip file (File is not a zip file)",
        "text.zip": "is not a sound zip file (File is not a zip file)",
        "hollow.zip": "holds no pictures",
        "locked.zip::b.png": "is encrypted",
        "good.zip": "has no member c.png",
    }


def test_a_parquet_column_gives_bytes_or_structs_of_bytes() -> None:
    content = encoded("PNG")
    cells = [
        {"bytes": content, "path": "x/a.png"},
        {"bytes": None, "path": "b.png"},
        None,
        {"bytes": b"", "path": None},
    ]
    plain = [content, None, b"", content]
    pq.write_table(pa.table({"label": [1, 2, 3, 4], "image": cells}), "one.parquet")
    pq.write_table(pa.table({"image": cells, "thumb": plain}), "two.parquet")
    assert names("one.parquet") == [f"one.parquet::image::{row}" for row in range(4)]
    assert errors("one.parquet") == {
        "one.parquet::image::1": "has no bytes",
        "one.parquet::image::2": "has no bytes",
        "one.parquet::image::3": "is empty",
    }
    assert next(find_pictures(["one.parquet"])).file_name == "a.png"
    assert next(find_pictures(["two.parquet::thumb"])).file_name == "two-000000"
    assert names("two.parquet::thumb") == [f"two.parquet::thumb::{row}" for row in range(4)]
    assert names("two.parquet::thumb::2") == ["two.parquet::thumb::2"]
    with pytest.raises(InputError, match="name one of them, as two"):
        check_sources(["two.parquet"])
    with pytest.raises(InputError, match=r"no pictures in column 'label'; columns of bytes: image"):
        check_sources(["one.parquet::label"])
    Path("text.parquet").write_text("I am a text")
    with pytest.raises(InputError, match="not a sound Parquet file"):
        check_sources(["text.parquet"])
    assert list(errors("text.parquet")) == ["text.parquet"]


def test_addresses_are_files_folders_globs_shards_and_tables(memory: fsspec.AbstractFileSystem) -> None:
    content = encoded("PNG")
    write_tar("shard.tar", {"a.png": content})
    pq.write_table(pa.table({"image": [content]}), "table.parquet")
    for name in ("pool/b.png", "pool/a/1.png", "pool/.c.png", "pool/d"):
        memory.pipe(f"/{name}", content)
    memory.pipe("/pool/notes.txt", b"notes")
    memory.put_file("shard.tar", "/shard.tar")
    memory.put_file("table.parquet", "/table.parquet")
    found = ["memory:///pool/a/1.png", "memory:///pool/b.png", "memory:///pool/d"]
    assert [name.replace(":///", "://") for name in names("memory://pool")] == [n.replace(":///", "://") for n in found]
    [picture] = find_pictures(["memory://pool/b.png"])
    assert (picture.read(), picture.file_name) == (content, "b.png")
    assert len(names("memory://pool/*.png")) == 2
    assert names("memory://shard.tar") == ["memory://shard.tar::a.png"]
    assert names("memory://table.parquet") == ["memory://table.parquet::image::0"]
    assert count_pictures(["memory://pool"]) is None
    [gone] = find_pictures([STDIN], listed=io.BytesIO(b"memory://pool/gone.png"))
    assert _reason(gone) == "no such file"


def test_a_local_address_names_the_file(tmp_path: Path) -> None:
    touch("pool/a.png")
    assert names(f"file://{tmp_path}/pool") == [f"file://{tmp_path}/pool/a.png"]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InputError, match=r"pip install 'boxwright\[remote\]'"):
        check_sources(["s3://bucket/a.png"])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    touch("a.parquet")
    with pytest.raises(InputError, match=r"pip install 'boxwright\[parquet\]'"):
        check_sources(["a.parquet"])


def test_a_table_without_pictures_among_others_is_lost_alone() -> None:
    pq.write_table(pa.table({"image": [encoded("PNG")]}), "a.parquet")
    pq.write_table(pa.table({"image": ["a.png"], "n": [1]}), "b.parquet")
    reason = "which column are the pictures? none holds bytes, but image: string, n: int64"
    assert names("*.parquet") == ["a.parquet::image::0", "b.parquet"]
    assert errors("*.parquet") == {"b.parquet": reason}
    with pytest.raises(InputError, match=r"b.parquet: which column .* image: string, n: int64"):
        check_sources(["b.parquet"])


@pytest.mark.parametrize("kind", [pa.dictionary(pa.int32(), pa.binary()), pa.large_binary(), pa.binary_view()])
def test_a_column_of_bytes_may_be_stored_in_any_way(kind: pa.DataType) -> None:
    content = encoded("PNG")
    column = pa.array([content, content], pa.binary())
    column = column.dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)
    pq.write_table(pa.table({"image": column}), "a.parquet")
    assert [picture.read() for picture in find_pictures(["a.parquet"])] == [content, content]
