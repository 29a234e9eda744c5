"""Which schema this version of the platform needs; told without Alembic, so that the notary starts fast."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from hummingbird.core.errors import Conflict
from hummingbird.ledger.schema import SCHEMA

NEEDED = "0005"
"""The newest revision in migrations/versions; a test keeps them the same."""

_MEND = "run `hummingbird ledger migrate --dsn <owner's DSN>`"


def revision(connection: Connection) -> str | None:
    """The schema's revision in the database, None where there is no ledger."""
    place = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.alembic_version')")).scalar_one()
    if place is None:
        return None
    found: str | None = connection.execute(
        text(f"SELECT version_num FROM {SCHEMA}.alembic_version")  # noqa: S608  # a constant
    ).scalar_one_or_none()
    return found


def require_schema(connection: Connection) -> None:
    """Conflict, with the command that mends it, unless the database has the needed revision."""
    try:
        found = revision(connection)
    except ProgrammingError as error:
        told = " ".join(str(error.orig).split())
        raise Conflict(f"the ledger cannot be read: {told}; {_MEND}") from error
    if found != NEEDED:
        raise Conflict(f"the ledger's schema is {found or 'missing'}, needed is {NEEDED}; {_MEND}")
