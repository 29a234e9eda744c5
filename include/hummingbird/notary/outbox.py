"""Runs that shall be started: written with the event that asks for them, started until Airflow has them."""

from __future__ import annotations

import json
import logging
import random
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import DeliveryError, Final
from hummingbird.ledger.schema import outbox
from hummingbird.notary.office import Airflow

CLAIM = timedelta(seconds=150)
"""How long another dispatcher leaves a claimed start alone; longer than a call to Airflow may take."""
_FIRST, _LONGEST = 1.0, 60.0
_log = logging.getLogger("hummingbird.notary")


class Start(BaseModel):
    """A run to start."""

    dag_id: str
    run_id: str
    conf: dict[str, Any]
    note: str


def enqueue(connection: Connection, start: Start, event_key: str) -> None:
    """Ask for a run; asking again for the same run changes nothing."""
    values = {
        "dag_id": start.dag_id,
        "run_id": start.run_id,
        "conf": canonical_json(start.conf).decode("utf-8"),
        "note": start.note,
        "event_key": event_key,
    }
    connection.execute(insert(outbox).values(**values).on_conflict_do_nothing())


def dispatch_due(engine: Engine, airflow: Airflow) -> None:
    """Start everything that is due, one after the other; failures are tried again later, with back-off."""
    while _dispatch_one(engine, airflow):
        pass


def seconds_until_due(engine: Engine) -> float | None:
    """Seconds until the next start is due; None when there is nothing to start."""
    query = select(func.extract("epoch", func.min(outbox.c.next_at) - func.clock_timestamp()))
    with engine.connect() as connection:
        left = connection.execute(query.where(outbox.c.done_at.is_(None))).scalar_one()
    return None if left is None else max(0.0, float(left))


def _dispatch_one(engine: Engine, airflow: Airflow) -> bool:
    claimed = _claim(engine)
    if claimed is None:
        return False
    identity, attempts, start = claimed
    try:
        created = airflow.trigger(start.dag_id, start.run_id, start.conf, start.note)
    except DeliveryError as error:
        # Also what looks final is tried again: the DAG may be missing only until Airflow has read it.
        delay = back_off(attempts, after=getattr(error, "after", None))
        _log.warning("start of %s/%s: %s; again in %.0f s", start.dag_id, start.run_id, error, delay)
        outcome = f"{'refused' if isinstance(error, Final) else 'failed'}: {error}"[:500]
        _note(engine, identity, next_at=func.clock_timestamp() + timedelta(seconds=delay), outcome=outcome)
        return True
    _log.info("start of %s/%s: %s", start.dag_id, start.run_id, "created" if created else "existed")
    _note(engine, identity, done_at=func.clock_timestamp(), outcome="created" if created else "existed")
    return True


def back_off(attempts: int, after: float | None = None) -> float:
    """Seconds to wait after so many attempts: doubling to a minute, with jitter, never less than asked."""
    # Jitter is no secret.
    jitter = random.uniform(0.5, 1.0)  # noqa: S311
    doubled: float = min(_LONGEST, _FIRST * 2.0 ** min(attempts - 1, 10))
    return max(doubled * jitter, after or 0.0)


def _claim(engine: Engine) -> tuple[int, int, Start] | None:
    due = (
        select(outbox)
        .where(outbox.c.done_at.is_(None), outbox.c.next_at <= func.clock_timestamp())
        .order_by(outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        row = connection.execute(due).one_or_none()
        if row is None:
            return None
        # A dispatcher that dies now leaves the start due again when the claim ends.
        connection.execute(
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(attempts=row.attempts + 1, next_at=func.clock_timestamp() + CLAIM)
        )
    start = Start(dag_id=row.dag_id, run_id=row.run_id, conf=json.loads(row.conf), note=row.note)
    return row.id, row.attempts + 1, start


def _note(engine: Engine, identity: int, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.id == identity).values(**values))
