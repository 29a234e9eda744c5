"""Breaking the glass: reading back what a run says of itself, and writing down that it was done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Emergency, EmergencyRule, Glass, TrackerIssue, Use, Witnessed
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import Facts
from hummingbird.core.plan import Plan
from hummingbird.core.warrant import Warrant
from hummingbird.ledger.append import append
from hummingbird.ledger.views import newest
from hummingbird.notary.admission import plan_of
from hummingbird.notary.decisions import Decision
from hummingbird.notary.office import Issues, Office


def witness(office: Office, run: str) -> None:
    """Read incident and requester back before a run that wants to break the glass is judged.

    Nothing for any other run. Conflict when the notary has no way to the tracker; Unreachable when Airflow
    or the tracker does not answer: without them the glass stays whole.
    """
    with office.reading() as connection:
        plan = plan_of(connection, run)
    if plan is None or plan.emergency is None:
        return
    seen = _seen(office, plan, plan.emergency)
    with office.writing() as connection:
        _note(connection, plan, run, seen)


def broken(connection: Connection, decision: Decision, warrant: Warrant) -> Use | None:
    """Record that a warrant was issued past shut gates, and that a review is owed; None for any other."""
    facts = decision.facts
    glass, request = facts.glass, facts.request
    if glass is None or glass.rule is None or request is None or request.emergency is None:
        return None
    use = Use(
        id=request.id,
        story=request.story,
        run=request.asked_by,
        environment=warrant.environment,
        bundle=warrant.bundle,
        components=[component.name for component in facts.bundle.components],
        emergency=glass.emergency,
        requester=str(facts.requester),
        signers=[approval.person for approval in facts.approvals],
        passed={answer.gate: answer.why for answer in decision.verdict.answers if answer.passed},
        warrant=warrant.id,
        at=warrant.issued_at,
        review_by=glass.rule.review.any_of,
        reviewers=_reviewers(facts, glass.rule),
        review_due_at=warrant.issued_at + timedelta(hours=glass.rule.review.due_hours),
    )
    append(connection, use_event(use, EventKind.EMERGENCY_USED, use.key, use.requester, _told(use, glass)))
    return use


def use_event(use: Use, kind: EventKind, key: str, actor: str, data: dict[str, Any]) -> DeliveryEvent:
    """An event about a glass that was broken."""
    return DeliveryEvent(
        kind=kind,
        key=key,
        subject=use.id,
        story=use.story,
        bundle=use.bundle,
        environment=use.environment,
        run=use.run,
        actor=actor,
        data=data,
    )


def _told(use: Use, glass: Glass) -> dict[str, Any]:
    issue = glass.witnessed.issue if glass.witnessed else None
    return {"use": use.document(), "issue": issue.document() if issue else None}


def _reviewers(facts: Facts, rule: EmergencyRule) -> list[str]:
    """Who may look at it afterwards: not the two, nor who had a part in what was brought."""
    barred = {name for name, parts in facts.involved.items() if not set(parts).isdisjoint(rule.not_by)}
    barred |= {str(facts.requester), *(approval.person for approval in facts.approvals)}
    holders = [name for role in rule.review.any_of for name in facts.holders.get(role, [])]
    return [name for name in dict.fromkeys(holders) if name not in barred]


def _seen(office: Office, plan: Plan, emergency: Emergency) -> Witnessed:
    if office.tracker is None:
        raise Conflict(
            "the notary cannot read incidents: set up `tracker` in the file that HB_NOTICES_FILE names"
        )
    catalogue = office.policy.current()
    run = _run(office, plan)
    told = run.get("conf") or {}
    return Witnessed(
        issue=_issue(office.tracker, emergency),
        started_by=_person(catalogue, run.get("triggering_user_name")),
        incident=str(told.get("incident") or ""),
        reason=str(told.get("reason") or ""),
    )


def _run(office: Office, plan: Plan) -> dict[str, Any]:
    try:
        return office.airflow.dag_run(plan.dag_id, plan.run_id)
    except NotFound:
        return {}


def _issue(tracker: Issues, emergency: Emergency) -> TrackerIssue | None:
    try:
        return tracker.issue(emergency.incident)
    except NotFound:
        return None


def _person(catalogue: Catalogue, user: str | None) -> str | None:
    person = catalogue.person_of(airflow=user) if user else None
    return person.name if person else None


def _note(connection: Connection, plan: Plan, run: str, seen: Witnessed) -> None:
    """Once for everything that differs from what was read last."""
    last = newest(connection, EventKind.EMERGENCY_WITNESSED, run=run)
    if last is not None and Witnessed.model_validate(last.event.data["witnessed"]) == seen:
        return
    place = last.sequence if last else 0
    append(
        connection,
        DeliveryEvent(
            kind=EventKind.EMERGENCY_WITNESSED,
            key=f"emergency-witnessed:{run}:{place}:{content_hash(seen.document())[:16]}"[:300],
            subject=run,
            story=plan.story.key,
            bundle=plan.bundle,
            environment=plan.environment,
            run=run,
            actor="notary",
            data={"witnessed": seen.document()},
        ),
    )
