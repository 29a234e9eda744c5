"""A night before its first case: its plan held against the ledger, its queue filled by what pods selected."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from hummingbird.core.canonical import canonical_json
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict, Invalid, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.job import SelectJob
from hummingbird.core.regression import (
    Case,
    CaseOutcome,
    CaseResult,
    NightPlan,
    RegressionRule,
    SelectedCase,
    Selection,
)
from hummingbird.ledger.append import database_now, take_pen
from hummingbird.ledger.durations import expected
from hummingbird.ledger.schema import job as jobs
from hummingbird.ledger.schema import night as nights
from hummingbird.ledger.schema import night_case as cases
from hummingbird.ledger.views import events
from hummingbird.notary.deployments import find_bundle, running
from hummingbird.notary.tickets import JobRow, find_job

SELECTING, PULLING = "regression_select", "regression"
"""Kinds of jobs of a night."""


def check_night(connection: Connection, event: DeliveryEvent) -> None:
    """Invalid when a plan is another run's, or names what does not run where it says."""
    plan = NightPlan.model_validate(event.data.get("plan"))
    if event.run != plan.run or event.environment != plan.environment:
        raise Invalid(f"event.run: {event.run} in {event.environment} is not the plan's {plan.run}")
    serving = running(connection, plan.environment, plan.cluster, [each.name for each in plan.components])
    for component in plan.components:
        carried = find_bundle(connection, component.bundle).component(component.name)
        if serving[component.name] != component.bundle or carried is None:
            raise Invalid(
                f"event.data.plan: {component.name} of bundle {component.bundle[:12]} does not run there"
            )
        if carried.commit != component.commit:
            raise Invalid(f"event.data.plan: {component.name} runs commit {carried.commit}")


def plan_of(connection: Connection, run: str) -> NightPlan:
    """The plan a night was admitted with; NotFound for a run that was not."""
    found = events(connection, kinds=[EventKind.REGRESSION_STARTED], run=run, limit=1)
    if not found:
        raise NotFound(f"no night was admitted as run {run[:200]}")
    return NightPlan.model_validate(found[0].event.data["plan"])


def open_night(connection: Connection, catalogue: Catalogue, run: str) -> int:
    """Fill the queue, once; returns the number of its cases. Conflict while a selection is missing."""
    take_pen(connection)
    plan = plan_of(connection, run)
    if connection.execute(select(nights.c.run).where(nights.c.run == run)).one_or_none() is None:
        found = selected(connection, plan)
        rule = catalogue.regression
        values = {"run": run, "environment": plan.environment, "opened_at": database_now(connection)}
        written = {"plan": _written(plan), "rule": _written(rule)}
        connection.execute(insert(nights).values(**values, **written))
        _fill(connection, plan, rule, found)
    return len(connection.execute(select(cases.c.number).where(cases.c.run == run)).all())


def selected(connection: Connection, plan: NightPlan) -> dict[Case, SelectedCase]:
    """Every case that pods found in the plan's components, in order; Conflict while one is missing."""
    selections = {selection.component: selection for selection in _selections(connection, plan)}
    missing = [each.name for each in plan.components if each.name not in selections]
    if missing:
        raise Conflict(f"run {plan.run}: no pod has selected the cases of {', '.join(missing)} yet")
    found: dict[Case, SelectedCase] = {}
    for component in plan.components:
        for suite, listed in selections[component.name].suites.items():
            for one in listed:
                found.setdefault(Case(component=component.name, suite=suite, name=one.name), one)
    return found


def rows_of(connection: Connection, run: str, kind: str) -> list[JobRow]:
    """The jobs of a run of one kind that have a result."""
    query = select(jobs.c.id).where(jobs.c.run == run, jobs.c.kind == kind, jobs.c.result.is_not(None))
    ids = connection.execute(query.order_by(jobs.c.posted_at)).scalars().all()
    return [row for identity in ids if (row := find_job(connection, identity)) is not None]


def _selections(connection: Connection, plan: NightPlan) -> list[Selection]:
    """The selections of exactly the plan's commits; what a pod found in another one is none of this night."""
    found = []
    for row in rows_of(connection, plan.run, SELECTING):
        job = row.job
        component = plan.component(job.component.name) if isinstance(job, SelectJob) else None
        if component is None or row.result is None:
            continue
        selection = Selection.model_validate_json(row.result)
        if (selection.commit, selection.bundle) == (component.commit, component.bundle):
            found.append(selection)
    return found


def _fill(
    connection: Connection, plan: NightPlan, rule: RegressionRule, found: dict[Case, SelectedCase]
) -> None:
    expectations = expected(connection, plan.environment, found, rule)
    now = database_now(connection)
    rows = []
    for number, (case, one) in enumerate(found.items()):
        expectation = expectations[case]
        row: dict[str, object] = {
            "run": plan.run,
            "number": number,
            **case.document(),
            "expected_seconds": expectation.seconds,
            "expected_from": expectation.source.value,
            "done_at": None,
            "outcome": None,
            "result": None,
        }
        if one.problem is not None:
            # What could not be collected is no case less: it counts, and it is red.
            result = CaseResult(outcome=CaseOutcome.ERROR, seconds=0, message=one.problem)
            row |= {"done_at": now, "outcome": result.outcome.value, "result": _written(result)}
        rows.append(row)
    if rows:
        connection.execute(insert(cases), rows)


def _written(record: NightPlan | RegressionRule | CaseResult) -> str:
    return canonical_json(record.document()).decode("utf-8")
