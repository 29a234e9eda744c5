"""`hummingbird ledger …` on the command line."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from hummingbird.core.errors import Denied, Invalid, Unreachable
from hummingbird.ledger.engine import connect
from hummingbird.ledger.export import export, exported_rows
from hummingbird.ledger.migrate import migrate
from hummingbird.ledger.reconcile import reconcile
from hummingbird.ledger.revision import require_schema
from hummingbird.ledger.roles import Passwords
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.ledger.witness import Head, Witness

READER_DSN = "HB_LEDGER_READER_DSN"
WRITER_DSN = "HB_LEDGER_DSN"
WITNESS_FILE = "HB_LEDGER_WITNESS_FILE"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("verify", help="walk the hash chain; name the first row that does not hold")
    check.add_argument("--file", type=Path, help="an exported file instead of the database")
    check.add_argument(
        "--checkpoint",
        metavar="SEQUENCE:HASH",
        help="a head noted earlier: also shows a tail that was cut off",
    )
    check.set_defaults(run=_verify)
    take = verbs.add_parser("export", help="write every row as a line of JSON")
    take.add_argument("--out", type=Path, required=True)
    take.set_defaults(run=_export)
    for reading in (check, take):
        reading.add_argument("--dsn", help=f"PostgreSQL DSN of a reader; else ${READER_DSN}")
    go_on = verbs.add_parser("reconcile", help="go on with a ledger that was restored from a back-up")
    go_on.add_argument("--person", required=True, help="who you are, as the catalogue names you")
    go_on.add_argument("--reason", required=True, help="what was restored and why; it is recorded")
    go_on.set_defaults(run=_reconcile)
    bring = verbs.add_parser("migrate", help="bring the database to the needed schema, roles and rights")
    bring.set_defaults(run=_migrate)
    rights = verbs.add_parser("roles", help="set roles, rights and passwords again; the same as migrate")
    rights.set_defaults(run=_migrate)
    for owning in (bring, rights):
        owning.add_argument("--dsn", required=True, help="PostgreSQL DSN of the owner or an administrator")


def _verify(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    checkpoint = _checkpoint(chosen.checkpoint)
    if chosen.file is not None:
        if not chosen.file.is_file():
            raise Invalid(f"--file: {chosen.file} is not a file")
        found = verify(exported_rows(chosen.file), checkpoint)
    else:
        with _reading(chosen, environment) as connection:
            found = verify(rows_of(connection), checkpoint)
    if found.wrong is not None:
        sys.stdout.write(f"BROKEN: {found.wrong} ({found.rows} rows before it hold)\n")
        return 1
    sys.stdout.write(f"DONE: {found.rows} rows hold; head {found.rows}:{found.head}\n")
    return 0


def _export(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    with _reading(chosen, environment) as connection, chosen.out.open("w", encoding="utf-8") as out:
        count = export(connection, out)
    sys.stdout.write(f"DONE: {count} rows in {chosen.out}\n")
    return 0


def _reconcile(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    missing = [name for name in (WRITER_DSN, WITNESS_FILE) if not environment.get(name)]
    if missing:
        raise Invalid(f"reconcile runs where the notary runs, with its settings: set {', '.join(missing)}")
    witness = Witness(Path(environment[WITNESS_FILE]))
    engine = connect(environment[WRITER_DSN], pool_size=1, name="hummingbird-reconcile")
    try:
        with engine.begin() as connection:
            require_schema(connection)
            recorded = reconcile(connection, witness, chosen.person, chosen.reason)
        witness.write(Head(sequence=recorded.sequence, hash=recorded.hash))
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()
    sys.stdout.write(
        f"DONE: recorded as row {recorded.sequence}; warrants and tickets issued before it are void. "
        "Now run `hummingbird compare`: it names what runs and the ledger does not know\n"
    )
    return 0


def _migrate(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    passwords = Passwords(
        writer=environment.get("HB_LEDGER_WRITER_PASSWORD") or None,
        reader=environment.get("HB_LEDGER_READER_PASSWORD") or None,
        metrics=environment.get("HB_METRICS_WRITER_PASSWORD") or None,
    )
    sys.stdout.write(f"DONE: the ledger is at revision {migrate(chosen.dsn, passwords)}\n")
    return 0


@contextmanager
def _reading(chosen: argparse.Namespace, environment: Mapping[str, str]) -> Iterator[Connection]:
    dsn = chosen.dsn or environment.get(READER_DSN)
    if not dsn:
        raise Invalid(f"no database was named: give --dsn or set {READER_DSN}")
    engine = connect(dsn, pool_size=1, name="hummingbird-auditor")
    try:
        with engine.connect() as connection:
            require_schema(connection)
            yield connection
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    except ProgrammingError as error:
        raise Denied(f"the ledger cannot be read with this DSN: {error.orig}") from error
    finally:
        engine.dispose()


def _checkpoint(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]*):([0-9a-f]{64})", text)
    if match is None:
        raise Invalid("--checkpoint: expected SEQUENCE:HASH as `ledger verify` prints it")
    return int(match[1]), match[2]
