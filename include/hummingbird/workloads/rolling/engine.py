"""DuckDB inside the pod: bounded memory, spilling into the scratch folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

MEMORY = "600MB"
"""Of a pod that has 1 GiB."""


def open_engine(scratch: Path) -> duckdb.DuckDBPyConnection:
    """An empty engine in memory; what does not fit goes to the scratch folder."""
    engine = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
    )
    # Moments are UTC; days are made of them by day_of().
    engine.execute("SET TimeZone = 'UTC'")
    # Shanghai has had no summer time since 1991: the day is the same in every release of the time zone data.
    engine.execute("CREATE MACRO day_of(moment) AS CAST(moment + INTERVAL 8 HOUR AS DATE)")
    return engine


_LONGEST_LINE = 32 * 2**20
"""Bytes: a document may have as many."""
_BUFFER = 2 * _LONGEST_LINE
"""Of each reading thread. Unless told, DuckDB takes sixteen times the longest line: more than it may have."""


def csv_of(files: Sequence[Path], columns: Mapping[str, str]) -> str:
    """SQL that reads what PostgreSQL's COPY wrote; nothing of it is guessed."""
    named = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    listed = ", ".join(f"'{path}'" for path in files)
    return (
        f"read_csv([{listed}], auto_detect = false, header = false, delim = ',', quote = '\"', "
        f"escape = '\"', nullstr = '\\N', max_line_size = {_LONGEST_LINE}, "
        f"buffer_size = {_BUFFER}, columns = {{{named}}})"
    )
