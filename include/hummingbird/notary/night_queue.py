"""The queue of a night: the longest expected case to whoever asks, and back when its pod is lost.

A case is taken by a ticket's token. It comes back when the pod was not heard of for a lease, or when its
ticket was replaced; the first result of whoever has it counts. The caller gives the time: the database's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, exists, or_, select, update

from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.night_queue import DoneCase, HandedCase, NextCase
from hummingbird.core.regression import Case, CaseOutcome, CaseResult, Loss, RegressionRule
from hummingbird.ledger.schema import night as nights
from hummingbird.ledger.schema import night_case as cases
from hummingbird.ledger.schema import ticket as tickets

AGAIN_SECONDS = 1.0
"""A pod with nothing to do asks again: the others may be lost."""

LOSSES: TypeAdapter[list[Loss]] = TypeAdapter(list[Loss])


def next_case(
    connection: Connection, run: str, job: str, token_sha256: str, done: DoneCase | None, now: datetime
) -> NextCase:
    """Keep the result, hand out the next case. Asked again after a lost answer, it is the same case."""
    rule = _rule(connection, run)
    accepted = done is None or _keep(connection, run, job, token_sha256, done, now)
    _give_back(connection, run, rule, now)
    row = _held(connection, run, token_sha256) or _longest(connection, run)
    if row is None:
        over = not connection.execute(select(exists().where(_open(run)))).scalar_one()
        return NextCase(accepted=accepted, over=over, again_seconds=0 if over else AGAIN_SECONDS)
    held = {
        "job": job,
        "token_sha256": token_sha256,
        "lease_until": now + timedelta(seconds=rule.lease_seconds),
    }
    taken = row.taken_at if row.token_sha256 == token_sha256 else now
    connection.execute(update(cases).where(_is(run, row.number)).values(**held, taken_at=taken))
    case = Case(component=row.component, suite=row.suite, name=row.name)
    handed = HandedCase(number=row.number, case=case, lease_seconds=rule.lease_seconds)
    return NextCase(accepted=accepted, handed=handed)


def keep_alive(connection: Connection, run: str, token_sha256: str, number: int, now: datetime) -> bool:
    """Renew the lease of a case; False when the case is another pod's now, or done."""
    rule = _rule(connection, run)
    mine = and_(_is(run, number), _open(run), cases.c.token_sha256 == token_sha256)
    renewed = update(cases).where(mine).values(lease_until=now + timedelta(seconds=rule.lease_seconds))
    return bool(connection.execute(renewed).rowcount == 1)


def _rule(connection: Connection, run: str) -> RegressionRule:
    row = connection.execute(select(nights).where(nights.c.run == run)).one_or_none()
    if row is None:
        raise NotFound(f"run {run[:200]} has no queue: no night was opened for it")
    if row.closed_at is not None:
        raise Conflict(f"the night of run {run[:200]} is closed")
    return RegressionRule.model_validate_json(row.rule)


def _keep(
    connection: Connection, run: str, job: str, token_sha256: str, done: DoneCase, now: datetime
) -> bool:
    """Write a result down; False when the case had been given to another pod by then."""
    row = connection.execute(select(cases).where(_is(run, done.number)).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"run {run[:200]} has no case {done.number}")
    written = _written(done.result)
    if row.done_at is not None:
        return bool(row.job == job and row.result == written)
    if row.token_sha256 != token_sha256:
        return False
    values = {"done_at": now, "outcome": done.result.outcome.value, "seconds": done.result.seconds}
    connection.execute(update(cases).where(_is(run, done.number)).values(**values, result=written))
    return True


def _give_back(connection: Connection, run: str, rule: RegressionRule, now: datetime) -> None:
    """Take every case from a pod that is lost; one that too many pods were lost with is an error."""
    live = exists().where(tickets.c.token_sha256 == cases.c.token_sha256, tickets.c.expires_at > now)
    lost = and_(_open(run), cases.c.token_sha256.is_not(None), or_(cases.c.lease_until < now, ~live))
    for row in connection.execute(select(cases).where(lost).with_for_update(skip_locked=True)).all():
        silent = row.lease_until < now
        why = (
            f"its pod was not heard of for {rule.lease_seconds} s"
            if silent
            else "its pod was replaced by another"
        )
        losses = [
            *LOSSES.validate_json(row.losses),
            Loss(job=row.job, taken_at=row.taken_at, lost_at=now, why=why),
        ]
        told = canonical_json([loss.document() for loss in losses]).decode("utf-8")
        values: dict[str, Any] = {"token_sha256": None, "lease_until": None, "losses": told}
        if len(losses) >= rule.most_losses:
            message = f"{len(losses)} pods were lost while they ran it; the last time {why}"
            result = CaseResult(outcome=CaseOutcome.ERROR, seconds=0, message=message)
            values |= {"done_at": now, "outcome": result.outcome.value, "result": _written(result)}
        connection.execute(update(cases).where(_is(run, row.number)).values(**values))


def _held(connection: Connection, run: str, token_sha256: str) -> Row[Any] | None:
    query = select(cases).where(_open(run), cases.c.token_sha256 == token_sha256)
    return connection.execute(query.order_by(cases.c.number).limit(1).with_for_update()).one_or_none()


def _longest(connection: Connection, run: str) -> Row[Any] | None:
    query = select(cases).where(_open(run), cases.c.token_sha256.is_(None))
    longest = query.order_by(cases.c.expected_seconds.desc(), cases.c.number).limit(1)
    return connection.execute(longest.with_for_update(skip_locked=True)).one_or_none()


def _open(run: str) -> Any:
    return and_(cases.c.run == run, cases.c.done_at.is_(None))


def _is(run: str, number: int) -> Any:
    return and_(cases.c.run == run, cases.c.number == number)


def _written(result: CaseResult) -> str:
    return canonical_json(result.document()).decode("utf-8")
