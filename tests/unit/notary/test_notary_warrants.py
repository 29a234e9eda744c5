"""Warrants: only when every gate is open, taken once a cluster, resumed by their own job."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from unit.notary.delivery_samples import FINDING, a_bundle, deploy_report, open_warrant
from unit.notary.scene import Scene

RUN = "test_deploy/HB-101.1"


@pytest.fixture
def approved(scene: Scene) -> Scene:
    """A bundle that is approved and promoted for test."""
    scene.admit(RUN)
    scene.ready(a_bundle())
    scene.approve(a_bundle(), "test", RUN)
    scene.promote(a_bundle(), "test")
    return scene


def approval_of(scene: Scene) -> str:
    return str(scene.ask(a_bundle(), "test", RUN).json()["id"])


def warrant(scene: Scene, **fields: Any) -> dict[str, Any]:
    answer = scene.warrant(a_bundle(), "test", RUN, approval=approval_of(scene), **fields)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def pod(scene: Scene, signed: dict[str, Any], run: str = RUN, task: str = "deploy") -> tuple[Any, str, str]:
    job = scene.deploy_job(signed, "test")
    ticket = scene.ticket(job, run=run, task=task)
    assert ticket.status_code == 200, ticket.text
    return job, str(ticket.json()["token"]), str(ticket.json()["job"])


def test_a_warrant_is_signed_over_exactly_its_payload(approved: Scene) -> None:
    signed = warrant(approved)
    key = approved.office.key
    assert key.verifies(base64.b64decode(signed["payload"]), signed["signature"])
    assert signed["key_id"] == key.key_id
    permitted = open_warrant(signed)
    assert (permitted.bundle, permitted.environment) == (a_bundle().sha256, "test")
    assert permitted.clusters == ["test"]
    assert permitted.predecessors == {"test": {"order-gateway": None}}
    assert permitted.approval == approval_of(approved)
    assert not key.verifies(base64.b64decode(signed["payload"]) + b" ", signed["signature"])


def test_asking_again_gets_the_open_warrant(approved: Scene) -> None:
    first = warrant(approved)
    again = approved.warrant(a_bundle(), "test", RUN, approval=approval_of(approved))
    assert (again.status_code, again.json()) == (200, first)
    assert approved.kinds(run=RUN).count("WARRANT_ISSUED") == 1


def test_a_shut_gate_gives_a_verdict_and_no_warrant(scene: Scene) -> None:
    scene.admit(RUN)
    scene.ready(a_bundle())
    answer = scene.warrant(a_bundle(), "test", RUN)
    assert answer.status_code == 409
    assert answer.json()["error"]["kind"] == "Refused"
    states = {a["gate"]: a["state"] for a in answer.json()["verdict"]["answers"]}
    assert states["approvals_complete"] == "refused"
    assert states["findings_clear"] == "open"
    asked = scene.ask(a_bundle(), "test", RUN).json()["id"]
    waiting = scene.warrant(a_bundle(), "test", RUN, approval=asked)
    assert "approvals_complete: waits for test_lead" in waiting.json()["error"]["message"]
    assert scene.kinds(run=RUN).count("WARRANT_ISSUED") == 0


def test_an_approval_of_another_run_bundle_or_environment_opens_nothing(approved: Scene) -> None:
    identity = approval_of(approved)
    other_run = "test_deploy/HB-101.2"
    approved.admit(other_run)
    answer = approved.warrant(a_bundle(), "test", other_run, approval=identity)
    assert f"asked_by_this_run: run {RUN} asked for these approvals" in answer.json()["error"]["message"]
    other = a_bundle("c" * 40)
    approved.ready(other)
    approved.promote(other, "test")
    answer = approved.warrant(other, "test", RUN, approval=identity)
    assert "the bundle changed since people were asked" in answer.json()["error"]["message"]
    approved.promote(a_bundle(), "prod")
    answer = approved.warrant(a_bundle(), "prod", RUN, approval=identity)
    assert answer.status_code == 409
    assert approved.warrant(a_bundle(), "test", RUN, approval="0" * 32).status_code == 404


def test_the_requester_is_the_plan_s_whatever_the_caller_says(approved: Scene) -> None:
    signed = warrant(approved, requester="auditor")
    decided = approved.get("/events", run=RUN, kind="dev.cdeventsx.hummingbird-gate.decided.0.1.0").json()
    assert {d["event"]["data"]["requester"] for d in decided} == {"release_manager"}
    assert signed["payload"]


def test_a_finding_after_the_approval_takes_it_back(approved: Scene) -> None:
    identity = approval_of(approved)
    report = approved.scan_report(a_bundle(), findings=(FINDING,))
    approved.work(approved.scan_job(a_bundle()), report, run="scan/HB-101.9")
    answer = approved.warrant(a_bundle(), "test", RUN, approval=identity)
    assert "findings_clear" in answer.json()["error"]["message"]
    assert "the evidence changed since people were asked" in answer.json()["error"]["message"]


def test_a_deployment_takes_its_warrant_once_and_resumes_under_it(approved: Scene) -> None:
    signed = warrant(approved)
    identity = open_warrant(signed).id
    job, token, name = pod(approved, signed)
    first = approved.consume(token, identity, "test").json()
    assert (first["state"], first["job"]) == ("granted", name)
    _, newer, _ = pod(approved, signed)
    assert approved.consume(token, identity, "test").status_code == 401
    assert approved.consume(newer, identity, "test").json() == first
    assert approved.kinds(subject=identity) == ["WARRANT_ISSUED", "WARRANT_CONSUMED"]
    report = deploy_report(job, open_warrant(signed), "deployed")
    assert approved.put(newer, report).status_code == 201
    after = approved.consume(newer, identity, "test").json()
    assert (after["state"], after["outcome"]) == ("finished", "deployed")
    assert after["finished_at"] is not None
    assert approved.kinds(cluster="test")[-1] == "DEPLOYMENT_FINISHED"


def test_another_task_with_the_same_warrant_touches_nothing_while_and_after(approved: Scene) -> None:
    signed = warrant(approved)
    identity = open_warrant(signed).id
    job, token, name = pod(approved, signed)
    approved.consume(token, identity, "test")
    _, second, _ = pod(approved, signed, task="deploy-again")
    busy = approved.consume(second, identity, "test")
    assert busy.status_code == 409
    assert f"test/test is being deployed by job {name[:12]} of run {RUN}" in busy.json()["error"]["message"]
    approved.put(token, deploy_report(job, open_warrant(signed), "deployed"))
    assert approved.consume(second, identity, "test").json()["state"] == "finished"
    told = approved.put(second, deploy_report(job, open_warrant(signed), "already_deployed"))
    assert told.status_code == 201
    assert approved.kinds(cluster="test").count("DEPLOYMENT_FINISHED") == 1


def test_many_pods_at_once_get_one_grant(approved: Scene) -> None:
    signed = warrant(approved)
    identity = open_warrant(signed).id
    tokens = [pod(approved, signed, task=f"deploy-{n}")[1] for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda t: approved.consume(t, identity, "test").status_code, tokens))
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]


def test_one_deployment_at_a_time_and_a_run_that_is_over_gives_way(approved: Scene) -> None:
    signed = warrant(approved)
    _, token, _ = pod(approved, signed)
    approved.consume(token, open_warrant(signed).id, "test")
    approved.airflow.runs[("test_deploy", "HB-101.1")] = {"state": "running"}
    other = "test_deploy/HB-101.2"
    approved.admit(other)
    approval = approved.approve(a_bundle(), "test", other)
    second = approved.warrant(a_bundle(), "test", other, approval=approval).json()
    _, waiting, _ = pod(approved, second, run=other)
    busy = approved.consume(waiting, open_warrant(second).id, "test")
    assert (busy.status_code, busy.json()["error"]["kind"]) == (409, "Conflict")
    approved.airflow.runs[("test_deploy", "HB-101.1")] = {"state": "failed"}
    assert approved.consume(waiting, open_warrant(second).id, "test").json()["state"] == "granted"
    assert approved.consume(token, open_warrant(signed).id, "test").status_code == 401
    assert approved.kinds(cluster="test")[-2:] == ["DEPLOYMENT_FAILED", "WARRANT_CONSUMED"]


@pytest.mark.long
def test_of_fifty_runs_that_race_for_one_environment_one_deploys(approved: Scene) -> None:
    tokens = {}
    for number in range(50):
        run = f"test_deploy/HB-101.{number + 10}"
        approved.admit(run)
        approval = approved.approve(a_bundle(), "test", run)
        signed = approved.warrant(a_bundle(), "test", run, approval=approval).json()
        approved.airflow.runs[("test_deploy", run.partition("/")[2])] = {"state": "running"}
        tokens[pod(approved, signed, run=run)[1]] = open_warrant(signed).id
    assert len(set(tokens.values())) == 50
    with ThreadPoolExecutor(50) as racers:
        answers = list(racers.map(lambda token: approved.consume(token, tokens[token], "test"), tokens))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert all("is being deployed by job" in answer.text for answer in answers if answer.status_code == 409)
    assert approved.kinds(cluster="test").count("WARRANT_CONSUMED") == 1


def expire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hummingbird.notary.issuing.VALIDITY", timedelta(0))


def test_an_expired_warrant_begins_nothing(approved: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    expire(monkeypatch)
    signed = warrant(approved)
    _, token, _ = pod(approved, signed)
    answer = approved.consume(token, open_warrant(signed).id, "test")
    assert answer.status_code == 409
    assert "expired at" in answer.json()["error"]["message"]
    assert warrant(approved)["payload"] != signed["payload"]


def test_after_a_finished_deployment_the_run_gets_no_second_warrant(
    approved: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved.deploy(a_bundle(), "test", RUN, approval=approval_of(approved))
    monkeypatch.setattr(
        "hummingbird.notary.issuing.database_now",
        lambda c: c.execute(text("SELECT clock_timestamp() + interval '2 hours'")).scalar_one(),
    )
    answer = approved.warrant(a_bundle(), "test", RUN, approval=approval_of(approved))
    assert answer.status_code == 409
    assert "test was already deployed at" in answer.json()["error"]["message"]


@pytest.mark.parametrize("change", ["warrant", "environment", "cluster", "component", "bundle", "forged"])
def test_a_forged_deploy_job_gets_no_ticket(approved: Scene, change: str) -> None:
    job = approved.deploy_job(warrant(approved), "test")
    component = job.components[0]
    workload = component.workload.model_copy(update={"port": 9999})
    forged_payload = base64.b64decode(job.warrant.payload).replace(b'"test"', b'"prod"')
    updates: dict[str, dict[str, Any]] = {
        "warrant": {"warrant": job.warrant.model_copy(update={"signature": "AAAA"})},
        "environment": {"environment": approved.catalogue.environment("prod")},
        "cluster": {"cluster": approved.catalogue.clusters["prod-private"]},
        "component": {"components": [component.model_copy(update={"workload": workload})]},
        "bundle": {"bundle": a_bundle("d" * 40)},
        "forged": {
            "warrant": job.warrant.model_copy(update={"payload": base64.b64encode(forged_payload).decode()})
        },
    }
    answer = approved.ticket(job.model_copy(update=updates[change]), run=RUN)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (409, "Mismatch"), answer.text


def test_a_result_without_a_taken_warrant_is_a_mismatch(approved: Scene) -> None:
    signed = warrant(approved)
    job, token, _ = pod(approved, signed)
    for outcome in ("deployed", "rolled_back", "failed"):
        answer = approved.put(token, deploy_report(job, open_warrant(signed), outcome))
        assert (answer.status_code, answer.json()["error"]["kind"]) == (409, "Mismatch")
    refused = approved.put(token, deploy_report(job, open_warrant(signed), "refused"))
    assert refused.status_code == 201
    assert approved.kinds(cluster="test")[-1] == "DEPLOYMENT_FAILED"


def test_a_pod_of_another_kind_or_cluster_takes_no_warrant(approved: Scene) -> None:
    signed = warrant(approved)
    _, token, _ = pod(approved, signed)
    assert approved.consume(token, open_warrant(signed).id, "prod-private").status_code == 409
    assert approved.consume(token, "f" * 32, "test").status_code == 404
    scan = approved.ticket(approved.scan_job(a_bundle()), run="scan/HB-101.5").json()["token"]
    assert approved.consume(scan, open_warrant(signed).id, "test").json()["error"]["kind"] == "Mismatch"


def test_a_rollback_undoes_what_runs_and_leads_to_what_served_before_it(approved: Scene) -> None:
    approved.deploy(a_bundle(), "test", RUN, approval=approval_of(approved))
    newer, newest = a_bundle("c" * 40, "1.5.0"), a_bundle("e" * 40, "1.6.0")
    for number, (bundle, outcome) in enumerate([(newer, "deployed"), (newest, "rolled_back")], start=2):
        run = f"test_deploy/HB-101.{number}"
        approved.admit(run)
        approved.ready(bundle)
        approval = approved.approve(bundle, "test", run)
        approved.promote(bundle, "test")
        approved.deploy(bundle, "test", run, outcome, approval=approval)
    run = "rollback/HB-101.1"
    approved.admit(run, bundle=newer.sha256, environment="test")
    approval = approved.approve(newer, "test", run, operation="rollback")
    answer = approved.warrant(newer, "test", run, approval=approval, operation="rollback")
    assert answer.status_code == 201, answer.text
    permitted = open_warrant(answer.json())
    assert (permitted.operation, permitted.bundle) == ("rollback", newer.sha256)
    assert permitted.predecessors == {"test": {"order-gateway": a_bundle().sha256}}
    gone = "rollback/HB-101.2"
    approved.admit(gone, bundle=newest.sha256, environment="test")
    answer = approved.ask(newest, "test", gone, operation="rollback")
    assert "runs in no cluster of test any more" in answer.json()["error"]["message"]


def test_a_signer_who_loses_the_role_before_the_deployment_takes_it_back(approved: Scene) -> None:
    signed = warrant(approved)
    _, token, _ = pod(approved, signed)
    roles = approved.folder / "roles.yaml"
    before = roles.read_text("utf-8")
    roles.write_text(before.replace("roles: [test_lead]", "roles: [auditor]"), "utf-8")
    refused = approved.consume(token, open_warrant(signed).id, "test")
    assert refused.status_code == 409
    assert "holds no more: approvals_complete" in refused.json()["error"]["message"]
    assert "WARRANT_CONSUMED" not in approved.kinds(run=RUN)
    roles.write_text(before, "utf-8")
    assert approved.consume(token, open_warrant(signed).id, "test").json()["state"] == "granted"


def test_a_finding_between_warrant_and_deployment_stops_it(approved: Scene) -> None:
    signed = warrant(approved)
    _, token, _ = pod(approved, signed)
    report = approved.scan_report(a_bundle(), findings=(FINDING,))
    approved.work(approved.scan_job(a_bundle()), report, run="scan/HB-101.9")
    refused = approved.consume(token, open_warrant(signed).id, "test")
    assert (refused.status_code, refused.json()["error"]["kind"]) == (409, "Mismatch")
    assert "findings_clear" in refused.json()["error"]["message"]
