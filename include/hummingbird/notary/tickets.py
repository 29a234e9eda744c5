"""Jobs and the tickets that open them: found or created, replaced, expired by the database's clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from hummingbird.core.canonical import canonical_json, sha256_hex
from hummingbird.core.job import JOB, AnyJob, Ticket, job_id
from hummingbird.ledger.append import database_now
from hummingbird.ledger.schema import job as jobs
from hummingbird.ledger.schema import ticket as tickets

_GRACE = timedelta(hours=1)
"""How long after its deadline a pod may still post."""


@dataclass(frozen=True)
class JobRow:
    """A stored job."""

    id: str
    kind: str
    run: str
    task: str
    document: str
    result: str | None
    posted_at: datetime | None

    @property
    def job(self) -> AnyJob:
        """The job itself."""
        return JOB.validate_json(self.document)


def find_job(connection: Connection, identity: str, *, lock: bool = False) -> JobRow | None:
    """A job by id; locked until the transaction ends when asked."""
    query = select(jobs).where(jobs.c.id == identity)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return _job_row(row) if row else None


def issue_ticket(connection: Connection, run: str, task: str, job: AnyJob, deadline_seconds: int) -> Ticket:
    """Find or create the job and give it a new token, unless its result is there."""
    identity = job_id(run, task, job)
    values = {"id": identity, "kind": job.kind, "run": run, "task": task}
    document = canonical_json(job.document()).decode("utf-8")
    connection.execute(insert(jobs).values(**values, document=document).on_conflict_do_nothing())
    found = find_job(connection, identity, lock=True)
    if found is not None and found.result is not None:
        return Ticket(job=identity, token=None)
    token = secrets.token_urlsafe(32)
    expires_at = database_now(connection) + timedelta(seconds=deadline_seconds) + _GRACE
    new = {"token_sha256": sha256_hex(token.encode("utf-8")), "expires_at": expires_at}
    statement = insert(tickets).values(job=identity, **new)
    connection.execute(statement.on_conflict_do_update(index_elements=[tickets.c.job], set_=new))
    return Ticket(job=identity, token=token)


def job_of_token(connection: Connection, token: str) -> JobRow | None:
    """The job a token opens now; None for an unknown, replaced or expired one."""
    query = (
        select(jobs)
        .join(tickets, tickets.c.job == jobs.c.id)
        .where(
            tickets.c.token_sha256 == sha256_hex(token.encode("utf-8")),
            tickets.c.expires_at > func.clock_timestamp(),
        )
    )
    row = connection.execute(query).one_or_none()
    return _job_row(row) if row else None


def is_live(connection: Connection, identity: str) -> bool:
    """Whether a pod may still work under the job's ticket."""
    query = select(tickets.c.job).where(
        tickets.c.job == identity, tickets.c.expires_at > func.clock_timestamp()
    )
    return connection.execute(query).one_or_none() is not None


def revoke(connection: Connection, identity: str) -> None:
    """End a job's ticket now."""
    ended = tickets.update().where(tickets.c.job == identity).values(expires_at=func.clock_timestamp())
    connection.execute(ended)


def _job_row(row: Row[Any]) -> JobRow:
    return JobRow(row.id, row.kind, row.run, row.task, row.document, row.result, row.posted_at)
