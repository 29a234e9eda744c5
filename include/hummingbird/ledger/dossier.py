"""Everything that the ledger knows of one story: its own rows, and those of the bundles that carried it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from hummingbird.core.bundle import Bundle
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.story import StoryKey
from hummingbird.ledger.envelope import timestamp
from hummingbird.ledger.schema import event as table
from hummingbird.ledger.views import recorded_of

_MADE_OF_A_COMMIT = (EventKind.SCAN_FINISHED.value, EventKind.PROVENANCE_SIGNED.value)


def rows_about(connection: Connection, story: StoryKey) -> list[dict[str, Any]]:
    """Rows as they are exported, in order; none when the ledger knows nothing of the story.

    Those that name the story; all about every bundle that carries it, whichever story asked; scans, builds
    and provenance of its commits; the bundles that ran before; and every reconciliation of the ledger.
    """
    carriers = _carriers(connection, story)
    wanted: list[ColumnElement[bool]] = [table.c.story == story]
    wanted.append(table.c.bundle.in_(sorted(carriers)))
    wanted += [_of_component(bundle) for bundle in carriers.values()]
    found = {row["sequence"]: row for row in _rows(connection, or_(*wanted))}
    if not found:
        return []
    wanted = [table.c.kind == EventKind.LEDGER_RECONCILED.value, _sealed(_before(connection, carriers))]
    found |= {row["sequence"]: row for row in _rows(connection, or_(*wanted))}
    return [found[sequence] for sequence in sorted(found)]


def _carriers(connection: Connection, story: StoryKey) -> dict[str, Bundle]:
    """SHA-256 → every sealed bundle that the story travels in, or that its own rows are about."""
    own = set(
        connection.scalars(select(table.c.bundle).where(table.c.story == story, table.c.bundle.is_not(None)))
    )
    mentioned = table.c.envelope.contains(f'"{story}"', autoescape=True)
    sealed = and_(
        table.c.kind == EventKind.BUNDLE_SEALED.value, or_(mentioned, table.c.bundle.in_(sorted(own)))
    )
    bundles = [Bundle.model_validate(one.event.data["bundle"]) for one in _events(connection, sealed)]
    return {one.sha256: one for one in bundles if one.sha256 in own or story in one.stories}


def _of_component(bundle: Bundle) -> ColumnElement[bool]:
    """Scans and provenance by commit, builds by the digest that they made."""
    of_commits = [
        and_(table.c.kind.in_(_MADE_OF_A_COMMIT), table.c.component == c.name, table.c.subject == c.commit)
        for c in bundle.components
    ]
    builds = [f"pkg:oci/{c.name}@{c.image.digest}" for c in bundle.components]
    of_digests = and_(table.c.kind == EventKind.BUILD_FINISHED.value, table.c.subject.in_(builds))
    return or_(*of_commits, of_digests)


def _before(connection: Connection, carriers: Iterable[str]) -> set[str]:
    """The bundles that warrants for these name as what ran before."""
    issued = and_(table.c.kind == EventKind.WARRANT_ISSUED.value, table.c.bundle.in_(sorted(carriers)))
    return {
        sha256
        for recorded in _events(connection, issued)
        for components in recorded.event.data["warrant"]["predecessors"].values()
        for sha256 in components.values()
        if sha256 is not None
    }


def _sealed(bundles: Iterable[str]) -> ColumnElement[bool]:
    return and_(table.c.kind == EventKind.BUNDLE_SEALED.value, table.c.bundle.in_(sorted(bundles)))


def _events(connection: Connection, where: ColumnElement[bool]) -> list[RecordedEvent]:
    query = select(table).where(where).order_by(table.c.sequence)
    return [recorded_of(row) for row in connection.execute(query)]


def _rows(connection: Connection, where: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(table).where(where)):
        yield dict(row._mapping) | {"at": timestamp(row.at)}
