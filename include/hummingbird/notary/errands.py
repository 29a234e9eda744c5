"""What the notary shall do at a time: written with the event that asks for it, tried until it is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import DeliveryError
from hummingbird.core.notice import Notice
from hummingbird.core.record import Record
from hummingbird.ledger.schema import errand as errands
from hummingbird.notary.outbox import back_off

_CLAIM = timedelta(seconds=150)
"""How long another runner leaves a claimed errand alone; longer than any of them takes."""
_MOST_ATTEMPTS = 60
"""About an hour of a server that does not answer; then the errand is given up, and says so."""
_log = logging.getLogger("hummingbird.notary")


class What(StrEnum):
    """Kinds of errand."""

    NOTICE = "notice"
    REMIND = "remind"
    WATCH = "watch"
    EXPIRE = "expire"
    CLOSE_PROMPTS = "close_prompts"
    LEAVE_LINE = "leave_line"
    WAKE = "wake"
    SHOW = "show"
    CLOSE_PROMPT = "close_prompt"
    CLOSE_ISSUES = "close_issues"
    REMIND_REVIEW = "remind_review"
    OVERDUE_REVIEW = "overdue_review"


class Errand(Record):
    """One thing to do about an approval request, or about broken glass, which has its request's name."""

    what: What
    request: str
    notice: Notice | None = None
    number: int | None = None
    """The signature that it is about, where it is about one."""
    why: str = ""

    @property
    def key(self) -> str:
        """The same errand a second time is none."""
        if self.notice:
            return self.notice.key
        about = self.request if self.number is None else f"{self.request}:{self.number}"
        return f"{self.what.value}:{about}"


Act = Callable[[Errand], timedelta | None]
"""Does an errand; the time until it is to be done again, None when it is done for good."""


def enqueue_errand(connection: Connection, errand: Errand, at: datetime | None = None) -> None:
    """Ask for it, now or at a time; asking again changes nothing."""
    values = {"key": errand.key, "document": canonical_json(errand.document()).decode("utf-8")}
    due = at if at is not None else func.clock_timestamp()
    connection.execute(insert(errands).values(**values, next_at=due).on_conflict_do_nothing())


def run_due(engine: Engine, act: Act) -> None:
    """Do everything that is due, one after the other; what fails is tried again later, with back-off."""
    while _run_one(engine, act):
        pass


def seconds_until_due(engine: Engine) -> float | None:
    """Seconds until the next errand is due; None when there is none."""
    query = select(func.extract("epoch", func.min(errands.c.next_at) - func.clock_timestamp()))
    with engine.connect() as connection:
        left = connection.execute(query.where(errands.c.done_at.is_(None))).scalar_one()
    return None if left is None else max(0.0, float(left))


def _run_one(engine: Engine, act: Act) -> bool:
    claimed = _claim(engine)
    if claimed is None:
        return False
    identity, attempts, errand = claimed
    try:
        again = act(errand)
    except DeliveryError as error:
        if attempts >= _MOST_ATTEMPTS:
            _log.error("errand %s is given up: %s", errand.key, error)
            _note(engine, identity, done_at=func.clock_timestamp(), outcome=f"given up: {error}"[:500])
            return True
        delay = back_off(attempts, after=getattr(error, "after", None))
        _log.warning("errand %s: %s; again in %.0f s", errand.key, error, delay)
        due = func.clock_timestamp() + timedelta(seconds=delay)
        _note(engine, identity, next_at=due, outcome=f"failed: {error}"[:500])
        return True
    if again is None:
        _note(engine, identity, done_at=func.clock_timestamp(), outcome="done")
    else:
        _note(engine, identity, next_at=func.clock_timestamp() + again, attempts=0)
    return True


def _claim(engine: Engine) -> tuple[int, int, Errand] | None:
    due = (
        select(errands)
        .where(errands.c.done_at.is_(None), errands.c.next_at <= func.clock_timestamp())
        .order_by(errands.c.next_at, errands.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        row = connection.execute(due).one_or_none()
        if row is None:
            return None
        # A runner that dies now leaves the errand due again when the claim ends.
        claim = {"attempts": row.attempts + 1, "next_at": func.clock_timestamp() + _CLAIM}
        connection.execute(update(errands).where(errands.c.id == row.id).values(**claim))
    return row.id, row.attempts + 1, Errand.model_validate_json(row.document)


def _note(engine: Engine, identity: int, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(update(errands).where(errands.c.id == identity).values(**values))
