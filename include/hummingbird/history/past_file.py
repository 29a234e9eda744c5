"""A CSV file of a firm's past, read strictly: every wrong row is named by its line (docs/history.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.past import PastFact
from hummingbird.core.story import story_key
from hummingbird.history.working_time import SHANGHAI

COLUMNS = ("fact", "at", "component", "environment", "value", "story", "part", "note")
NEEDED = COLUMNS[:2]
_SHOWN = 20


class Row(NamedTuple):
    """A fact and the line of the file that it stands on."""

    line: int
    fact: PastFact


def read(content: bytes, catalogue: Catalogue, retired: frozenset[str], now: datetime) -> list[Row]:
    """Every row; Invalid names the lines that are wrong, and then none of them is taken."""
    found: list[Row] = []
    wrong: list[str] = []
    lines: dict[PastFact, int] = {}
    for line, told in _lines(content):
        try:
            fact = _fact(told, catalogue, retired, now)
        except (Invalid, ValidationError) as error:
            wrong.append(f"line {line}: {_sentence(error)}")
            continue
        if fact in lines:
            wrong.append(f"line {line}: the same as line {lines[fact]}; each thing is told once")
        lines.setdefault(fact, line)
        found.append(Row(line, fact))
    if wrong:
        more = f"\n… and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        named = "\n".join(wrong[:_SHOWN])
        raise Invalid(f"nothing was imported: {len(wrong)} rows are wrong\n{named}{more}")
    if not found:
        raise Invalid("nothing was imported: the file has no row below its header")
    return found


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"the file is not UTF-8 (byte {error.start}); in a spreadsheet save it as 'CSV UTF-8'"
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = list(reader.fieldnames or [])
        _check_header(header)
        for told in reader:
            if None in told or None in told.values():
                cells = f"{len(header)} cells are expected, as in the header"
                raise Invalid(f"line {reader.line_num}: {cells}; quote what holds a comma")
            yield reader.line_num, {name: str(cell).strip() for name, cell in told.items()}
    except csv.Error as error:
        raise Invalid(f"line {reader.line_num}: not CSV: {error}") from error


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        told = ", ".join(ascii(name)[:40] for name in unknown) or "none"
        raise Invalid(
            f"line 1: the header has the columns {', '.join(NEEDED)} and of these what is needed: "
            f"{', '.join(COLUMNS[2:])}; unknown: {told}; missing: {', '.join(missing) or 'none'}"
        )


def _fact(told: Mapping[str, str], catalogue: Catalogue, retired: frozenset[str], now: datetime) -> PastFact:
    cells: dict[str, Any] = {name: cell for name, cell in told.items() if cell}
    if "at" in cells:
        cells["at"] = _moment(cells["at"])
        if cells["at"] > now:
            raise Invalid(f"at: {told['at']} has not happened yet")
    component, environment = cells.get("component"), cells.get("environment")
    if component and component not in catalogue.components and component not in retired:
        raise Invalid(
            f"component: {ascii(component)[:60]} is not in the catalogue; correct it, or import with "
            "--retired and its name when it is no more"
        )
    if environment and environment not in catalogue.environments:
        known = ", ".join(catalogue.environments)
        raise Invalid(f"environment: {ascii(environment)[:60]} is not in the catalogue; it has {known}")
    if "story" in cells:
        cells["story"] = story_key(cells["story"])
    return PastFact.model_validate(cells)


def _moment(text: str) -> datetime:
    """ISO 8601; without an offset it is the clock in Shanghai."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"at: {ascii(text)[:40]} is no moment; write it as 2025-03-14 09:30") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI)


def _sentence(error: Invalid | ValidationError) -> str:
    if isinstance(error, Invalid):
        return str(error)
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    told = first["msg"].removeprefix("Value error, ")
    return f"{where}: {told}" if where else told
