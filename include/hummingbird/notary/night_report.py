"""What became of a night, from the notary's own tables: the record that every report is made of."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, select, tuple_

from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.regression import (
    RED,
    Case,
    CaseOutcome,
    CaseResult,
    Expectation,
    Loss,
    NewlyFailing,
    NightCase,
    NightPlan,
    NightReport,
    PastNight,
    RegressionReport,
)
from hummingbird.ledger.schema import night as nights
from hummingbird.ledger.schema import night_case as cases
from hummingbird.ledger.views import events
from hummingbird.notary.night_opening import PULLING, rows_of
from hummingbird.notary.night_queue import LOSSES

TREND = 30
"""Earlier nights that a report looks back on."""
PAST = 10
"""Earlier results that are told of a case."""
_PAST: TypeAdapter[PastNight] = TypeAdapter(PastNight)


def report_of(connection: Connection, run: str) -> NightReport:
    """The night so far; NotFound for a run whose queue was not opened."""
    night = connection.execute(select(nights).where(nights.c.run == run)).one_or_none()
    if night is None:
        raise NotFound(f"run {run[:200]} has no queue: no night was opened for it")
    plan = NightPlan.model_validate_json(night.plan)
    rows = connection.execute(select(cases).where(cases.c.run == run).order_by(cases.c.number)).all()
    told = _with_past(connection, night, [_case(row) for row in rows])
    taken = [row.taken_at for row in rows if row.taken_at] + [
        loss.taken_at for one in told for loss in one.losses
    ]
    unfinished = any(row.done_at is None for row in rows)
    return NightReport(
        plan=plan,
        opened_at=night.opened_at,
        started_at=min(taken, default=None),
        finished_at=None if unfinished else max((row.done_at for row in rows), default=night.opened_at),
        cases=told,
        pods=[
            RegressionReport.model_validate_json(row.result)
            for row in rows_of(connection, run, PULLING)
            if row.result is not None
        ],
        newly_failing=_newly_failing(plan, told),
        trend=_trend(connection, night),
    )


def _case(row: Row[Any]) -> NightCase:
    losses: list[Loss] = LOSSES.validate_json(row.losses)
    return NightCase(
        number=row.number,
        case=Case(component=row.component, suite=row.suite, name=row.name),
        expected=Expectation(seconds=row.expected_seconds, source=row.expected_from),
        result=CaseResult.model_validate_json(row.result) if row.result is not None else None,
        losses=losses,
    )


def _with_past(connection: Connection, night: Row[Any], told: list[NightCase]) -> list[NightCase]:
    """The cases, those that are red or flaky with how they ended in closed nights before this one."""
    of_interest = [one.case for one in told if one.result and one.result.outcome in (*RED, CaseOutcome.FLAKY)]
    if not of_interest:
        return told
    place = tuple_(cases.c.component, cases.c.suite, cases.c.name)
    query = (
        select(cases.c.component, cases.c.suite, cases.c.name, cases.c.outcome)
        .join(nights, nights.c.run == cases.c.run)
        .where(
            nights.c.environment == night.environment,
            nights.c.opened_at < night.opened_at,
            nights.c.closed_at.is_not(None),
            place.in_([(case.component, case.suite, case.name) for case in of_interest]),
        )
        .order_by(nights.c.opened_at.desc())
    )
    past = defaultdict[Case, list[CaseOutcome]](list)
    for row in connection.execute(query):
        past[Case(component=row.component, suite=row.suite, name=row.name)].append(CaseOutcome(row.outcome))
    return [one.model_copy(update={"before": past.get(one.case, [])[:PAST]}) for one in told]


def _newly_failing(plan: NightPlan, told: list[NightCase]) -> list[NewlyFailing]:
    found = []
    for one in told:
        component = plan.component(one.case.component)
        if one.result is None or one.result.outcome not in RED or component is None:
            continue
        if one.before and one.before[0] in RED:
            continue
        found.append(
            NewlyFailing(
                case=one.case,
                outcome=one.result.outcome,
                message=one.result.message,
                bundle=component.bundle,
                stories=component.stories,
            )
        )
    return found


def _trend(connection: Connection, night: Row[Any]) -> list[PastNight]:
    recorded = events(
        connection,
        kinds=[EventKind.REGRESSION_FINISHED],
        environment=night.environment,
        limit=TREND,
        newest_first=True,
    )
    past = [_PAST.validate_python(one.event.data["night"]) for one in recorded if one.event.run != night.run]
    return [one for one in reversed(past) if one.finished_at <= night.opened_at]
