"""`hummingbird history import`: a firm's own past becomes events, all rows of a file or none, and once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.canonical import sha256_hex
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict, Denied, Invalid, Unreachable
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.synthetic import is_synthetic
from hummingbird.history.past_file import Row, read
from hummingbird.ledger.append import database_now, take_pen
from hummingbird.ledger.bulk import extend
from hummingbird.ledger.command import WITNESS_FILE, WRITER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import require_schema
from hummingbird.ledger.schema import event as table
from hummingbird.ledger.views import by_key
from hummingbird.ledger.witness import Witness, head_of


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, help="CSV in UTF-8; docs/history.md tells the columns")
    parser.add_argument("--person", required=True, help="who vouches for it, as the catalogue names you")
    parser.add_argument(
        "--retired", action="append", default=[], metavar="NAME", help="a component that is no more"
    )
    parser.set_defaults(run=_run)


def bring(
    connection: Connection, catalogue: Catalogue, content: bytes, person: str, retired: Sequence[str] = ()
) -> int:
    """Write every row of a file in the connection's transaction; how many were new.

    Invalid names the lines that are wrong; Conflict one that another file brought before.
    """
    if person not in catalogue.persons:
        raise Invalid(f"--person: {ascii(person)[:60]} is no person of the catalogue")
    take_pen(connection)
    first = connection.execute(select(table.c.actor).where(table.c.sequence == 1)).scalar_one_or_none()
    if first is not None and is_synthetic(first):
        raise Conflict("this ledger holds generated history; a real past belongs into the real ledger")
    rows = read(content, catalogue, frozenset(retired), database_now(connection))
    file = sha256_hex(content)
    if by_key(connection, _key(file, rows[0].line)) is not None:
        return 0
    _refuse_known(connection, rows)
    extend(connection, [_event(row, file, person) for row in rows])
    return len(rows)


def _refuse_known(connection: Connection, rows: list[Row]) -> None:
    lines = {row.fact.subject: row.line for row in rows}
    query = select(table.c.subject, table.c.at).where(
        table.c.kind == EventKind.HISTORY_IMPORTED.value, table.c.subject.in_(lines)
    )
    known = sorted((lines[found.subject], found.at) for found in connection.execute(query))
    if known:
        line, at = known[0]
        raise Conflict(
            f"nothing was imported: {len(known)} rows came with another file before, such as line {line} "
            f"on {at:%Y-%m-%d}; take them out of this one"
        )


def _key(file: str, line: int) -> str:
    return f"history-imported:{file}:{line}"


def _event(row: Row, file: str, person: str) -> DeliveryEvent:
    fact = row.fact
    return DeliveryEvent(
        kind=EventKind.HISTORY_IMPORTED,
        key=_key(file, row.line),
        subject=fact.subject,
        story=fact.story,
        component=fact.component,
        environment=fact.environment,
        actor=person,
        data={
            "fact": fact.fact.value,
            "at": fact.at.isoformat(),
            "value": fact.counts,
            "detail": fact.detail,
            "file": file,
            "line": row.line,
        },
    )


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    missing = [name for name in (WRITER_DSN, WITNESS_FILE) if not environment.get(name)]
    if missing:
        raise Invalid(f"import runs where the notary runs, with its settings: set {', '.join(missing)}")
    if not chosen.file.is_file():
        raise Invalid(f"{chosen.file} is not a file")
    catalogue = load_catalogue(*catalogue_folders(environment))
    witness = Witness(Path(environment[WITNESS_FILE]))
    engine = connect(environment[WRITER_DSN], pool_size=1, name="hummingbird-import")
    try:
        with engine.begin() as connection:
            require_schema(connection)
            witness.require_to_write(connection)
            written = bring(connection, catalogue, chosen.file.read_bytes(), chosen.person, chosen.retired)
            head = head_of(connection)
        witness.note(head)
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    except ProgrammingError as error:
        raise Denied(f"the ledger cannot be written with this DSN: {error.orig}") from error
    finally:
        engine.dispose()
    told = f"{written} rows of {chosen.file.name} are in the ledger" if written else "it was imported before"
    sys.stdout.write(f"DONE: {told}; the next rollup shows them\n")
    return 0
