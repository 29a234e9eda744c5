"""Approvals: what counts as one, and everything that does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.ledger.verify import rows_of, verify
from unit.notary.delivery_samples import COMMIT, FINDING, a_bundle, a_story
from unit.notary.scene import Scene

RUN = "test_deploy/HB-101.1"
PROD = "prod_deploy/HB-101.1"
EVERYWHERE = "prod-private, prod-huawei, prod-industry"


@pytest.fixture
def in_test(scene: Scene) -> Scene:
    """A bundle that runs in test, and an admitted production run."""
    scene.through_test(a_bundle())
    scene.admit(PROD, bundle=a_bundle().sha256, environment="prod")
    return scene


def refused(response: Any, sentence: str) -> None:
    assert response.status_code == 409, response.text
    error = response.json()["error"]
    assert error["kind"] == "Refused"
    assert sentence in error["message"]


def test_a_request_carries_three_lines_made_from_the_ledger(in_test: Scene) -> None:
    brief = in_test.ask(a_bundle(), "prod", PROD).json()["request"]["brief"]
    assert brief["changes"] == "HB-101 限价单校验: order-gateway 1.4.0 (commit aaaaaaaa, 3 commits)"
    assert (
        brief["different"]
        == f"{EVERYWHERE}: order-gateway does not run here yet; this is its first deployment"
    )
    assert brief["risk"] == (
        "first deployment: there is nothing to roll back to; no open finding; 9 suite tests green in test"
    )
    details = "\n".join(brief["details"])
    assert a_bundle().sha256 in details
    assert "order-gateway authors developer@hummingbird.example" in details
    assert "order-gateway full scan: 0 findings, unit tests 12 run, 0 failed, 1 skipped" in details


def test_asking_again_finds_the_same_request_and_another_run_asks_anew(in_test: Scene) -> None:
    first = in_test.ask(a_bundle(), "prod", PROD)
    again = in_test.ask(a_bundle(), "prod", PROD)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    in_test.admit("prod_deploy/HB-101.2")
    assert in_test.ask(a_bundle(), "prod", "prod_deploy/HB-101.2").json()["id"] != first.json()["id"]


def test_two_people_of_the_right_roles_approve(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    first = in_test.sign(identity, 1, "release_approver")
    assert (first.json()["state"], first.json()["why"]) == ("open", "waits for operations_approver")
    second = in_test.sign(identity, 2, "operations_approver").json()
    assert second["state"] == "approved"
    assert [a["person"] for a in second["approvals"]] == ["release_approver", "operations_approver"]
    assert second["approvals"][0]["source"].endswith("/tasks/sign/mapped/0/required_actions")
    assert in_test.kinds(subject=identity)[-1] == "APPROVAL_CLOSED"


def test_the_same_answer_read_again_is_one_approval(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    in_test.sign(identity, 1, "release_approver")
    assert in_test.sign(identity, 1, "release_approver").status_code == 200
    assert in_test.kinds(subject=identity).count("APPROVAL_ANSWERED") == 1


def test_a_rejection_needs_a_reason_and_closes_the_request(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    refused(
        in_test.sign(identity, 1, "release_approver", "Reject", reason=" \n"), "a rejection needs a reason"
    )
    status = in_test.sign(identity, 1, "release_approver", "Reject", reason="收盘前不上线").json()
    assert (status["state"], status["why"]) == (
        "rejected",
        "release_approver (release_approver) rejected: 收盘前不上线",
    )
    refused(in_test.sign(identity, 2, "operations_approver"), "the request is rejected")


@pytest.mark.parametrize(
    ("user", "fields", "sentence"),
    [
        ("operations_approver", {}, "does not have the role release_approver now"),
        ("stranger", {}, "is no person of the catalogue"),
        ("RELEASE_MANAGER", {}, "does not have the role"),
        ("release_approver", {"dag_id": "lookalike"}, "answers are given in DAG approval"),
        ("release_approver", {"conf": {"request": "f" * 32}}, "asks about another request"),
        ("release_approver", {"conf": None}, "asks about another request"),
        ("release_approver", {"subject": "HB-101 something else"}, "does not name this request"),
        ("release_approver", {"responded_by_user": None}, "marking is not an approval; answer here: http"),
        ("release_approver", {"response_received": False}, "marking is not an approval; answer here: http"),
        ("release_approver", {"chosen_options": ["Approve", "Reject"]}, "neither Approve nor Reject"),
        ("release_approver", {"chosen_options": ["approve"]}, "neither Approve nor Reject"),
        ("release_approver", {"triggering_user_name": "release_approver"}, "asked for this; another person"),
    ],
)
def test_an_answer_that_does_not_count_is_refused_and_recorded(
    in_test: Scene, user: str, fields: dict[str, Any], sentence: str
) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    refused(in_test.sign(identity, 1, user, **fields), sentence)
    refused(in_test.sign(identity, 1, user, **fields), sentence)
    assert in_test.kinds(subject=identity) == ["APPROVAL_ASKED", "APPROVAL_REFUSED"]
    assert in_test.get(f"/approvals/{identity}").json()["state"] == "open"


def test_a_prompt_that_does_not_exist_is_no_answer(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    place = {"number": 1, "dag_id": "approval", "run_id": "nowhere", "task_id": "sign", "map_index": 0}
    refused(in_test.post(f"/approvals/{identity}/answers", place), "marking is not an approval")


def test_an_airflow_that_does_not_answer_leaves_the_request_open(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    in_test.airflow.broken = True
    answer = in_test.sign(identity, 1, "release_approver")
    assert answer.status_code == 503
    assert in_test.kinds(subject=identity) == ["APPROVAL_ASKED"]
    in_test.airflow.broken = False
    assert in_test.sign(identity, 1, "release_approver").status_code == 200


def test_a_signature_or_a_request_that_does_not_exist_is_named(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    place = {"number": 3, "dag_id": "approval", "run_id": "r", "task_id": "sign", "map_index": 0}
    assert in_test.post(f"/approvals/{identity}/answers", place).status_code == 422
    assert in_test.post("/approvals/unknown/answers", place).status_code == 404
    traversal = place | {"number": 1, "run_id": "../../secrets"}
    assert in_test.post(f"/approvals/{identity}/answers", traversal).status_code == 422


def test_one_person_cannot_sign_twice_nor_the_requester_nor_an_author(scene: Scene) -> None:
    roles = scene.folder / "roles.yaml"
    everything = "roles: [release_approver, operations_approver]"
    for role in ("release_approver", "developer", "release_manager"):
        roles.write_text(roles.read_text("utf-8").replace(f"roles: [{role}]", everything), "utf-8")
    scene.through_test(a_bundle())
    scene.admit(PROD)
    identity = scene.ask(a_bundle(), "prod", PROD).json()["id"]
    refused(scene.sign(identity, 1, "release_manager"), "release_manager asked for this")
    refused(scene.sign(identity, 1, "Developer"), "developer wrote commits of this bundle")
    assert scene.sign(identity, 1, "release_approver").status_code == 200
    refused(scene.sign(identity, 2, "Release_Approver"), "signed this request already")
    assert scene.sign(identity, 2, "operations_approver").json()["state"] == "approved"


def test_a_role_taken_away_before_the_answer_arrives_counts_no_more(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    roles = in_test.folder / "roles.yaml"
    roles.write_text(
        roles.read_text("utf-8").replace("roles: [release_approver]", "roles: [auditor]"), "utf-8"
    )
    refused(in_test.sign(identity, 1, "release_approver"), "the policy changed since people were asked")


def test_new_evidence_voids_the_request(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    report = in_test.scan_report(a_bundle(), findings=(FINDING,))
    in_test.work(in_test.scan_job(a_bundle()), report, run="scan/HB-101.2")
    refused(in_test.sign(identity, 1, "release_approver"), "the evidence changed since people were asked")
    status = in_test.get(f"/approvals/{identity}").json()
    assert (status["state"], status["approvals"]) == ("void", [])
    assert "the evidence changed since people were asked" in status["why"]
    refused(in_test.sign(identity, 2, "operations_approver"), "the request is void")


def test_a_void_request_stays_void_when_the_policy_is_put_back(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    roles = in_test.folder / "roles.yaml"
    before = roles.read_text("utf-8")
    roles.write_text(before.replace("roles: [auditor]", "roles: [operations_approver]"), "utf-8")
    refused(in_test.sign(identity, 1, "release_approver"), "the policy changed since people were asked")
    roles.write_text(before, "utf-8")
    refused(in_test.sign(identity, 2, "operations_approver"), "the request is void")


def test_a_gate_that_is_shut_forbids_asking(in_test: Scene) -> None:
    report = in_test.scan_report(a_bundle(), findings=(FINDING,))
    in_test.work(in_test.scan_job(a_bundle()), report, run="scan/HB-101.2")
    response = in_test.ask(a_bundle(), "prod", PROD)
    refused(response, "findings_clear: order-gateway aaaaaaaa has 1 low findings")
    assert {a["gate"]: a["state"] for a in response.json()["verdict"]["answers"]}[
        "findings_clear"
    ] == "refused"


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        ("prod_deploy/forged", "run prod_deploy/forged was never admitted"),
        ("prod_deploy/other-story", "was admitted for HB-202; this bundle carries HB-101"),
        ("prod_deploy/other-bundle", "was admitted for bundle 000000000000"),
        ("prod_deploy/other-place", "was admitted for test, not prod"),
    ],
)
def test_a_run_that_was_not_admitted_for_this_gets_nothing(in_test: Scene, run: str, sentence: str) -> None:
    in_test.admit("prod_deploy/other-story", story=a_story("HB-202"))
    in_test.admit("prod_deploy/other-bundle", bundle="0" * 64)
    in_test.admit("prod_deploy/other-place", environment="test")
    refused(in_test.ask(a_bundle(), "prod", run, requester="auditor"), sentence)
    refused(in_test.warrant(a_bundle(), "prod", run), sentence)


def test_an_expired_request_takes_no_answer(in_test: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApprovalRule, "validity", property(lambda _: timedelta(0)))
    identity = in_test.ask(a_bundle(), "prod", PROD).json()["id"]
    assert in_test.get(f"/approvals/{identity}").json()["state"] == "expired"
    refused(in_test.sign(identity, 1, "release_approver"), "the request is expired")


def test_where_nobody_has_to_agree_the_request_is_approved_at_once(scene: Scene) -> None:
    run = "dev_deploy/HB-101.1"
    scene.admit(run, requester=None)
    scene.ready(a_bundle())
    status = scene.ask(a_bundle(), "dev", run).json()
    assert (status["state"], status["request"]["signatures"]) == ("approved", [])


def test_hostile_text_reaches_a_brief_only_as_plain_text(scene: Scene) -> None:
    scene.admit(RUN, story=a_story(title="<script>x</script>\x1b[31m\u202eevil\n# heading"))
    scene.ready(a_bundle())
    changes = scene.ask(a_bundle(), "test", RUN).json()["request"]["brief"]["changes"]
    assert "‹script›x‹/script› [31m evil # heading" in changes
    assert not set(changes) & set("<>\x1b\n\u202e`")


def test_the_brief_says_what_differs_from_what_runs_and_what_was_pushed_since(in_test: Scene) -> None:
    approval = in_test.approve(a_bundle(), "prod", PROD)
    in_test.promote(a_bundle(), "prod")
    in_test.deploy(a_bundle(), "prod", PROD, approval=approval)
    in_test.finish(PROD)
    newer = a_bundle("c" * 40, "1.5.0")
    in_test.through_test(newer, "test_deploy/HB-101.2")
    run = "prod_deploy/HB-101.2"
    in_test.admit(run)
    brief = in_test.ask(newer, "prod", run).json()["request"]["brief"]
    assert brief["different"] == (
        f"{EVERYWHERE}: order-gateway 1.4.0 → 1.5.0, image aaaaaaaaaaaa → cccccccccccc, configuration: ~limit"
    )
    assert brief["risk"].startswith(f"can be rolled back to bundle {a_bundle().sha256[:12]}; no open finding")
    assert newer.components[0].commit != COMMIT


def test_the_ledger_holds_after_all_of_it(in_test: Scene) -> None:
    in_test.approve(a_bundle(), "prod", PROD)
    with in_test.office.reading() as connection:
        assert verify(rows_of(connection)).wrong is None
        assert connection.execute(text("SELECT count(*) FROM ledger.event")).scalar_one() > 10
