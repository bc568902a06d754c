"""Queries of real databases as pools: SQLite, PostgreSQL and MariaDB."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from active.choosing.queue import QueueSettings, fill_queue
from active.store.store import LabelStore
from base.errors import BoxwrightError, DatabaseError, InputError, MissingError
from model.classifying import classify as classify_module
from model.classifying.classify import ClassifySettings, classify_to_table
from model.databases.engines import parse_url
from model.databases.prediction_table import PredictionTable
from model.databases.sql_query import SqlQuery, open_query
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.reading import remote
from model.reading.images import read_same
from model.running import predict as predict_module
from tests.crops import draw_crop
from tests.test_cli import run
from tests.test_predict import model

DOCUMENT = (Path(__file__).parents[1] / "docs" / "databases.md").read_text(encoding="utf-8")
[SCHEMA] = re.findall(r"^```sql schema\n(.*?)^```", DOCUMENT, flags=re.M | re.S)
[CATALOGUE] = re.findall(r"^```sql query\n(.*?)^```", DOCUMENT, flags=re.M | re.S)
ROWS = re.findall(r"^\| (\d+) \| ([^|]*)\| ([^|]*)\| ([^|]*)\|$", DOCUMENT, flags=re.M)
CROPS = "SELECT id, picture, title FROM crops ORDER BY id"
TABLES = ("products", "images", "translations", "crops", "predictions", "other")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Model:
    save_model(model(), tmp_path_factory.mktemp("model"), training={})
    return load_model(sorted(tmp_path_factory.getbasetemp().glob("model*"))[-1])


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        Path(tmp_path / "shop.db").touch()
        return "sqlite:///shop.db"
    found: str = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "mariadb_url")
    execute(found, *(f"DROP TABLE IF EXISTS {name}" for name in TABLES))
    return found


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """A SQLite database with crops in it, as the other tests want it."""
    Path(tmp_path / "shop.db").touch()
    write_rows("sqlite:///shop.db", 7)
    return "sqlite:///shop.db"


def execute(url: str, *statements: str, rows: Any = None) -> list[tuple[Any, ...]]:
    engine = create_engine(parse_url(url), poolclass=NullPool)
    found: list[tuple[Any, ...]] = []
    with engine.begin() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement, rows)
            found = [tuple(row) for row in result] if result.returns_rows else []
    return found


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    draw_crop("checked", seed).save(buffer, "PNG")
    return buffer.getvalue()


def write_rows(url: str, count: int) -> None:
    """Make the table `crops`; the third row has a text for a picture, the last none."""
    kind = {"postgresql": "BYTEA", "mysql": "LONGBLOB"}.get(url.partition(":")[0], "BLOB")
    execute(url, f"CREATE TABLE crops (id INTEGER PRIMARY KEY, picture {kind}, title VARCHAR(50))")
    pictures = [None if n == count else b"a text" if n == 3 else png(n) for n in range(1, count + 1)]
    mark = "?" if url.startswith("sqlite") else "%s"
    rows = [(n, picture, f"50% of {n}: été") for n, picture in enumerate(pictures, start=1)]
    execute(url, f"INSERT INTO crops VALUES ({mark}, {mark}, {mark})", rows=rows)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """All that SQLAlchemy sends to any database, meanwhile."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def read(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def count_scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each call of the network gets."""
    calls: list[int] = []
    build = predict_module.build_scorer

    def counting(*words: Any, **options: Any) -> Any:
        scorer = build(*words, **options)

        def score(pictures: Any) -> Any:
            calls.append(len(pictures))
            return scorer(pictures)

        return score

    monkeypatch.setattr(predict_module, "build_scorer", counting)
    return calls


def test_the_catalogue_has_what_the_document_says_with_a_single_query(
    url: str, loaded: Model, statements: list[str]
) -> None:
    execute(url, *(each for each in SCHEMA.split(";\n") if each.strip()))
    Path("shop").mkdir()
    for seed, name in enumerate(("lamp", "lamp-side", "kettle", "chair-side", "vase", "fan", "radio")):
        draw_crop("other", seed).save(f"shop/{name}.png")
    statements.clear()
    result = classify_to_table(loaded, SqlQuery(url, CATALOGUE), output="out.csv")
    assert statements == [CATALOGUE.strip()]
    expected = [tuple(cell.strip() for cell in row) for row in ROWS]
    assert [(row["id"], row["title"], row["description"]) for row in read("out.csv")] == [
        (id_, title, text) for id_, title, _, text in expected
    ]
    assert [(row["id"], row["error"]) for row in read("out.csv") if row["error"]] == [
        (id_, "the row has no picture") for id_, _, picture, _ in expected if not picture
    ]
    assert (result.total, result.unreadable) == (6, 2)
    with open_query(SqlQuery(url, CATALOGUE)) as rows:
        assert [str(each.path or "") for each in rows.pictures] == [picture for _, _, picture, _ in expected]


def test_bytes_are_written_back_in_one_go_and_nothing_is_done_twice(
    url: str, loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(url, 6)
    query = SqlQuery(url, CROPS)
    classify_to_table(loaded, query, output="out.csv", write_to="predictions")
    written = execute(url, "SELECT id, prediction, confidence, content_hash, model, error FROM predictions ORDER BY id")
    assert [(str(row[0]), row[1] or "", f"{row[2]:.4f}" if row[2] else "", row[5] or "") for row in written] == [
        (row["id"], row["prediction"], row["confidence"], row["error"]) for row in read("out.csv")
    ]
    assert [row["title"] for row in read("out.csv")][:2] == ["50% of 1: été", "50% of 2: été"]
    assert {row[4] for row in written} == {loaded.fingerprint}
    calls = count_scored(monkeypatch)
    with pytest.raises(InputError, match=r"has a row of id 1 by this model already, and nothing was written"):
        classify_to_table(loaded, query, write_to="predictions")
    assert sum(calls) == 4
    execute(url, "INSERT INTO crops SELECT 9, picture, title FROM crops WHERE id = 1")
    classify_to_table(loaded, query, write_to="predictions", resume=True)
    assert sum(calls) == 4
    again = execute(url, "SELECT id, prediction, confidence, content_hash, model, error FROM predictions ORDER BY id")
    assert again[:-1] == written
    assert again[-1] == (9, *written[0][1:])


def test_a_run_that_is_stopped_anywhere_leaves_all_rows_or_none(
    url: str, loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(url, 6)
    query = SqlQuery(url, CROPS)
    calls = count_scored(monkeypatch)
    append = PredictionTable.append

    def stop_before_the_end(self: PredictionTable, rows: Any, *, resume: bool) -> int:
        def few() -> Iterator[Any]:
            yield from list(rows)[:4]
            raise KeyboardInterrupt

        monkeypatch.setattr("model.databases.prediction_table.ROWS_AN_INSERT", 2)
        return append(self, few(), resume=resume)

    def stop_after_the_end(self: PredictionTable, rows: Any, *, resume: bool) -> int:
        append(self, rows, resume=resume)
        raise KeyboardInterrupt

    for stop, expected in ((stop_before_the_end, 0), (stop_after_the_end, 6)):
        monkeypatch.setattr(PredictionTable, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            classify_to_table(loaded, query, write_to="predictions", resume=True)
        there = contextlib.suppress(Exception) if not expected else contextlib.nullcontext()
        with there:
            assert execute(url, "SELECT count(*) FROM predictions") == [(expected,)]
    monkeypatch.setattr(PredictionTable, "append", append)
    classify_to_table(loaded, query, write_to="predictions", resume=True)
    assert execute(url, "SELECT count(*) FROM predictions") == [(6,)]
    assert sum(calls) == 4


def test_a_query_can_change_nothing(url: str, loaded: Model) -> None:
    write_rows(url, 3)
    with pytest.raises(InputError, match="has to be a SELECT, and begins with DELETE"):
        SqlQuery(url, "-- all\n DELETE FROM crops")
    gone = "WITH gone AS (DELETE FROM crops RETURNING id, picture) SELECT id, picture FROM gone"
    with pytest.raises(DatabaseError), open_query(SqlQuery(url, gone)):
        pass
    assert execute(url, "SELECT count(*) FROM crops") == [(3,)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query is empty"),
        ("SELECT id, picture, id FROM crops", "two columns of the query are called id"),
        ("SELECT title, picture FROM crops", "no column of the query is called id; write AS id behind one of title"),
        ("SELECT id, title FROM crops", "no column of the query is called picture, path"),
        ("SELECT id, picture AS url, title AS path FROM crops", "which column is the picture, path or url"),
        ("SELECT id, id AS picture FROM crops", "the column of the picture holds 1"),
        ("SELECT 1 AS id, picture FROM crops", "two rows of the query have the id 1"),
        ("SELECT nullif(id, 2) AS id, picture FROM crops", "row 2 of the query has no id"),
        ("SELECT nullif(id, 1) AS id, picture FROM crops", "the id of the first row is NULL"),
        ("SELECT CASE id WHEN 1 THEN 1 ELSE 'x' END AS id, picture FROM crops", "row 2 .* 'x' is text, the first"),
        ("SELECT id, picture FROM crops WHERE id > 99", "the query gives no rows"),
        ("SELECT id, picture FROM nowhere", "sqlite:///shop.db: no such table: nowhere"),
    ],
)
def test_what_is_wrong_with_a_query_is_one_line(shop: str, loaded: Model, query: str, message: str) -> None:
    with pytest.raises(BoxwrightError, match=message) as raised:
        classify_to_table(loaded, SqlQuery(shop, query), output="out.csv")
    assert "\n" not in str(raised.value)
    assert not Path("out.csv").exists()


def test_a_table_of_another_shape_is_refused_with_what_differs_before_anything_is_read(
    url: str, loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(url, 2)
    classify_to_table(loaded, SqlQuery(url, CROPS), write_to="predictions")
    execute(url, "ALTER TABLE predictions ADD COLUMN colour VARCHAR(9)", "ALTER TABLE predictions DROP COLUMN note")
    calls = count_scored(monkeypatch)
    with pytest.raises(InputError, match="it lacks note; it has colour too; its id is whole numbers, not text"):
        query = "SELECT title AS id, picture FROM crops"
        classify_to_table(loaded, SqlQuery(url, query), write_to="predictions")
    assert not calls


def test_rows_are_told_by_their_ids_when_a_run_goes_on(
    shop: str, loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 2)
    write = classify_module.write_rows

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classify_module, "write_rows", stop)
    with pytest.raises(KeyboardInterrupt):
        classify_to_table(loaded, SqlQuery(shop, CROPS), output="out.csv")
    execute(shop, "UPDATE crops SET id = 100 - id")  # another order, other ids: all is new
    execute(shop, "UPDATE crops SET id = 100 - id WHERE id < 97")  # 4 to 7 are as they were
    monkeypatch.setattr(classify_module, "write_rows", write)
    classify_to_table(loaded, SqlQuery(shop, CROPS), output="out.csv", resume=True)
    assert sorted(int(row["id"]) for row in read("out.csv")) == [1, 2, 3, 4, 5, 6, 7, 97, 98, 99]


def test_passwords_are_shown_nowhere(postgres_url: str, loaded: Model, caplog: pytest.LogCaptureFixture) -> None:
    execute(postgres_url, *(f"DROP TABLE IF EXISTS {name}" for name in TABLES))
    write_rows(postgres_url, 2)
    assert "secret" in postgres_url
    caplog.set_level("DEBUG")
    query = SqlQuery(postgres_url, CROPS)
    settings = ClassifySettings(report=Path("report.html"))
    classify_to_table(loaded, query, output="out.csv", write_to="predictions", settings=settings)
    said = [caplog.text, repr(query), Path("report.html").read_text(encoding="utf-8")]
    for words in (
        ["--sql", postgres_url, "--query", "SELECT 1 AS id, nothing AS picture"],
        ["--sql", postgres_url.replace("127.0.0.1", "nowhere.invalid"), "--query", CROPS],
        ["--sql", f"{postgres_url}?password=secret&nonsense=secret", "--query", CROPS],
        ["--sql", postgres_url.replace("secret", "sec@secret"), "--query", CROPS],
        ["--sql", postgres_url.replace("postgresql", "nosql"), "--query", CROPS],
        ["--sql", postgres_url.replace("//", ""), "--query", CROPS],
    ):
        code, stdout, stderr = run("classify", *words, "--model", "pretrained")
        assert (code, stderr.count("Error: ")) == (1, 1), words
        said += [stdout, stderr]
    assert "secret" not in "".join(said)


def test_queued_bytes_are_copied_beside_the_store_and_can_be_shown(
    url: str, loaded: Model, statements: list[str]
) -> None:
    write_rows(url, 8)
    statements.clear()
    for strategy in ("margin", "disagreement"):
        with LabelStore.open(f"{strategy}.db") as store:
            queue = fill_queue(
                SqlQuery(url, CROPS), store, model=loaded, settings=QueueSettings(n=3, strategy=strategy)
            )
            items = store.open_items()
        assert len(items) == 3
        assert {each.name for each in Path(f"{strategy}.pictures").iterdir()} == {each.path.name for each in items}
        assert all(read_same(each.path, each.item, since="queued") for each in items)  # as the labeller reads
        assert all(re.fullmatch(r"row-[1-7]-\w{16}\.png", each.path.name) for each in items)
        assert [(str(each.path).split("-")[0], each.reason) for each in queue.errors] == [
            ("8", "the row has no picture"),
            ("row", "is not a picture"),
        ]
    assert statements == [CROPS, CROPS]


def test_addresses_are_loaded_once_and_queued_ones_copied(
    shop: str, loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    read_remote = remote._read
    monkeypatch.setattr(remote, "_read", lambda system, path: loads.append(path) or read_remote(system, path))
    fsspec.filesystem("memory").pipe({f"/crops/{n}.png": png(n) for n in range(1, 8)})
    execute(shop, "UPDATE crops SET picture = 'memory://crops/' || id || '.png'")
    with LabelStore.open("labels.db") as store:
        fill_queue(SqlQuery(shop, CROPS), store, model=loaded, settings=QueueSettings(n=2, strategy="disagreement"))
        items = store.open_items()
    assert sorted(loads) == [f"/crops/{n}.png" for n in range(1, 8)]
    assert all(read_same(each.path, each.item, since="queued") for each in items)


def test_a_kept_column_that_is_called_as_another_gets_a_name_of_its_own(shop: str, loaded: Model) -> None:
    query = "SELECT id, picture, title AS model, id * 1.5 AS query_model, NULL AS checked FROM crops LIMIT 1"
    classify_to_table(loaded, SqlQuery(shop, query), output="out.csv")
    [row] = read("out.csv")
    assert list(row)[-3:] == ["query_query_model", "query_model", "query_checked"]
    assert [*row.values()][-3:] == ["50% of 1: été", "1.5", ""]


def test_what_is_decided_is_neither_copied_nor_moved(shop: str, loaded: Model) -> None:
    query, settings = SqlQuery(shop, CROPS), QueueSettings(n=9)
    with LabelStore.open("labels.db") as store:
        fill_queue(query, store, model=loaded, settings=settings)
        first = store.open_items()[0]
        store.record(first.item, "label", "checked")
        fill_queue(query, store, model=loaded, settings=settings)
        assert first.item not in {each.item for each in store.open_items()}
        assert store.labels()[0].path == Path("labels.pictures").absolute() / first.path.name


def test_the_command_writes_what_the_library_writes(shop: str) -> None:
    code, stdout, stderr = run(
        *("classify", "--sql", shop, "--query", f"{CROPS};", "--model", "pretrained", "--write-to", "other")
    )
    assert (code, stdout) == (3, "")
    assert "7 rows in table other\n2 of 7 images could not be read" in stderr
    classify_to_table(load_model(Path("pretrained")), SqlQuery(shop, CROPS), write_to="predictions")
    assert execute(shop, "SELECT * FROM other") == execute(shop, "SELECT * FROM predictions")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["classify", "--sql", "sqlite:///no.db", "--query", CROPS], "no database no.db"),
        (["classify", "--sql", "sqlite:////tmp", "--query", CROPS], "/tmp is a folder"),
        (["classify", "--sql", "sqlite:///text.db", "--query", CROPS], "sqlite:///text.db: file is not a database"),
        (["queue", "--sql", "sqlite:///no.db"], "--sql URL and --query 'SELECT …' go together"),
        (["queue", "pool", "--sql", "sqlite:///no.db", "--query", CROPS], "leave out POOL"),
        (["classify", "text.db", "--write-to", "x"], "a table is written to the database that a query reads"),
    ],
)
def test_bad_words_are_one_line_and_exit_1(words: list[str], message: str) -> None:
    Path("text.db").write_text("this is a text and no database")
    code, _, stderr = run(*words, "--model", "pretrained")
    assert code == 1
    assert message in stderr


def test_a_database_that_is_not_there_is_a_missing_file() -> None:
    with pytest.raises(MissingError):
        parse_url("sqlite:///no.db")
