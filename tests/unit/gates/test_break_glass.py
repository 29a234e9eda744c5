"""The gate of break-glass opens for an emergency that was read back, and an emergency passes what it may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from builders import NOW, a_bundle, a_calendar, a_request, an_approval, the_catalogue, the_facts
from hummingbird.core.approval import Signature
from hummingbird.core.emergency import (
    Emergency,
    EmergencyRule,
    Glass,
    TrackerIssue,
    Use,
    Witnessed,
)
from hummingbird.core.gate import Facts, State
from hummingbird.core.story import StoryKey
from hummingbird.gates import break_glass
from hummingbird.gates.registry import GATES, PASSABLE, decide, gates_for

INCIDENT = StoryKey("OPS-9")
EMERGENCY = Emergency(incident=INCIDENT, reason="客户无法撤单，每分钟都有损失")
PROD = the_catalogue().environment("prod")


def an_issue(**changes: Any) -> TrackerIssue:
    fields: dict[str, Any] = {
        "key": INCIDENT, "title": "撤单失败", "type": "Incident", "status": "In Progress", "closed": False,
        "url": "http://jira/OPS-9",
    }  # fmt: skip
    return TrackerIssue(**{**fields, **changes})


def seen(**changes: Any) -> Witnessed:
    fields: dict[str, Any] = {
        "issue": an_issue(),
        "started_by": "release_manager",
        "incident": INCIDENT,
        "reason": EMERGENCY.reason,
    }
    return Witnessed(**{**fields, **changes})


def burning(**changes: Any) -> Facts:
    """Production is shut, and two people agreed."""
    bundle = a_bundle()
    signature = Signature(number=0, role="operations_approver or release_approver", any_of=_second())
    request = a_request(bundle, signatures=[signature], emergency=EMERGENCY)
    glass = Glass(
        emergency=EMERGENCY,
        path="emergency_deploy",
        rule=PROD.emergency,
        incident_type="Incident",
        witnessed=seen(),
    )
    fields: dict[str, Any] = {
        "bundle": bundle,
        "request": request,
        "approvals": [an_approval(request, 0, "operations_approver")],
        "calendar": a_calendar(),
        "glass": glass.model_copy(update=changes.pop("glass", {})),
    }
    return the_facts("prod", **(fields | changes))


def _second() -> list[str]:
    assert PROD.emergency is not None
    return next(PROD.emergency.slots())


def asked(facts: Facts) -> Any:
    return decide(gates_for(facts.environment, facts.operation, "warrant", in_emergency=True), facts)


def test_an_emergency_passes_a_shut_window_and_says_so() -> None:
    verdict = asked(burning())
    assert verdict.state is State.OPEN, verdict.sentence
    (passed,) = [answer for answer in verdict.answers if answer.passed]
    assert passed.gate == "window_open"
    assert passed.why.startswith("passed in emergency OPS-9: calendar evenings is closed")
    without = burning().model_copy(update={"glass": None})
    assert decide(["window_open"], without).state is State.WAITING


def test_what_is_open_anyway_is_not_passed() -> None:
    verdict = asked(burning(calendar=the_catalogue().calendars["always"]))
    assert verdict.state is State.OPEN
    assert not any(answer.passed for answer in verdict.answers)


@pytest.mark.parametrize("gate", sorted(set(GATES) - PASSABLE))
def test_no_other_gate_is_passed_whatever_the_rule_names(gate: str) -> None:
    """Also when the catalogue's check was got around."""
    assert PROD.emergency is not None
    reckless = PROD.emergency.model_copy(update={"passes": list(GATES)})
    shut = burning(
        glass={"rule": reckless},
        builds=[],
        scans=[],
        stories=[],
        deployed_environments=[],
        promoted_clusters=[],
        approvals=[],
        clusters=[*PROD.clusters],
        has_run_before=False,
    )
    (answer,) = decide([gate], shut).answers
    assert not answer.passed
    open_ones = ("in_turn", "not_outdated", "not_rolled_back", "break_glass")
    assert (answer.state is State.OPEN) is (gate in open_ones), answer


def late() -> Use:
    return Use(
        id="e" * 32, story=StoryKey("HB-99"), run="emergency_deploy/x", environment="prod", bundle="b" * 64,
        components=["order-gateway"], emergency=EMERGENCY, requester="operations",
        signers=["release_approver"], passed={}, warrant="w", at=NOW - timedelta(days=2),
        review_by=["compliance"], reviewers=["compliance"], review_due_at=NOW - timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("glass", "told"),
    [
        ({"path": "prod_deploy"}, "the glass is broken by emergency_deploy, not by prod_deploy"),
        ({"rule": None}, "prod has no emergency rule"),
        ({"witnessed": None}, "OPS-9 was not read back from the tracker"),
        ({"witnessed": seen(issue=None)}, "OPS-9 does not exist"),
        ({"witnessed": seen(issue=an_issue(type="Task"))}, "is of type Task, not Incident"),
        ({"witnessed": seen(issue=an_issue(closed=True, status="Done"))}, "is over (Done)"),
        ({"witnessed": seen(started_by="developer")}, "developer started this run, not release_manager"),
        ({"witnessed": seen(started_by=None)}, "no person started this run"),
        ({"witnessed": seen(incident="OPS-10")}, "was not started for OPS-9 with this reason"),
        ({"witnessed": seen(reason="something else")}, "was not started for OPS-9 with this reason"),
        ({"overdue": [late()]}, "HB-99 to prod in emergency OPS-9"),
    ],
)
def test_the_gate_says_why_the_glass_stays_whole(glass: dict[str, Any], told: str) -> None:
    answer = break_glass.check(burning(glass=glass))
    assert answer.state is State.REFUSED
    assert told in answer.why


def test_who_may_not_ask_and_what_is_no_deployment_are_refused() -> None:
    assert "developer may not ask in an emergency" in break_glass.check(burning(requester="developer")).why
    assert "nobody may not ask" in break_glass.check(burning(requester=None)).why
    assert "no emergency rule for a rollback" in break_glass.check(burning(operation="rollback")).why
    assert break_glass.check(the_facts("prod")).state is State.OPEN


def test_a_rule_of_one_person_cannot_be_written() -> None:
    review = {"any_of": ["compliance"]}
    rule = {"started_by": ["operations"], "roles": ["release_approver"], "review": review}
    assert EmergencyRule.model_validate(rule).valid_minutes == 30
    with pytest.raises(ValidationError, match="a second person must sign"):
        EmergencyRule.model_validate(rule | {"roles": []})
    with pytest.raises(ValidationError, match="not_by must name requester"):
        EmergencyRule.model_validate(rule | {"not_by": ["author"]})
    with pytest.raises(ValidationError, match="valid_minutes"):
        EmergencyRule.model_validate(rule | {"valid_minutes": 61})
