"""The trace tells a story's way and where its time went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from builders import DIGEST, NOW, a_build, a_bundle, a_request, a_scan, an_approval
from hummingbird.core.deployment import ComponentState, DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.story import StoryKey
from hummingbird.paths.trace import render, trace

STORY = StoryKey("HB-101")


def at(second: float, kind: EventKind, **changes: Any) -> RecordedEvent:
    fields: dict[str, Any] = {"kind": kind, "key": f"key-{second}", "subject": "s", "actor": "platform"}
    return RecordedEvent(
        sequence=int(second) + 1,
        at=NOW + timedelta(seconds=second),
        event=DeliveryEvent(**{**fields, **changes}),
        envelope={},
        previous_hash="",
        hash="",
    )


def finished(begin: float, end: float) -> RecordedEvent:
    began = (NOW + timedelta(seconds=begin)).isoformat()
    return at(end, EventKind.RUN_FINISHED, data={"line": "DONE: x", "started_at": began})


def test_time_is_split_between_work_people_and_orchestration() -> None:
    request = a_request(a_bundle())
    answered = an_approval(request, 0, "release_approver", answered_at=NOW + timedelta(seconds=50))
    events = [
        at(10, EventKind.SCAN_FINISHED, data={"report": a_scan(seconds=6.0).document()}),
        at(20, EventKind.BUILD_FINISHED, data={"build": a_build(pipeline_seconds=4.0).document()}),
        at(30, EventKind.APPROVAL_ASKED, subject=request.id),
        at(50.5, EventKind.APPROVAL_ANSWERED, data={"approval": answered.document()}),
        finished(0, 100),
    ]
    told = trace(STORY, events)
    assert (told.elapsed, told.working, told.people) == (100.0, 10.0, 20.0)
    assert told.orchestration == 70.0


def test_two_runs_at_the_same_time_count_once() -> None:
    assert trace(STORY, [finished(0, 10), finished(5, 20)]).elapsed == 20.0


def test_the_digest_is_on_every_line_that_is_about_it() -> None:
    report = DeployReport(
        bundle="b" * 64, environment="prod", cluster="prod-private", warrant="w",
        outcome=DeployOutcome.DEPLOYED, reason="", started_at=NOW, finished_at=NOW,
        components=[ComponentState(name="order-gateway", digest=DIGEST, configuration_sha256=None)],
    )  # fmt: skip
    events = [
        at(1, EventKind.BUILD_FINISHED, data={"build": a_build().document()}),
        at(2, EventKind.DEPLOYMENT_FINISHED, data={"report": report.document()}),
    ]
    assert render(trace(STORY, events)).count(DIGEST) == 2


def test_a_deployment_that_nobody_lived_to_report_is_told_as_abandoned() -> None:
    event = at(
        1,
        EventKind.DEPLOYMENT_FAILED,
        environment="prod",
        cluster="prod-private",
        data={"outcome": "abandoned"},
    )
    assert [step.what for step in trace(STORY, [event]).steps] == ["abandoned"]


def test_the_states_of_all_clusters_stand_on_one_line_with_the_reasons() -> None:
    clusters = [
        {"cluster": "prod-private", "state": "ok", "why": "they serve"},
        {"cluster": "prod-huawei", "state": "unknown", "why": "did not answer for 20 s"},
        {"cluster": "prod-industry", "state": "unknown", "why": "waits", "begun": False},
    ]
    data = {"operation": "deploy", "sentence": "partial", "clusters": clusters}
    event = at(1, EventKind.ROLLOUT_CONCLUDED, environment="prod", data=data)
    (step,) = trace(STORY, [event]).steps
    assert step.what == "clusters"
    assert step.detail.startswith("prod: prod-private ok, prod-huawei unknown, prod-industry not started")
    assert "prod-huawei: did not answer for 20 s" in step.detail


def test_a_story_without_events_has_an_empty_trace() -> None:
    assert trace(STORY, []).elapsed == 0.0
