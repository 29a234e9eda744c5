"""Each gate is open for what is in order, and says why it is not for what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import (
    COMMIT,
    DIGEST,
    NOW,
    a_build,
    a_bundle,
    a_calendar,
    a_component,
    a_finding,
    a_request,
    a_scan,
    a_story,
    a_suite,
    an_approval,
    the_catalogue,
    the_facts,
)
from hummingbird.core.approval import Decision
from hummingbird.core.environment import Freeze, WhenUnreachable
from hummingbird.core.finding import Severity, TestCounts
from hummingbird.core.gate import Released, SignedBuild, State, Verdict
from hummingbird.gates.registry import GATES, decide, gates_for

OTHER_COMMIT = "2" * 40
OTHER_DIGEST = "sha256:" + "c" * 64


@pytest.mark.parametrize("environment", ["dev", "test", "prod"])
def test_every_gate_of_an_environment_is_open_when_all_is_in_order(environment: str) -> None:
    facts = the_facts(environment)
    verdict = decide(gates_for(facts.environment, "deploy", "warrant"), facts)
    assert verdict.state is State.OPEN, verdict.sentence


def test_a_rollback_needs_something_that_ran_before_and_people_but_no_window() -> None:
    bundle = a_bundle()
    request = a_request(
        bundle,
        "prod",
        operation="rollback",
        signatures=[a_request(bundle).signatures[1].model_copy(update={"number": 0})],
    )
    closed = a_calendar(weekly={})
    facts = the_facts(
        "prod",
        bundle=bundle,
        operation="rollback",
        request=request,
        calendar=closed,
        approvals=[an_approval(request, 0, "operations_approver")],
    )
    names = gates_for(facts.environment, "rollback", "warrant")
    assert decide(names, facts).state is State.OPEN
    never = facts.model_copy(update={"has_run_before": False})
    assert decide(names, never).state is State.REFUSED


def test_where_nothing_is_promoted_a_rollback_does_not_ask_for_it() -> None:
    names = gates_for(the_catalogue().environment("dev"), "rollback", "warrant")
    assert names == ["ran_before", "build_signed"]


def a_doubt(doubt: str) -> SignedBuild:
    return SignedBuild(build=a_build(), provenance_verified=False, doubt=doubt)


def a_release(**changes: str) -> Released:
    fields = {"component": "order-gateway", "version": "1.1.0", "commit": COMMIT, "digest": DIGEST}
    return Released(**{**fields, **changes})


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("story_ready", {"stories": []}, "HB-101"),
    ("story_ready", {"stories": [a_story(closed=True)]}, "closed"),
    ("story_ready", {"stories": [a_story(status="To Do")]}, "'To Do'"),
    ("findings_clear", {"scans": []}, "no full scan"),
    ("findings_clear", {"scans": [a_scan(mode="incremental")]}, "no full scan"),
    ("findings_clear", {"scans": [a_scan(commit=OTHER_COMMIT)]}, "no full scan"),
    ("findings_clear", {"scans": [a_scan(scanners=[])]}, "proves nothing"),
    ("findings_clear", {"scans": [a_scan(findings=[a_finding(Severity.HIGH)])]}, "1 high"),
    ("findings_clear", {"scans": [a_scan(findings=[a_finding(Severity.MEDIUM)])]}, "1 medium"),
    ("findings_clear", {"scans": [a_scan(findings=[a_finding(Severity.LOW)])]}, "1 low"),
    ("unit_tests_green", {"scans": []}, "no unit test result"),
    ("unit_tests_green", {"scans": [a_scan(unit_tests=TestCounts(total=0, failed=0, skipped=0))]}, "no unit"),
    ("unit_tests_green", {"scans": [a_scan(unit_tests=TestCounts(total=3, failed=0, skipped=3))]}, "no unit"),
    ("unit_tests_green", {"scans": [a_scan(unit_tests=TestCounts(total=3, failed=1, skipped=0))]}, "1 of 3"),
    ("build_signed", {"builds": []}, "never built"),
    (
        "build_signed",
        {"builds": [SignedBuild(build=a_build(commit=OTHER_COMMIT), provenance_verified=True)]},
        "never built",
    ),
    (
        "build_signed",
        {"builds": [SignedBuild(build=a_build(), provenance_verified=False)]},
        "does not verify",
    ),
    (
        "build_signed",
        {"builds": [a_doubt("is not signed by the key of the builds")]},
        "is not signed by the key of the builds",
    ),
    ("build_signed", {"builds": [a_doubt("names another builder, x")]}, "names another builder, x"),
    ("build_signed", {"builds": [a_doubt("is for another commit, 22222222")]}, "is for another commit"),
    ("build_signed", {"released": [a_release(commit=OTHER_COMMIT)]}, "was released from 22222222"),
    ("build_signed", {"released": [a_release(digest=OTHER_DIGEST)]}, "it was built again"),
    ("passed_previous", {"deployed_environments": ["dev"]}, "never ran in test"),
    ("suites_green", {"suites": []}, "no suite"),
    ("suites_green", {"suites": [a_suite(a_bundle(), environment="dev")]}, "no suite"),
    (
        "suites_green",
        {"suites": [a_suite(a_bundle(), counts=TestCounts(total=9, failed=1, skipped=0))]},
        "not green",
    ),
    (
        "suites_green",
        {"suites": [a_suite(a_bundle(), counts=TestCounts(total=0, failed=0, skipped=0))]},
        "not green",
    ),
    ("approvals_complete", {"request": None}, "nobody was asked"),
    ("approvals_complete", {"evidence_hash": "d" * 64}, "the evidence changed"),
    ("approvals_complete", {"policy_version": "d" * 64}, "the policy changed"),
    ("approvals_complete", {"requester": "developer"}, "the requester changed"),
    ("approvals_complete", {"operation": "rollback"}, "the operation changed"),
    ("approvals_complete", {"now": NOW + timedelta(hours=25)}, "expired"),
    ("artifacts_promoted", {"promoted_clusters": []}, "was not promoted"),
    ("artifacts_promoted", {"promoted_clusters": ["prod-huawei", "prod-industry"]}, "for prod-private"),
    ("ran_before", {"has_run_before": False}, "nothing ran in prod before"),
    ("ran_before", {"clusters": []}, "runs in no cluster of prod any more"),
]


@pytest.mark.parametrize(("gate", "changes", "says"), REFUSALS)
def test_a_gate_refuses_and_says_why(gate: str, changes: dict[str, Any], says: str) -> None:
    answer = GATES[gate](the_facts("prod", **changes))
    assert answer.state is State.REFUSED
    assert says in answer.why


def test_a_digest_that_the_commit_did_not_build_is_refused() -> None:
    carried = a_component()
    swapped = a_bundle(
        carried.model_copy(update={"image": carried.image.model_copy(update={"digest": OTHER_DIGEST})})
    )
    answer = GATES["build_signed"](the_facts("prod", bundle=swapped))
    assert answer.state is State.REFUSED
    assert "cccc" in answer.why


def test_a_version_that_was_released_may_be_carried_again_as_it_was_and_only_so() -> None:
    again = the_facts("prod", released=[a_release()])
    assert GATES["build_signed"](again).state is State.OPEN
    of_another = the_facts("prod", released=[a_release(version="1.0.0", commit=OTHER_COMMIT)])
    assert GATES["build_signed"](of_another).state is State.OPEN


def test_neither_the_first_environment_nor_the_way_back_is_shut_by_a_released_version() -> None:
    changed = [a_release(digest=OTHER_DIGEST)]
    assert GATES["build_signed"](the_facts("dev", released=changed)).state is State.OPEN
    back = the_facts("prod", released=changed, operation="rollback")
    assert GATES["build_signed"](back).state is State.OPEN


def test_an_approval_of_another_bundle_does_not_count() -> None:
    facts = the_facts("prod")
    other = a_bundle(a_component(version="9.9.9"))
    answer = GATES["approvals_complete"](facts.model_copy(update={"bundle": other}))
    assert answer.state is State.REFUSED
    assert "the bundle changed" in answer.why


def test_a_missing_signature_is_waited_for_by_role() -> None:
    facts = the_facts("prod")
    answer = GATES["approvals_complete"](facts.model_copy(update={"approvals": facts.approvals[:1]}))
    assert answer.state is State.WAITING
    assert "operations_approver" in answer.why


def test_one_person_cannot_give_two_signatures() -> None:
    facts = the_facts("prod")
    request = facts.request
    assert request is not None
    twice = [an_approval(request, 0, "release_approver"), an_approval(request, 1, "release_approver")]
    answer = GATES["approvals_complete"](facts.model_copy(update={"approvals": twice}))
    assert answer.state is State.REFUSED
    assert "one person" in answer.why


def test_the_requester_cannot_sign() -> None:
    facts = the_facts("prod")
    request = facts.request
    assert request is not None
    own = [an_approval(request, 0, "release_manager"), an_approval(request, 1, "operations_approver")]
    answer = GATES["approvals_complete"](facts.model_copy(update={"approvals": own}))
    assert answer.state is State.REFUSED
    assert "another person must sign" in answer.why


def test_a_rejection_is_told_with_its_reason() -> None:
    facts = the_facts("prod")
    request = facts.request
    assert request is not None
    no = an_approval(request, 0, "release_approver", decision=Decision.REJECTED, reason="too late today")
    answer = GATES["approvals_complete"](facts.model_copy(update={"approvals": [no]}))
    assert answer.state is State.REFUSED
    assert "too late today" in answer.why


def test_a_request_that_asked_fewer_roles_than_the_policy_is_refused() -> None:
    facts = the_facts("prod")
    request = facts.request
    assert request is not None
    fewer = request.model_copy(update={"signatures": request.signatures[:1]})
    answer = GATES["approvals_complete"](
        facts.model_copy(update={"request": fewer, "approvals": [an_approval(fewer, 0, "release_approver")]})
    )
    assert answer.state is State.REFUSED
    assert "roles" in answer.why


def test_outside_the_hours_the_window_waits_and_says_when_it_opens() -> None:
    answer = GATES["window_open"](the_facts("prod", calendar=a_calendar()))  # Monday 10:00 in Shanghai
    assert answer.state is State.WAITING
    assert "2026-11-23 18:00" in answer.why


def test_inside_the_hours_the_window_is_open() -> None:
    evening = NOW.replace(hour=11)  # 19:00 in Shanghai
    assert GATES["window_open"](the_facts("prod", now=evening, calendar=a_calendar())).state is State.OPEN


def test_a_freeze_closes_open_hours_and_names_its_reason() -> None:
    freeze = Freeze(reason="年终结算", begins="2026-11-23T00:00:00+08:00", ends="2026-11-24T20:00:00+08:00")
    evening = NOW.replace(hour=11)
    answer = GATES["window_open"](the_facts("prod", now=evening, calendar=a_calendar(freezes=[freeze])))
    assert answer.state is State.WAITING
    assert "年终结算" in answer.why
    assert "2026-11-24 20:00" in answer.why


def test_a_calendar_that_never_opens_says_so() -> None:
    answer = GATES["window_open"](the_facts("prod", calendar=a_calendar(weekly={})))
    assert answer.state is State.WAITING
    assert "not within" in answer.why


def test_a_verdict_without_answers_is_refused() -> None:
    assert Verdict(answers=[]).state is State.REFUSED


def test_gates_that_need_people_are_not_asked_before_people_are() -> None:
    environment = the_catalogue().environment("prod")
    before = gates_for(environment, "deploy", "ask")
    assert "approvals_complete" not in before
    assert "findings_clear" in before


def test_an_unknown_gate_is_an_error_and_not_skipped() -> None:
    with pytest.raises(KeyError):
        decide(["no_such_gate"], the_facts("prod"))


def test_a_later_cluster_without_its_artifacts_is_left_out_where_the_others_proceed() -> None:
    facts = the_facts("prod", promoted_clusters=["prod-private", "prod-industry"])
    answer = GATES["artifacts_promoted"](facts)
    assert (answer.state, "prod-huawei: left out" in answer.why) == (State.OPEN, True)
    stops = facts.environment.model_copy(update={"when_unreachable": WhenUnreachable.STOP})
    assert GATES["artifacts_promoted"](facts.model_copy(update={"environment": stops})).state is State.REFUSED


def test_only_the_clusters_in_question_must_have_their_artifacts() -> None:
    facts = the_facts("prod", promoted_clusters=["prod-huawei"], clusters=["prod-huawei"])
    assert GATES["artifacts_promoted"](facts).state is State.OPEN
