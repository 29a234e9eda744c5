"""Invented history: plausible, repeatable by its seed, of the real shapes, never mistaken for real."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from builders import the_catalogue
from hummingbird.core.approval import Approval, ApprovalRequest, Decision, RequestState
from hummingbird.core.artifact import Build
from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import canonical_json
from hummingbird.core.deployment import DeployReport, Standing
from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.gate import Verdict
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.observation import Observation
from hummingbird.core.plan import Plan
from hummingbird.core.regression import NewlyFailing, NightPlan, PastNight
from hummingbird.core.synthetic import is_synthetic
from hummingbird.core.warrant import SignedWarrant, Warrant
from hummingbird.history.fates import CYCLES, Fate
from hummingbird.history.invent import Wish, invent
from hummingbird.paths.trace import render, trace
from unit.history.invented import LAST_DAY, a_wish, moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
OBSERVATION: TypeAdapter[Any] = TypeAdapter(Observation)
STANDINGS = TypeAdapter(list[Standing])


def of(*kinds: EventKind) -> list[DeliveryEvent]:
    return [moment.event for moment in moments() if moment.event.kind in kinds]


def test_the_same_seed_is_the_same_history_and_another_is_another() -> None:
    assert tuple(invent(a_wish(), the_catalogue())) == moments()
    other = next(invent(a_wish(seed=17), the_catalogue()))
    assert other != moments()[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_there_are_exactly_as_many_cycles_as_asked_for(seed: int) -> None:
    wish = a_wish(seed, cycles=60, components=3)
    ended = [m.event for m in invent(wish, the_catalogue()) if m.event.kind is EventKind.ROLLOUT_CONCLUDED]
    cycles = {(event.bundle, event.environment, event.data["operation"]) for event in ended}
    assert len(cycles) == 60
    assert len(ended) >= 60


def test_every_event_says_that_it_is_invented() -> None:
    assert all(is_synthetic(moment.event.actor) for moment in moments())
    assert {moment.event.data["synthetic"] for moment in moments()} == {"generated with seed 85"}


def test_no_person_of_the_catalogue_is_said_to_have_done_anything() -> None:
    written = str([moment.event.document() for moment in moments()])
    assert "syn_release_manager_1" in written
    for person in the_catalogue().persons.values():
        assert person.title not in written
        assert f"'{person.name}'" not in written.replace(f"'role': '{person.name}'", "")


def test_keys_are_used_once_and_time_goes_forward_to_the_last_day() -> None:
    keys = Counter(moment.event.key for moment in moments())
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(before.at <= after.at for before, after in pairwise(moments()))
    assert moments()[-1].at.astimezone(SHANGHAI).date() <= LAST_DAY


def _check_bundle(event: DeliveryEvent) -> None:
    assert Bundle.model_validate(event.data["bundle"]).sha256 == event.bundle == event.subject


def _check_plan(event: DeliveryEvent) -> None:
    plan = Plan.model_validate(event.data["plan"])
    assert (f"{plan.dag_id}/{plan.run_id}", plan.story.key) == (event.run, event.story)


def _check_request(event: DeliveryEvent) -> None:
    request = ApprovalRequest.model_validate(event.data["request"])
    assert (request.id, request.bundle, request.asked_by) == (event.subject, event.bundle, event.run)


def _check_warrant(event: DeliveryEvent) -> None:
    warrant = Warrant.model_validate(event.data["warrant"])
    signed = SignedWarrant.model_validate(event.data["signed"])
    assert base64.b64decode(signed.payload) == canonical_json(warrant.document())
    assert (signed.signature, signed.key_id) == ("synthetic", "synthetic")


def _check_deployment(event: DeliveryEvent) -> None:
    report = DeployReport.model_validate(event.data["report"])
    assert (report.bundle, report.cluster) == (event.bundle, event.cluster)
    assert report.started_at < report.finished_at


def _check_provenance(event: DeliveryEvent) -> None:
    Build.model_validate(event.data["build"])
    assert event.data["envelope"]["signatures"] == [{"keyid": "synthetic", "sig": "synthetic"}]


def _check_night(event: DeliveryEvent) -> None:
    StoredNight.model_validate({name: event.data[name] for name in StoredNight.model_fields})
    night = PastNight.model_validate(event.data["night"])
    assert night.totals.complete
    assert event.data["selected"] == event.data["executed"] == night.totals.selected
    [NewlyFailing.model_validate(one) for one in event.data["newly_failing"]]
    assert event.data["case_seconds"] < event.data["seconds"] * event.data["pods"]


def _check_named(*names: str) -> Callable[[DeliveryEvent], None]:
    def check(event: DeliveryEvent) -> None:
        assert set(event.data) >= set(names)

    return check


def _check_as(record: Any, field: str) -> Callable[[DeliveryEvent], None]:
    return lambda event: record.model_validate(event.data[field])


SHAPES: dict[EventKind, Callable[[DeliveryEvent], Any]] = {
    EventKind.WEBHOOK_RECEIVED: _check_named(
        "project", "flow", "event", "branch", "before", "after", "commits"
    ),
    EventKind.RUN_ADMITTED: _check_plan,
    EventKind.RUN_REFUSED: _check_named("why", "story"),
    EventKind.RUN_FINISHED: lambda event: datetime.fromisoformat(event.data["started_at"]),
    EventKind.SCAN_FINISHED: _check_as(ScanReport, "report"),
    EventKind.BUILD_FINISHED: _check_as(Build, "build"),
    EventKind.PROVENANCE_SIGNED: _check_provenance,
    EventKind.BUNDLE_SEALED: _check_bundle,
    EventKind.GATES_DECIDED: _check_as(Verdict, "verdict"),
    EventKind.APPROVAL_ASKED: _check_request,
    EventKind.APPROVAL_ANSWERED: _check_as(Approval, "approval"),
    EventKind.APPROVAL_CLOSED: lambda event: RequestState(event.data["state"]),
    EventKind.ARTIFACTS_PROMOTED: _check_named("images", "packages"),
    EventKind.WARRANT_ISSUED: _check_warrant,
    EventKind.WARRANT_CONSUMED: _check_named("approval"),
    EventKind.DEPLOYMENT_FINISHED: _check_deployment,
    EventKind.DEPLOYMENT_ROLLED_BACK: _check_deployment,
    EventKind.ROLLOUT_CONCLUDED: lambda event: STANDINGS.validate_python(event.data["clusters"]),
    EventKind.SUITE_FINISHED: _check_as(SuiteReport, "report"),
    EventKind.REGRESSION_STARTED: _check_as(NightPlan, "plan"),
    EventKind.REGRESSION_FINISHED: _check_night,
    EventKind.METRICS_OBSERVED: lambda event: OBSERVATION.validate_python(event.data["observation"]),
    EventKind.CHANGE_MERGED: _check_named("project", "branch", "target", "commit", "merge_request"),
    EventKind.CHANGE_LEFT_OPEN: _check_named("project", "branch", "target", "commit", "why", "files"),
    EventKind.RELEASE_TAGGED: _check_named("tag", "commit", "branch"),
    EventKind.STORY_CLOSED: _check_named("resolution"),
}


def test_every_event_is_of_the_real_type() -> None:
    for moment in moments():
        event = DeliveryEvent.model_validate(moment.event.document())
        SHAPES[event.kind](event)
    assert {moment.event.kind for moment in moments()} == set(SHAPES)


def test_a_delivered_story_can_be_traced_from_its_push_to_production() -> None:
    story = of(EventKind.STORY_CLOSED)[0].story
    assert story is not None
    recorded = [
        RecordedEvent(sequence=n, at=m.at, event=m.event, envelope={}, previous_hash="", hash="")
        for n, m in enumerate(moments(), start=1)
        if m.event.story == story
    ]
    told = trace(story, recorded)
    steps = [step.what for step in told.steps]
    assert {"scan full", "build", "bundle sealed", "approval", "promoted", "deployed", "clusters"} <= set(
        steps
    )
    assert steps[-1] == "story closed" or "story closed" in steps
    assert min(told.working, told.people) > 0
    assert str(story) in render(told)


def test_a_retry_is_there_and_counts_once() -> None:
    runs = defaultdict(list)
    for event in of(EventKind.RUN_FINISHED):
        runs[event.run].append(event.data["line"].split(":")[0])
    assert ["BROKEN", "DONE"] in runs.values()
    partial = [e for e in of(EventKind.ROLLOUT_CONCLUDED) if e.data["sentence"].startswith("partial")]
    assert partial
    for event in partial:
        same = [
            e for e in of(EventKind.ROLLOUT_CONCLUDED) if (e.bundle, e.environment) == (event.bundle, "prod")
        ]
        assert len({one.run for one in same}) == 2


def test_what_ran_before_runs_again_after_a_rollback_and_a_hotfix_follows() -> None:
    undone = [e for e in of(EventKind.DEPLOYMENT_ROLLED_BACK) if e.environment == "prod"]
    assert {e.data["report"]["outcome"] for e in undone} == {"rolled_back", "deployed"}
    for event in undone:
        assert event.data["report"]["serves"] == event.data["report"]["predecessors"]
    hotfixes = [e for e in of(EventKind.RELEASE_TAGGED) if e.data["branch"].startswith("hotfix/")]
    assert {e.component for e in hotfixes} & {c for e in undone for c in e.data["report"]["serves"]}


def test_releases_of_two_components_travel_as_one_bundle() -> None:
    sealed = [Bundle.model_validate(e.data["bundle"]) for e in of(EventKind.BUNDLE_SEALED)]
    assert any(len(bundle.components) == 2 for bundle in sealed)


def test_people_answer_in_office_hours_and_sometimes_say_no() -> None:
    given = [Approval.model_validate(e.data["approval"]) for e in of(EventKind.APPROVAL_ANSWERED)]
    assert any(one.decision is Decision.REJECTED and one.reason for one in given)
    mends = {event.run for event in of(EventKind.RUN_ADMITTED) if _is_mend(event)}
    urgent = {
        request.id
        for request in (
            ApprovalRequest.model_validate(e.data["request"]) for e in of(EventKind.APPROVAL_ASKED)
        )
        if request.operation == "rollback" or request.asked_by in mends
    }
    for one in given:
        local = one.answered_at.astimezone(SHANGHAI)
        if one.request not in urgent:
            assert local.weekday() < 5
            assert 9 <= local.hour + local.minute / 60 < 18.5
            assert not 11.5 <= local.hour + local.minute / 60 < 13


def _is_mend(admitted: DeliveryEvent) -> bool:
    plan = Plan.model_validate(admitted.data["plan"])
    return any(one.branch.startswith("hotfix/") for one in plan.components)


def test_what_other_systems_say_is_collected_after_it_happened() -> None:
    seen = {moment.event.key for moment in moments()}
    assert len(seen) == len(moments())
    served: set[str | None] = set()
    closed: set[str | None] = set()
    for moment in moments():
        if moment.event.kind is EventKind.STORY_CLOSED:
            served.add(moment.event.bundle)
            closed.add(moment.event.story)
        if moment.event.kind is EventKind.METRICS_OBSERVED:
            told = moment.event.data["observation"]
            assert told.get("bundle") in served or told["about"] != "commits"
            assert told.get("story") in closed or told["about"] != "story"
            assert all(datetime.fromisoformat(one["at"]) < moment.at for one in told.get("commits", []))


def test_some_stories_are_without_value_and_some_incidents_have_a_cause() -> None:
    told = [event.data["observation"] for event in of(EventKind.METRICS_OBSERVED)]
    values = [one["value"] for one in told if one["about"] == "story"]
    assert None in values
    assert any(values)
    assert any(one["caused_by"] for one in told if one["about"] == "incident")


def test_a_night_tests_what_ran_in_test_by_then() -> None:
    ran: dict[str, str | None] = {}
    for moment in moments():
        event = moment.event
        if event.kind is EventKind.DEPLOYMENT_FINISHED and event.environment == "test":
            ran.update(dict.fromkeys(event.data["report"]["serves"], event.bundle))
        if event.kind is EventKind.REGRESSION_STARTED:
            plan = NightPlan.model_validate(event.data["plan"])
            assert {one.name: one.bundle for one in plan.components} == ran


def test_somebody_is_waited_for_when_the_history_ends() -> None:
    closed = {event.subject for event in of(EventKind.APPROVAL_CLOSED)}
    waiting = [event for event in of(EventKind.APPROVAL_ASKED) if event.subject not in closed]
    assert waiting
    last = moments()[-1].at
    for event in waiting:
        asked = ApprovalRequest.model_validate(event.data["request"]).asked_at
        assert last - asked < timedelta(days=1)


def test_every_fate_has_its_number_of_cycles() -> None:
    assert set(CYCLES) == set(Fate)


@pytest.mark.parametrize(("cycles", "components"), [(5, 2), (300, 0), (300, 241)])
def test_a_wish_that_cannot_be_had_is_refused(cycles: int, components: int) -> None:
    with pytest.raises(Invalid, match="--c"):
        list(invent(Wish(1, cycles, components, a_wish().days), the_catalogue()))


def test_too_few_days_are_refused_with_the_mend() -> None:
    with pytest.raises(Invalid, match="more --days"):
        list(invent(Wish(1, 900, 2, a_wish().days[-25:]), the_catalogue()))
