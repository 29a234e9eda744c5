"""A night's end: that every selected case was executed is proven here, by what pods selected and reported."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hummingbird.core.errors import Conflict
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.finding import SuiteReport, TestCounts
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.regression import RED, CaseOutcome, NightCase, NightReport, PastNight, totals_of
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.schema import night as nights
from hummingbird.ledger.views import by_key
from hummingbird.notary.night_opening import selected
from hummingbird.notary.night_report import report_of

MOST_NAMED = 50
"""Cases that an event names; the report names them all."""


def close_night(connection: Connection, run: str, stored: StoredNight) -> RecordedEvent:
    """Record the night and each of its suites; Conflict, by name, while a selected case is not executed."""
    take_pen(connection)
    recorded = by_key(connection, _key(run))
    if recorded is not None:
        return recorded
    report = report_of(connection, run)
    _require_complete(connection, report)
    for component in report.plan.components:
        for suite in dict.fromkeys(
            one.case.suite for one in report.cases if one.case.component == component.name
        ):
            append(connection, _suite(report, component.name, suite, stored))
    written = append(connection, _finished(report, stored)).recorded
    closed = update(nights).where(nights.c.run == run).values(closed_at=database_now(connection))
    connection.execute(closed)
    return written


def _key(run: str) -> str:
    return f"regression-finished:{run}"


def _require_complete(connection: Connection, report: NightReport) -> None:
    wanted = set(selected(connection, report.plan))
    executed = {one.case for one in report.cases if one.result is not None}
    missing = sorted(f"{case.component}/{case.suite}: {case.name}" for case in wanted - executed)
    if missing:
        named = "; ".join(missing[:3])
        raise Conflict(f"{len(missing)} of {len(wanted)} selected cases were not executed, such as {named}")
    if executed != wanted:
        raise Conflict(f"{len(executed - wanted)} cases were executed that no pod selected")


def _suite(report: NightReport, component: str, suite: str, stored: StoredNight) -> DeliveryEvent:
    """One suite's night in the words of a suite's report; `night` keeps it apart from what gates ask for."""
    plan = report.plan
    carried = plan.component(component)
    assert carried is not None
    its = [one for one in report.cases if (one.case.component, one.case.suite) == (component, suite)]
    totals = totals_of(one.result.outcome if one.result else None for one in its)
    told = SuiteReport(
        component=component,
        bundle=carried.bundle,
        environment=plan.environment,
        suite=suite,
        counts=TestCounts(total=totals.selected, failed=totals.red, skipped=totals.skipped),
        failures=[_failure(one) for one in its if one.result and one.result.outcome in RED][:MOST_NAMED],
        seconds=round(sum(one.result.seconds for one in its if one.result), 3),
        report_url=stored.report_url,
        report_sha256=stored.report_sha256,
    )
    return DeliveryEvent(
        kind=EventKind.SUITE_FINISHED,
        key=f"night:{plan.run}:{component}/{suite}"[:300],
        subject=f"{component}/{suite}",
        bundle=carried.bundle,
        component=component,
        environment=plan.environment,
        cluster=plan.cluster,
        run=plan.run,
        actor="notary",
        data={"report": told.document(), "night": plan.run, "totals": totals.document()},
    )


def _finished(report: NightReport, stored: StoredNight) -> DeliveryEvent:
    plan, totals = report.plan, report.totals
    assert report.finished_at is not None
    past = PastNight(
        run=plan.run, finished_at=report.finished_at, totals=totals, seconds=round(report.seconds, 3)
    )
    return DeliveryEvent(
        kind=EventKind.REGRESSION_FINISHED,
        key=_key(plan.run),
        subject=plan.run,
        environment=plan.environment,
        cluster=plan.cluster,
        run=plan.run,
        actor="notary",
        data={
            **stored.document(),
            "night": past.document(),
            "sentence": totals.sentence,
            "selected": totals.selected,
            "executed": totals.executed,
            "opened_at": report.opened_at.isoformat(),
            "started_at": report.started_at.isoformat() if report.started_at else None,
            "finished_at": report.finished_at.isoformat(),
            "queued_seconds": round(report.queued_seconds, 3),
            "seconds": round(report.seconds, 3),
            "case_seconds": round(sum(one.result.seconds for one in report.cases if one.result), 3),
            "pods": len(report.pods),
            "losses": sum(len(one.losses) for one in report.cases),
            "newly_failing": [one.document() for one in report.newly_failing[:MOST_NAMED]],
            "flaky": [one.case.document() for one in report.of(CaseOutcome.FLAKY)[:MOST_NAMED]],
            "components": [one.document() for one in plan.components],
        },
    )


def _failure(one: NightCase) -> str:
    return f"{one.case.name}: {one.result.message if one.result else ''}"[:300]
