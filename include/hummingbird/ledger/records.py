"""The ledger's database as paths read it, for commands of people with the reader's rights."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.ledger import views


class LedgerRecords:
    """Fulfils `core.ports.Records` by one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def events(self, *, kinds: Iterable[str] = (), **where: str) -> list[RecordedEvent]:
        """Events in order."""
        found = views.latest_first(self._connection, [EventKind(kind) for kind in kinds], **where)
        return list(found)[::-1]

    def bundle(self, sha256: str) -> Bundle:
        """A sealed bundle; NotFound when none has that name."""
        recorded = views.by_key(self._connection, f"bundle:{sha256}")
        if recorded is None:
            raise NotFound(f"no bundle {sha256[:64]} was sealed")
        return Bundle.model_validate(recorded.event.data["bundle"])
