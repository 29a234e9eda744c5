"""The rows of the file: those that the notary listed, unchanged, in their order, and no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from auditor.signed import Broken, canonical

COLUMNS = ["key", "kind", "subject", "story", "bundle", "component", "environment", "cluster", "run", "actor"]
Row = dict[str, Any]


def line_of(text: bytes, what: str) -> Any:
    """A line of the file, which must be written in the one right way."""
    try:
        value = json.loads(text)
        same = canonical(value) == text
    except (ValueError, RecursionError):
        raise Broken(f"{what} is not JSON: it was changed or cut off") from None
    if not same or not isinstance(value, dict):
        raise Broken(f"{what} is not written as the platform writes it")
    return value


def checked_row(row: Row, what: str) -> Row:
    """A row whose hash is that of its content and whose columns are what its envelope says; its event."""
    if set(row) != {"sequence", "at", "envelope", "previous_hash", "hash", *COLUMNS}:
        raise Broken(f"{what}: it does not have the columns of a row")
    try:
        content = (row["previous_hash"] + row["envelope"]).encode("utf-8")
    except (TypeError, ValueError):
        raise Broken(f"{what}: it is not a row of the ledger") from None
    if hashlib.sha256(content).hexdigest() != row["hash"]:
        raise Broken(f"{what}: its content was changed: its hash is not the hash of its content")
    try:
        envelope = json.loads(row["envelope"])
        event: Row = envelope["customData"]["event"]
        told = envelope["customData"]["sequence"], envelope["context"]["timestamp"]
        differing = [name for name in COLUMNS if row[name] != event[name]]
    except (ValueError, KeyError, TypeError):
        raise Broken(f"{what}: its envelope is not a delivery event") from None
    if differing or told != (row["sequence"], row["at"]):
        raise Broken(
            f"{what}: {differing[0] if differing else 'its number or time'} is not what its envelope says"
        )
    return event


def rows_of(lines: list[bytes], listed: list[list[Any]]) -> Iterator[tuple[Row, Row]]:
    """The rows with their events: exactly those that the notary listed, in that order."""
    numbers = [sequence for sequence, _ in listed]
    for place, (sequence, signed_hash) in enumerate(listed):
        if place >= len(lines):
            raise Broken(
                f"row {sequence}: missing; the file ends before it, {len(listed) - place} rows are cut off"
            )
        row = line_of(lines[place], f"line {place + 2} (row {sequence})")
        found = row.get("sequence")
        if found != sequence:
            if found not in numbers:
                raise Broken(f"row {found}: added; the notary did not list it")
            later = any(line.startswith(b"{") and json_number(line) == sequence for line in lines[place:])
            raise Broken(f"row {sequence}: " + ("out of its order" if later else "dropped"))
        event = checked_row(row, f"row {sequence}")
        if row["hash"] != signed_hash:
            raise Broken(f"row {sequence}: it was rewritten: its hash is not the one that the notary signed")
        yield row, event
    if len(lines) > len(listed):
        raise Broken(f"line {len(listed) + 2}: added after the last row that the notary listed")


def json_number(line: bytes) -> Any:
    """The sequence that a line names, None when it cannot be read."""
    try:
        return json.loads(line).get("sequence")
    except (ValueError, AttributeError):
        return None
