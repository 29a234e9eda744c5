"""What was signed or asked may be taken back until a pod has used it; what is withdrawn never counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.event import EventKind
from hummingbird.ledger.verify import rows_of, verify
from hummingbird.notary import usher
from unit.notary.delivery_samples import a_bundle, deploy_report, open_warrant
from unit.notary.scene import Scene
from unit.notary.test_notary_turns import opens_in, set_calendar
from waiting import until

RUN = "prod_deploy/HB-101.1"


@pytest.fixture
def in_test(scene: Scene) -> Scene:
    """A bundle that runs in test and is promoted, and an admitted production run."""
    scene.through_test(a_bundle())
    scene.promote(a_bundle(), "prod")
    scene.admit(RUN, bundle=a_bundle().sha256, environment="prod")
    return scene


def message(answer: Any) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["message"])


def warranted(scene: Scene) -> tuple[str, dict[str, Any]]:
    """The approval and the open warrant of the production run."""
    approval = scene.approve(a_bundle(), "prod", RUN)
    signed = scene.warrant(a_bundle(), "prod", RUN, approval=approval)
    assert signed.status_code == 201, signed.text
    return approval, signed.json()


def pod(scene: Scene, signed: dict[str, Any], cluster: str) -> tuple[Any, str]:
    job = scene.deploy_job(signed, cluster)
    return job, str(scene.ticket(job, run=RUN, task=f"deploy-{cluster}").json()["token"])


def test_a_signer_takes_the_signature_back_and_the_question_is_over(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    in_test.sign(identity, 1, "release_approver")
    in_test.airflow.prompt(identity, 2)
    (taken,) = in_test.take_back(
        "Release_Approver", conf={"reason": "wrong limit\n{{ var.value.key }}"}
    ).json()
    sentence = (
        "release_approver took the signature back: wrong limit {{ var.value.key }}; a new run asks again"
    )
    assert (taken["id"], taken["state"], taken["why"]) == (identity, "withdrawn", sentence)
    assert "the request is withdrawn" in message(in_test.sign(identity, 2, "operations_approver"))
    until(lambda: not in_test.airflow.open_prompts("approval"))
    (closed,) = in_test.get("/events", kind=EventKind.APPROVAL_CLOSED.value, subject=identity).json()
    assert closed["event"]["data"]["state"] == "withdrawn"
    (told,) = in_test.get("/events", kind=EventKind.APPROVAL_WITHDRAWN.value).json()
    assert (told["event"]["actor"], told["event"]["data"]["withdrawal"]["run"]) == (
        "release_approver",
        "withdraw/manual__1",
    )


def test_a_requester_withdraws_the_question_and_another_run_asks_anew(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    (taken,) = in_test.take_back("release_manager").json()
    assert taken["why"] == "release_manager withdrew the question: wrong limit; a new run asks again"
    assert in_test.ask(a_bundle(), "prod", RUN).json()["state"] == "withdrawn"
    second = "prod_deploy/HB-101.2"
    in_test.admit(second, bundle=a_bundle().sha256, environment="prod")
    approval = in_test.approve(a_bundle(), "prod", second)
    assert approval != identity
    in_test.deploy(a_bundle(), "prod", second, approval=approval)


def test_a_withdrawn_approval_gets_no_warrant(in_test: Scene) -> None:
    approval = in_test.approve(a_bundle(), "prod", RUN)
    assert in_test.take_back("operations_approver").status_code == 200
    refused = message(in_test.warrant(a_bundle(), "prod", RUN, approval=approval))
    assert "approvals_complete: operations_approver took the signature back: wrong limit" in refused
    assert in_test.kinds(run=RUN).count("WARRANT_ISSUED") == 0


def test_a_warrant_is_refused_to_the_pod_once_a_signer_took_back(in_test: Scene) -> None:
    _, signed = warranted(in_test)
    _, token = pod(in_test, signed, "prod-private")
    assert in_test.take_back("release_approver").status_code == 200
    answer = in_test.consume(token, open_warrant(signed).id, "prod-private")
    assert "took the signature back" in message(answer)
    assert in_test.kinds(run=RUN).count("WARRANT_CONSUMED") == 0


def test_taking_back_stops_the_clusters_that_have_not_begun_and_no_other(in_test: Scene) -> None:
    _, signed = warranted(in_test)
    warrant = open_warrant(signed)
    job, first = pod(in_test, signed, "prod-private")
    assert in_test.consume(first, warrant.id, "prod-private").status_code == 200
    (taken,) = in_test.take_back("release_approver").json()
    assert "(it had begun in prod-private); a new run asks again" in taken["why"]
    assert in_test.put(first, deploy_report(job, warrant, "deployed")).status_code == 201
    _, second = pod(in_test, signed, "prod-huawei")
    assert "took the signature back" in message(in_test.consume(second, warrant.id, "prod-huawei"))


def test_what_is_used_cannot_be_taken_back(in_test: Scene) -> None:
    approval = in_test.approve(a_bundle(), "prod", RUN)
    in_test.deploy(a_bundle(), "prod", RUN, approval=approval)
    refused = message(in_test.take_back("release_approver"))
    assert "has begun in prod-huawei, prod-industry, prod-private: nothing is left to stop" in refused
    assert in_test.get(f"/approvals/{approval}").json()["state"] == "approved"


@pytest.mark.parametrize(
    ("user", "fields", "why"),
    [
        ("compliance", {}, "compliance neither asked for the deploy to prod nor signed it"),
        ("operations_approver", {}, "operations_approver neither asked for the deploy to prod nor signed it"),
        ("stranger", {}, "is no person of the catalogue"),
        ("platform", {}, "is no person of the catalogue"),
        (None, {}, "was not started by a person"),
        ("release_approver", {"run_type": "operator_triggered"}, "was not started by a person"),
        ("release_approver", {"conf": {"reason": " \n\u202e"}}, "needs a reason"),
        ("release_approver", {"conf": {"story": "HB-101; DROP"}}, "is not a Jira key"),
        ("release_approver", {"conf": {"story": "HB-999"}}, "nobody was asked about HB-999"),
        ("release_approver", {"conf": {"environment": "dev"}}, "nobody was asked about HB-101 for dev"),
    ],
)
def test_nobody_takes_back_what_is_not_theirs(
    in_test: Scene, user: str | None, fields: dict[str, Any], why: str
) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    in_test.sign(identity, 1, "release_approver")
    assert why in message(in_test.take_back(user, **fields))
    assert in_test.get(f"/approvals/{identity}").json()["state"] == "open"
    assert in_test.sign(identity, 2, "operations_approver").json()["state"] == "approved"


def test_what_conf_says_of_a_user_counts_for_nothing(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    forged = {"user": "release_manager", "triggering_user_name": "release_manager", "requester": "x"}
    assert "compliance neither asked" in message(in_test.take_back("compliance", conf=forged))
    assert in_test.get(f"/approvals/{identity}").json()["state"] == "open"


def test_another_dag_takes_nothing_back_nor_does_a_run_that_is_not_there(in_test: Scene) -> None:
    in_test.ask(a_bundle(), "prod", RUN)
    run = {"conf": {"story": "HB-101", "reason": "x"}, "triggering_user_name": "release_manager"}
    in_test.airflow.runs[("lookalike", "r")] = run | {"run_type": "manual"}
    asked = {"dag_id": "lookalike", "run_id": "r"}
    assert "is said in DAG withdraw" in message(in_test.post("/withdrawals", asked))
    missing = {"dag_id": "withdraw", "run_id": "nowhere"}
    assert "is not in Airflow" in message(in_test.post("/withdrawals", missing))
    in_test.airflow.broken = True
    assert in_test.take_back("release_manager").status_code == 503


def test_what_is_rejected_or_expired_is_not_taken_back(
    in_test: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    in_test.sign(identity, 1, "release_approver", "Reject", reason="收盘前不上线")
    assert "the deploy to prod is rejected" in message(in_test.take_back("release_manager"))
    monkeypatch.setattr(ApprovalRule, "validity", property(lambda _: timedelta(0)))
    in_test.admit("prod_deploy/HB-101.2", bundle=a_bundle().sha256, environment="prod")
    in_test.ask(a_bundle(), "prod", "prod_deploy/HB-101.2")
    assert "the deploy to prod is expired" in message(in_test.take_back("release_manager"))


def test_the_same_run_asked_again_takes_the_same_back(in_test: Scene) -> None:
    in_test.ask(a_bundle(), "prod", RUN)
    first, again = in_test.take_back("release_manager"), in_test.take_back("release_manager")
    assert (again.status_code, again.json()) == (200, first.json())
    assert in_test.kinds().count("APPROVAL_WITHDRAWN") == 1
    assert "is withdrawn: release_manager withdrew" in message(in_test.take_back("release_manager", "second"))


def test_who_lost_the_role_may_still_take_back(in_test: Scene) -> None:
    identity = in_test.ask(a_bundle(), "prod", RUN).json()["id"]
    in_test.sign(identity, 1, "release_approver")
    roles = in_test.folder / "roles.yaml"
    text = roles.read_text("utf-8")
    roles.write_text(text.replace("roles: [release_approver]", "roles: [auditor]"), "utf-8")
    assert in_test.take_back("release_approver").json()[0]["state"] == "withdrawn"


def test_a_release_that_waits_in_the_line_leaves_it_at_once(
    in_test: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usher, "SETTLE", timedelta(0))
    set_calendar(in_test, opens_in(3600), calendar="prod")
    in_test.airflow.park(RUN)
    approval = in_test.approve(a_bundle(), "prod", RUN)
    waits = message(in_test.warrant(a_bundle(), "prod", RUN, approval=approval))
    assert "window_open" in waits
    assert in_test.airflow.answers == []
    in_test.take_back("operations_approver")
    until(lambda: ("prod_deploy", "HB-101.1", "obtain_warrant", ("Go",)) in in_test.airflow.answers)
    refused = message(in_test.warrant(a_bundle(), "prod", RUN, approval=approval))
    assert "operations_approver took the signature back" in refused
    assert in_test.kinds().count("RELEASE_CALLED") == 0
    with in_test.office.reading() as connection:
        assert verify(rows_of(connection)).wrong is None
