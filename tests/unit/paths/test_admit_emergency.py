"""The doors of break-glass: who asks for what, for which incident and why; who looks at what afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import NOW, the_catalogue
from hummingbird.core.emergency import Emergency, Review, TrackerIssue, Use
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.story import StoryKey
from hummingbird.paths.admit import Refusal, Request, record
from hummingbird.paths.admit_emergency import admit_emergency
from hummingbird.paths.admit_review import admit_review
from unit.paths.releases import Releases, admitted, refused

REASON = "客户无法撤单，每分钟都有损失"
RUN = "HB-101.1__emergency_deploy"


def an_issue(key: str, kind: str = "Incident", *, closed: bool = False) -> TrackerIssue:
    status = "Closed" if closed else "In Progress"
    return TrackerIssue(
        key=StoryKey(key), title="撤单失败", type=kind, status=status, closed=closed, url=f"http://jira/{key}"
    )


@pytest.fixture
def releases() -> Releases:
    """HB-101 ran in test; there are an incident, one that is over, and a task."""
    made = Releases()
    made.code.write("release/1.1.0", "HB-101 x", base="develop")
    made.tested("HB-101", "1.1.0")
    for issue in (an_issue("OPS-9"), an_issue("OPS-10", closed=True), an_issue("OPS-11", "Task")):
        made.tracker.issues[issue.key] = issue
    return made


def ask(releases: Releases, **fields: Any) -> Plan | Refusal:
    told = {"incident": "OPS-9", "reason": REASON, "user": "release_manager", "environment": "prod"} | fields
    request = Request(dag_id="emergency_deploy", run_id=RUN, story="HB-101", requester=told["user"])
    return admit_emergency(
        releases.catalogue,
        releases.tracker,
        releases.notary,
        request,
        str(told["environment"]),
        told["incident"],
        told["reason"],
    )


def test_an_emergency_brings_what_ran_in_test_and_says_why(releases: Releases) -> None:
    plan = admitted(ask(releases, user="operations"))
    assert plan.emergency == Emergency(incident=StoryKey("OPS-9"), reason=REASON)
    assert (plan.requester, plan.environment) == ("operations", "prod")
    assert plan.clusters == the_catalogue().production.clusters


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"incident": None}, "incident: None is not a Jira key"),
        ({"incident": "$(id)"}, "incident: '$(id)' is not a Jira key"),
        ({"incident": "OPS-4711"}, "OPS-4711 does not exist in the tracker; file the incident first"),
        ({"incident": "OPS-10"}, "OPS-10 (撤单失败) is over (Closed)"),
        ({"incident": "OPS-11"}, "OPS-11 (撤单失败) is of type Task, not Incident"),
        ({"reason": None}, "say why in 8 characters or more"),
        ({"reason": "now!"}, "say why in 8 characters or more"),
        ({"user": "developer"}, "developer may not ask in an emergency; release_manager or operations may"),
        ({"user": "release_approver"}, "release_approver may not ask in an emergency"),
        ({"user": None}, "nobody may not ask in an emergency"),
        ({"environment": "test"}, "test has no emergency rule in environments.yaml"),
    ],
)
def test_what_is_no_emergency_is_refused_at_the_door(
    releases: Releases, fields: dict[str, str | None], told: str
) -> None:
    assert told in refused(ask(releases, **fields))


def test_what_never_ran_in_test_is_no_matter_for_an_emergency() -> None:
    releases = Releases()
    releases.tracker.issues["OPS-9"] = an_issue("OPS-9")
    assert "has no bundle that ran in test" in refused(ask(releases))


def used(releases: Releases) -> Use:
    """The plan's glass is broken."""
    plan = admitted(ask(releases))
    record(releases.notary, Request(dag_id="emergency_deploy", run_id=RUN, story="HB-101"), plan)
    assert plan.emergency is not None
    use = Use(
        id="e" * 32,
        story=plan.story.key,
        run=f"emergency_deploy/{RUN}",
        environment="prod",
        bundle=str(plan.bundle),
        components=["order-gateway"],
        emergency=plan.emergency,
        requester="release_manager",
        signers=["operations_approver"],
        passed={"window_open": "closed"},
        warrant="w",
        at=NOW,
        review_by=["compliance"],
        reviewers=["compliance"],
        review_due_at=NOW + timedelta(hours=24),
    )
    tell(releases, use, EventKind.EMERGENCY_USED, use.key, {"use": use.document()})
    return use


def tell(releases: Releases, use: Use, kind: EventKind, key: str, data: dict[str, object]) -> None:
    releases.notary.append(
        DeliveryEvent(kind=kind, key=key, subject=use.id, story=use.story, actor="notary", data=data)
    )


def look(releases: Releases, emergency: str | None) -> Plan | Refusal:
    request = Request(dag_id="emergency_review", run_id="r", story="HB-101", requester="platform")
    return admit_review(releases.catalogue, releases.notary, request, emergency)


def test_a_review_is_about_a_glass_that_was_broken_and_breaks_none(releases: Releases) -> None:
    use = used(releases)
    plan = admitted(look(releases, use.id))
    assert (plan.story.key, plan.bundle, plan.emergency) == ("HB-101", use.bundle, None)
    assert plan.requester is None
    assert "no glass was broken under the name" in refused(look(releases, "f" * 32))
    assert f"name the emergency: {use.id} (due" in refused(look(releases, None))


def test_what_was_looked_at_is_not_asked_about_again(releases: Releases) -> None:
    use = used(releases)
    review = Review(
        emergency=use.id, person="compliance", justified=True, finding="ok", at=NOW, source="airflow"
    )
    tell(releases, use, EventKind.EMERGENCY_REVIEWED, use.review_key, {"review": review.document()})
    assert "compliance looked at it already" in refused(look(releases, use.id))
    assert "no glass that was broken for 'HB-101' waits for its review" in refused(look(releases, None))
