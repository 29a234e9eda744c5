"""DuckDB in the pod: what is larger than its memory is read all the same."""

from __future__ import annotations

from pathlib import Path

from hummingbird.workloads.rolling.engine import csv_of, open_engine

ROWS, LENGTH = 3000, 200_000


def test_more_rows_than_memory_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="ascii") as rows:
        for number in range(ROWS):
            rows.write(f"{number},{'x' * LENGTH}\n")
    engine = open_engine(tmp_path)
    read = csv_of([file], {"number": "BIGINT", "document": "VARCHAR"})
    found = engine.execute(f"SELECT count(*), max(number), min(length(document)) FROM {read}").fetchone()
    assert found == (ROWS, ROWS - 1, LENGTH)
