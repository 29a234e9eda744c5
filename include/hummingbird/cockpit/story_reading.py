"""Stories and what happened to them, read in a few queries whatever the ledger's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
)

from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.ledger.schema import event, story, travel
from hummingbird.ledger.views import recorded_of

DEPLOYMENTS = (
    EventKind.DEPLOYMENT_FINISHED,
    EventKind.DEPLOYMENT_ROLLED_BACK,
    EventKind.DEPLOYMENT_FAILED,
)
TOLD = (
    EventKind.RUN_ADMITTED,
    EventKind.RUN_REFUSED,
    EventKind.RUN_FINISHED,
    EventKind.BUNDLE_SEALED,
    EventKind.APPROVAL_ASKED,
    EventKind.APPROVAL_CLOSED,
    EventKind.GATES_DECIDED,
    EventKind.STORY_CLOSED,
    *DEPLOYMENTS,
)
"""What the state of a story is made of."""
NEWEST_ASKED = 1000
"""So many questions back an open one is looked for; one is open for a day or so."""
_PLACES = [event.c[name] for name in ("sequence", "at", "kind", "key", "subject", "bundle", "environment")]
_PLACES += [event.c.cluster, event.c.run, event.c.story]
_PARTS = text(
    "SELECT bundle, part ->> 'name' AS name, part ->> 'version' AS version FROM ("
    " SELECT bundle, jsonb_path_query(CASE WHEN strpos(envelope, '\\u0000') = 0 THEN envelope::jsonb END,"
    " 'lax $.customData.event.data.bundle.components[*]') AS part FROM ledger.event"
    " WHERE bundle = ANY(:bundles) AND kind = :kind) AS sealed"
).bindparams(bindparam("kind", EventKind.BUNDLE_SEALED.value))


@dataclass(frozen=True)
class KnownStory:
    """A story of the ledger."""

    key: str
    title: str | None
    url: str | None
    last_sequence: int
    last_at: datetime
    synthetic: bool


@dataclass
class Happened:
    """What a page needs of its stories: events without their documents, and what bundles hold."""

    events: dict[str, list[RowMapping]] = field(default_factory=dict)
    """Story → its events, oldest first."""
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Bundle → component → version."""


def database_now(connection: Connection) -> datetime:
    """The database's clock, which also stamps the rows."""
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now


def find_stories(
    connection: Connection, *, words: str, before: int | None, limit: int, keys: Collection[str] | None = None
) -> list[KnownStory]:
    """Stories by their last row, newest first; `words` are looked for in key and title."""
    query = select(story).order_by(story.c.last_sequence.desc()).limit(limit)
    for word in words.split():
        query = query.where(or_(_has(story.c.key, word), _has(story.c.title, word)))
    if before is not None:
        query = query.where(story.c.last_sequence < before)
    if keys is not None:
        query = query.where(story.c.key.in_(keys))
    return [_known(row) for row in connection.execute(query).mappings()]


def find_story(connection: Connection, key: str) -> KnownStory | None:
    """One story; None when the ledger knows nothing of it."""
    row = connection.execute(select(story).where(story.c.key == key)).mappings().one_or_none()
    return _known(row) if row else None


def happened(connection: Connection, keys: Collection[str]) -> Happened:
    """What became of these stories, also under the runs of others that carried them."""
    kinds = [kind.value for kind in TOLD]
    own = select(event.c.story.label("of"), *_PLACES).where(event.c.story.in_(keys), event.c.kind.in_(kinds))
    carried = (
        select(travel.c.story.label("of"), *_PLACES)
        .join(event, and_(event.c.bundle == travel.c.bundle, event.c.kind.in_(kinds)))
        .where(travel.c.story.in_(keys), event.c.story.is_distinct_from(travel.c.story))
    )
    found = Happened(events=defaultdict(list))
    for row in connection.execute(own.union_all(carried).order_by("sequence")).mappings():
        found.events[row["of"]].append(row)
    bundles = {row["bundle"] for rows in found.events.values() for row in rows if row["bundle"]}
    found.parts = parts_of(connection, bundles)
    return found


def parts_of(connection: Connection, bundles: Collection[str]) -> dict[str, dict[str, str]]:
    """Bundle → component → version."""
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(_PARTS, {"bundles": list(bundles)}):
        if row.name:
            parts[row.bundle][row.name] = row.version or ""
    return parts


def documents(connection: Connection, sequences: Iterable[int]) -> dict[int, RecordedEvent]:
    """Whole events by their sequence."""
    rows = connection.execute(select(event).where(event.c.sequence.in_(list(sequences))))
    return {row.sequence: recorded_of(row) for row in rows}


def unanswered(connection: Connection) -> list[RecordedEvent]:
    """Questions to people that were not closed, oldest first; they may have expired."""
    asked = (
        select(event)
        .where(event.c.kind == literal(EventKind.APPROVAL_ASKED.value, literal_execute=True))
        .order_by(event.c.sequence.desc())
        .limit(NEWEST_ASKED)
        .subquery()
    )
    closed = event.alias("closed")
    still = select(closed.c.sequence).where(closed.c.key == asked.c.key + ":closed").exists()
    rows = connection.execute(select(asked).where(~still).order_by(asked.c.sequence))
    return [recorded_of(row) for row in rows]


def answers(connection: Connection, requests: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Request → the answers that people gave."""
    query = select(event).where(
        event.c.subject.in_(requests), event.c.kind == EventKind.APPROVAL_ANSWERED.value
    )
    given: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query.order_by(event.c.sequence)):
        recorded = recorded_of(row)
        given[recorded.event.subject].append(recorded.event.data.get("approval") or {})
    return given


def _has(column: ColumnElement[str | None], word: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(column), word.lower()) > 0


def _known(row: RowMapping) -> KnownStory:
    return KnownStory(
        key=row["key"],
        title=row["title"],
        url=row["url"],
        last_sequence=row["last_sequence"],
        last_at=row["last_at"],
        synthetic=row["synthetic"],
    )
