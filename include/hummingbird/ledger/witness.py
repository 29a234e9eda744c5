"""The ledger's newest row, noted outside of its database: an older database that was put back is noticed.

The chain shows that nothing was changed. It cannot show that its end is missing: a back-up is a valid,
shorter chain. So whoever appends notes the head in a file that is never backed up with the database; a
database that does not hold the noted row is an older one, or another.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from sqlalchemy import Connection, select

from hummingbird.core.errors import Conflict, Invalid, Retryable
from hummingbird.core.record import Record
from hummingbird.ledger.chain import GENESIS
from hummingbird.ledger.schema import event as table

MEND = "see docs/production.md, Restore, then run `hummingbird ledger reconcile`"


class Head(Record):
    """A row of the chain by number and hash; number 0 is the empty ledger."""

    sequence: int
    hash: str


def head_of(connection: Connection) -> Head:
    """The newest row."""
    row = connection.execute(
        select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
    ).one_or_none()
    return Head(sequence=row.sequence, hash=row.hash) if row else Head(sequence=0, hash=GENESIS)


class Witness:
    """The file. It is read for every question: whoever reconciles writes it beside a running notary."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()

    def noted(self) -> Head | None:
        """What was noted last, None when nothing was; Invalid when the file is not ours."""
        try:
            return Head.model_validate(json.loads(self.file.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Invalid(f"{self.file}: the ledger's witness cannot be read: {error}; {MEND}") from error

    def readable(self) -> Head | None:
        """What was noted last, None when nothing was or it cannot be read."""
        try:
            return self.noted()
        except Invalid:
            return None

    def complaint(self, connection: Connection) -> str | None:
        """Why nothing may be written, None when the ledger holds what was noted."""
        try:
            noted, head = self.noted(), head_of(connection)
            if noted is None and head.sequence > 0:
                noted = self.noted()  # whoever wrote the first row noted the empty ledger before it
        except Invalid as error:
            return str(error)
        if noted is None:
            if head.sequence == 0:
                return None
            return f"the ledger has {head.sequence} rows and no witness ({self.file} is missing); {MEND}"
        if noted.sequence == 0:
            return None
        found = connection.execute(
            select(table.c.hash).where(table.c.sequence == noted.sequence)
        ).scalar_one_or_none()
        if found == noted.hash:
            return None
        if found is None:
            what = f"ends at row {head.sequence}, row {noted.sequence} was written before: it is an older one"
        else:
            what = f"has another row {noted.sequence} than was written before: it is not the same one"
        return f"the ledger {what}; nothing is decided or deployed; {MEND}"

    def require(self, connection: Connection) -> None:
        """Conflict when the ledger is older than what was noted, or another one."""
        complaint = self.complaint(connection)
        if complaint:
            raise Conflict(complaint)

    def require_to_write(self, connection: Connection) -> None:
        """As `require`, and an empty ledger is noted before its first row; Retryable when it cannot be.

        Who dies between that row and its note, or asks in between, would find a ledger without a witness.
        """
        self.require(connection)
        with self._lock:
            if self.noted() is None:
                self._keep(Head(sequence=0, hash=GENESIS))

    def note(self, head: Head) -> None:
        """Keep the head, safe from a crash; an older one than noted changes nothing."""
        with self._lock:
            noted = self.noted()
            if head.sequence == 0 or (noted is not None and head.sequence <= noted.sequence):
                return
            self._keep(head)

    def _keep(self, head: Head) -> None:
        try:
            self.write(head)
        except OSError as error:
            raise Retryable(f"{self.file}: the ledger's witness cannot be written: {error}") from error

    def write(self, head: Head) -> None:
        """Keep this head, whatever was noted; for reconciling."""
        fresh = self.file.with_name(self.file.name + ".new")
        with fresh.open("w", encoding="utf-8") as out:
            out.write(json.dumps(head.document()) + "\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.file)
