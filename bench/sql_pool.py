"""Measure what a pool from a database takes: peak memory and time for 10,000 and for 100,000 rows of bytes.

    python bench/sql_pool.py [--url URL ...] [--rows N ...] [--distinct 200]

For each database and number of rows a table `bench_crops` is filled with drawn pictures of about 5 kB, `--distinct` of
them different, and `boxwright classify --sql … --write-to bench_predictions` runs over it in a process of its own; then
the same query is only read, each picture asked for its bytes. Both tables are dropped at the end. Without --url it is a
SQLite file in a temporary folder.

Prints a Markdown table: rows, megabytes in the table, the peak resident memory of either process, and seconds.
"""

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from sqlalchemy import create_engine, inspect

from boxwright import BoxwrightError, SqlQuery
from model.databases.engines import parse_url, shown_url
from model.databases.sql_query import open_query

QUERY = "SELECT id, picture, title FROM bench_crops ORDER BY id"
BYTES = {"postgresql": "BYTEA", "mysql": "LONGBLOB", "mariadb": "LONGBLOB"}
CLASSIFY = "import cli; cli.main()"
READ_ALONE = "import sys; from bench.sql_pool import read_all; read_all(sys.argv[1])"


def main() -> None:
    """Read what is asked for, and run it; what is wrong with it is one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", action="append", default=[])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--distinct", type=int, default=200)
    arguments = parser.parse_args()
    print("| database | rows | MB | read alone | classified into a table |")
    print("| --- | ---: | ---: | ---: | ---: |")
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "bench.db")
            file.touch()
            for url in arguments.url or [f"sqlite:///{file}"]:
                for rows in arguments.rows:
                    measure(url, rows, arguments.distinct)
    except (BoxwrightError, OSError) as error:
        sys.exit(f"Error: {error}")


def measure(url: str, rows: int, distinct: int) -> None:
    """Fill the table, run both processes, and print a line."""
    megabytes = fill(url, rows, distinct)
    words = ["classify", "--sql", url, "--query", QUERY, "--model", "pretrained", "--write-to", "bench_predictions"]
    alone = run_apart(READ_ALONE, url)
    classified = run_apart(CLASSIFY, *words)
    drop(url)
    shown = shown_url(parse_url(url)).partition(":")[0]
    print(f"| {shown} | {rows:,} | {megabytes:,.0f} | {alone} | {classified} |", flush=True)


def run_apart(code: str, *words: str) -> str:
    """Run code in a process of its own; return its peak resident memory and how long it took."""
    wrapped = (
        "import resource, sys\n"
        f"try:\n    exec({code!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\nPEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    root = str(Path(__file__).parents[1])
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", wrapped, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    if done.returncode:
        raise OSError(done.stderr[-500:])
    peak = int(done.stdout.rsplit("PEAK", 1)[1])
    return f"{peak / 1024:,.0f} MB, {time.perf_counter() - started:,.0f} s"


def read_all(url: str) -> None:
    """Read every row and its bytes."""
    with open_query(SqlQuery(url, QUERY)) as rows:
        for picture in rows.pictures:
            picture.read()


def fill(url: str, rows: int, distinct: int) -> float:
    """Make the table; return how many megabytes of pictures are in it."""
    engine = create_engine(parse_url(url))
    kind = BYTES.get(engine.dialect.name, "BLOB")
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    drop(url)
    pictures = [draw(seed) for seed in range(distinct)]
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE bench_crops (id INTEGER PRIMARY KEY, picture {kind}, title VARCHAR(99))"
        )
        for batch in batches(rows):
            values = [(number, pictures[number % distinct], f"row {number}") for number in batch]
            connection.exec_driver_sql(f"INSERT INTO bench_crops VALUES ({mark}, {mark}, {mark})", values)
    engine.dispose()
    return sum(len(pictures[number % distinct]) for number in range(rows)) / 1e6


def batches(rows: int) -> Iterator[range]:
    """Yield the numbers of the rows, a thousand at a time."""
    for start in range(0, rows, 1000):
        yield range(start, min(rows, start + 1000))


def draw(seed: int) -> bytes:
    """Draw a box on noise, so that the file is about as large as that of a real crop."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed).integers(0, 256, (34, 48, 3), np.uint8)
    image = Image.fromarray(noise)
    ImageDraw.Draw(image).rectangle((4, 4, 28, 28), fill="black" if rng.random() < 0.5 else "white", outline="black")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def drop(url: str) -> None:
    """Drop both tables where they are."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        for name in ("bench_crops", "bench_predictions"):
            if inspect(connection).has_table(name):
                connection.exec_driver_sql(f"DROP TABLE {name}")
    engine.dispose()


if __name__ == "__main__":
    main()
