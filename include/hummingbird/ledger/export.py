"""The ledger as a file that an auditor takes away and verifies without us: one row a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Invalid
from hummingbird.ledger.verify import rows_of


def export(connection: Connection, out: TextIO) -> int:
    """Write every row as one line of JSON; returns how many."""
    count = 0
    for row in rows_of(connection):
        out.write(canonical_json(row).decode("utf-8") + "\n")
        count += 1
    return count


def exported_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of an exported file; Invalid names the line that is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise Invalid(f"{path.name}:{number}: not a line of an export: {error}") from error
            if not isinstance(row, dict) or not {"sequence", "previous_hash", "hash", "envelope"} <= set(row):
                raise Invalid(f"{path.name}:{number}: not a line of an export: fields are missing")
            yield row
