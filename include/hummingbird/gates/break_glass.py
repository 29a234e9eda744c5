"""An emergency is one: two people, a reason, an open incident; what was broken before has been looked at."""

from __future__ import annotations

from hummingbird.core.emergency import PATH, EmergencyRule, Glass, Witnessed
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused

GATE = "break_glass"


def check(facts: Facts) -> Answer:
    """Open for a normal run; for one that wants to pass gates, when everything about it was read back."""
    glass = facts.glass
    if glass is None:
        return is_open(GATE, "nobody breaks the glass")
    rule = glass.rule
    if rule is None or facts.operation != "deploy":
        return refused(GATE, f"{facts.environment.name} has no emergency rule for a {facts.operation}")
    if glass.path != PATH:
        return refused(GATE, f"the glass is broken by {PATH}, not by {glass.path}")
    why = _asked_by(facts, rule) or _told(facts, glass) or _owed(glass)
    if why:
        return refused(GATE, why)
    return is_open(GATE, f"{facts.requester} breaks the glass for {glass.emergency.incident}")


def _asked_by(facts: Facts, rule: EmergencyRule) -> str | None:
    who = facts.requester
    if not any(who in facts.holders.get(role, []) for role in rule.started_by):
        return f"{who or 'nobody'} may not ask in an emergency; {' or '.join(rule.started_by)} may"
    return None


def _told(facts: Facts, glass: Glass) -> str | None:
    """Why what was read back is no reason to break the glass."""
    seen, said = glass.witnessed, glass.emergency
    if seen is None:
        return f"{said.incident} was not read back from the tracker"
    if (seen.incident, seen.reason) != (said.incident, said.reason):
        return f"by Airflow's word the run was not started for {said.incident} with this reason"
    if seen.started_by != facts.requester:
        return f"by Airflow's word {seen.started_by or 'no person'} started this run, not {facts.requester}"
    return _no_incident(glass, seen)


def _no_incident(glass: Glass, seen: Witnessed) -> str | None:
    issue = seen.issue
    if issue is None:
        return f"{glass.emergency.incident} does not exist in the tracker"
    if issue.type.casefold() != glass.incident_type.casefold():
        return f"{issue.key} ({issue.title}) is of type {issue.type}, not {glass.incident_type}"
    if issue.closed:
        return f"{issue.key} ({issue.title}) is over ({issue.status}); an emergency has an open incident"
    return None


def _owed(glass: Glass) -> str | None:
    if not glass.overdue:
        return None
    first = glass.overdue[0]
    return (
        f"{first.told}: its review was due at {first.review_due_at:%Y-%m-%d %H:%M} UTC and is missing; "
        "the glass is not broken again for these components before it is done"
    )
