"""What a story waits for and where it stands, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import NOW, a_bundle, a_request, an_approval, the_catalogue
from hummingbird.cockpit.standing import cell
from hummingbird.cockpit.waiting import Now, now_of, open_wait, told_by, wait_sentence
from hummingbird.core.approval import ApprovalRequest, Decision, Signature
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent

KEY = "HB-101"
CATALOGUE = the_catalogue()
PROD = CATALOGUE.environment("prod")
PARTS = {"b1": {"order-gateway": "1.1.0", "quote-service": "1.0.0"}, "b2": {"order-gateway": "1.2.0"}}


def recorded(kind: EventKind, data: dict[str, Any], subject: str = "x") -> RecordedEvent:
    event = DeliveryEvent(kind=kind, key="key", subject=subject, actor="platform", data=data)
    return RecordedEvent(sequence=9, at=NOW, event=event, envelope={}, previous_hash="p", hash="h")


def row(kind: EventKind, sequence: int = 1, **fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("bundle", "environment", "cluster", "run", "subject", "key"))
    return {**empty, "kind": kind.value, "sequence": sequence, "at": NOW, "story": KEY, **fields}


def question() -> ApprovalRequest:
    roles = PROD.approval.roles
    return a_request(a_bundle(), signatures=[Signature(number=n, role=r) for n, r in enumerate(roles)])


def test_a_question_names_roles_people_and_times() -> None:
    request = question()
    wait = open_wait(CATALOGUE, recorded(EventKind.APPROVAL_ASKED, {"request": request.document()}), [], NOW)
    assert wait is not None
    told = wait_sentence(CATALOGUE, wait, NOW)
    assert told == (
        "waits for Release approver and Operations approver to sign for Production (周航 or 孙浩), "
        "since 2026-11-23 09:55 (5 min); asked by 王磊, valid until 2026-11-24 10:00"
    )


def test_a_question_of_an_emergency_names_its_incident() -> None:
    emergency = {"incident": "OPS-9", "reason": "客户无法撤单，每分钟都有损失"}
    document = question().document() | {"emergency": emergency}
    wait = open_wait(CATALOGUE, recorded(EventKind.APPROVAL_ASKED, {"request": document}), [], NOW)
    assert wait is not None
    assert "to sign for Production in emergency OPS-9" in wait_sentence(CATALOGUE, wait, NOW)


def test_who_signed_is_told_and_no_longer_waited_for() -> None:
    request = question()
    given = [an_approval(request, 0, "release_approver").document()]
    wait = open_wait(
        CATALOGUE, recorded(EventKind.APPROVAL_ASKED, {"request": request.document()}), given, NOW
    )
    assert wait is not None
    assert wait.missing == ("Operations approver",)
    assert "周航 as Release approver signed" in wait_sentence(CATALOGUE, wait, NOW)


@pytest.mark.parametrize("end", ["all signed", "rejected", "expired", "no request"])
def test_nobody_is_waited_for_when_the_question_is_over(end: str) -> None:
    request, given, now = question(), [], NOW
    data: dict[str, Any] = {"request": request.document()}
    if end == "all signed":
        given = [
            an_approval(request, n, p).document()
            for n, p in enumerate(("release_approver", "operations_approver"))
        ]
    if end == "rejected":
        given = [an_approval(request, 0, "release_approver", decision=Decision.REJECTED).document()]
    if end == "expired":
        now = request.expires_at
    if end == "no request":
        data = {"request": "?"}
    assert open_wait(CATALOGUE, recorded(EventKind.APPROVAL_ASKED, data), given, now) is None


def test_a_run_is_under_way_until_it_tells_its_end_and_is_silent_after_a_day() -> None:
    rows = [
        row(EventKind.RUN_ADMITTED, 1, run="test_deploy/r"),
        row(EventKind.RUN_ADMITTED, 2, run="scan/r__scan"),
    ]
    flying = now_of(KEY, rows, [], [], NOW + timedelta(minutes=3))
    assert (flying.word, flying.run) == ("RUNNING", "test_deploy/r")
    assert flying.sentence.endswith("(3 min), now at scan")
    assert now_of(KEY, rows, [], [], NOW + timedelta(hours=25)).word == "SILENT"
    ended = [
        *rows,
        row(EventKind.RUN_FINISHED, 3, run="scan/r__scan"),
        row(EventKind.RUN_REFUSED, 4, run="test_deploy/r"),
    ]
    assert now_of(KEY, ended, [], [], NOW) == Now("", "", "test_deploy/r", 4)


def test_a_gate_that_waits_says_why_and_an_open_one_does_not() -> None:
    rows = [
        row(EventKind.RUN_ADMITTED, 1, run="prod_deploy/r"),
        row(EventKind.GATES_DECIDED, 2, run="prod_deploy/r"),
    ]
    flying = now_of(KEY, rows, [], [], NOW)
    assert flying.document == 2
    answer = {"gate": "window_open", "state": "waiting", "why": "opens next at 18:00"}
    shut = told_by(flying, recorded(EventKind.GATES_DECIDED, {"verdict": {"answers": [answer]}}))
    assert (shut.word, shut.sentence.endswith("window_open: opens next at 18:00")) == ("WAITING", True)
    assert told_by(flying, recorded(EventKind.GATES_DECIDED, {"verdict": None})).word == "RUNNING"


def test_the_last_run_s_line_is_told_and_a_refusal_s_reason() -> None:
    last = Now("", "", "prod_deploy/r", 4)
    done = told_by(last, recorded(EventKind.RUN_FINISHED, {"line": "DONE: all of it"}))
    assert (done.word, done.sentence) == ("DONE", "prod_deploy: all of it")
    refused = told_by(last, recorded(EventKind.RUN_REFUSED, {"why": "HB-101 is closed"}))
    assert (refused.word, refused.sentence) == ("REFUSED", "prod_deploy: HB-101 is closed")


def test_a_story_without_runs_of_its_own_names_the_one_it_travels_with() -> None:
    carried = [row(EventKind.DEPLOYMENT_FINISHED, story="HB-9", bundle="b1")]
    assert now_of(KEY, carried, [], [], NOW).companion == "HB-9"
    assert now_of(KEY, [], [], [], NOW).sentence == "the ledger has no run of it yet"


def deployed(
    cluster: str, bundle: str = "b1", kind: EventKind = EventKind.DEPLOYMENT_FINISHED, at: int = 1
) -> Any:
    return row(kind, at, bundle=bundle, environment="prod", cluster=cluster, run="prod_deploy/r")


def test_an_environment_is_told_in_one_word_by_all_its_clusters() -> None:
    clouds = PROD.clusters
    assert cell(PROD, [], PARTS).word == ""
    whole = cell(PROD, [deployed(each) for each in clouds], PARTS)
    assert (whole.word, whole.where) == ("serves", "serves in all 3 clusters")
    some = cell(PROD, [deployed(each) for each in clouds[:2]], PARTS)
    assert some.word == "partly"
    assert "prod-industry: not deployed" in some.where
    back = [deployed(clouds[0], kind=EventKind.DEPLOYMENT_ROLLED_BACK)]
    assert cell(PROD, back, PARTS).word == "rolled back"
    failed = [deployed(clouds[0], kind=EventKind.DEPLOYMENT_FAILED)]
    assert cell(PROD, failed, PARTS).word == "failed"


def test_a_component_that_failed_is_not_hidden_by_another_that_serves() -> None:
    rows = [
        deployed(each, kind=EventKind.DEPLOYMENT_ROLLED_BACK, at=n) for n, each in enumerate(PROD.clusters)
    ]
    rows += [deployed(each, bundle="b2", at=9) for each in PROD.clusters]
    assert cell(PROD, rows, PARTS).word == "rolled back", "quote-service of b1 is still back"
    assert cell(PROD, [*rows, *(deployed(each, at=10) for each in PROD.clusters)], PARTS).word == "serves"
