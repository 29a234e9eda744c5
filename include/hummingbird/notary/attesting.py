"""The evidence of a story as one file: its rows, and the notary's signed word that these are all of them.

The first line says what the notary signed and where each row hangs in the published tree; every further line
is a row as `ledger export` writes it. `include/auditor/verify_evidence.py` reads it without us.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.merkle import Tree
from hummingbird.core.story import StoryKey
from hummingbird.ledger.append import database_now
from hummingbird.ledger.dossier import rows_about
from hummingbird.ledger.envelope import timestamp
from hummingbird.ledger.schema import event as table
from hummingbird.ledger.views import newest
from hummingbird.ledger.witness import head_of
from hummingbird.notary.dsse import sealed
from hummingbird.notary.signing import SigningKey

FORMAT = "hummingbird-evidence/1"
PAYLOAD_TYPE = "application/vnd.hummingbird.evidence+json"


def evidence_of(connection: Connection, story: StoryKey, key: SigningKey) -> Iterator[dict[str, Any]]:
    """The lines of the file; NotFound when the ledger knows nothing of the story.

    One snapshot: the connection must read repeatably, or a row written meanwhile is listed in one place only.
    """
    head = head_of(connection)
    rows = rows_about(connection, story)
    if not rows:
        raise NotFound(f"the ledger knows nothing of {story}")
    published = _published(connection)
    statement = {
        "story": story,
        "head": head.document(),
        "rows": [[row["sequence"], row["hash"]] for row in rows],
        "published": published,
        "builds_key": key.for_builds.public_base64,
        "signed_at": timestamp(database_now(connection)),
    }
    yield {
        "format": FORMAT,
        "statement": sealed(PAYLOAD_TYPE, statement, key),
        "paths": _paths(connection, published, [row["sequence"] for row in rows]),
    }
    yield from rows


def hashes_to(connection: Connection, sequence: int) -> list[str]:
    """The hashes of the first rows, in order: the leaves of the tree that is published."""
    query = select(table.c.hash).where(table.c.sequence <= sequence).order_by(table.c.sequence)
    return list(connection.scalars(query))


def _published(connection: Connection) -> dict[str, Any] | None:
    """The newest head that was published outside of the database, None before the first."""
    recorded = newest(connection, EventKind.HEAD_PUBLISHED)
    if recorded is None:
        return None
    return {name: recorded.event.data[name] for name in ("tag", "sequence", "hash", "root")}


def _paths(
    connection: Connection, published: dict[str, Any] | None, sequences: list[int]
) -> dict[str, list[str]]:
    """Row → its path in the published tree, for the rows that are in it."""
    inside = [one for one in sequences if published is not None and one <= published["sequence"]]
    if published is None or not inside:
        return {}
    tree = Tree(hashes_to(connection, published["sequence"]))
    return {str(sequence): tree.path(sequence - 1) for sequence in inside}
