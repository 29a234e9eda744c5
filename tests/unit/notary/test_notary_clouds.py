"""Warrants over several clusters: what is missing, where the artifacts are, back to each one's own past."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.event import EventKind
from hummingbird.core.warrant import Warrant
from unit.notary.delivery_samples import a_bundle, deploy_report, open_warrant
from unit.notary.scene import Scene

FIRST, SECOND, BACK = "prod_deploy/HB-101.1", "prod_deploy/HB-101.2", "rollback/HB-101.1"
OLD, NEW = a_bundle("b" * 40, "1.3.0"), a_bundle()


@pytest.fixture
def in_test(scene: Scene) -> Scene:
    """The bundle ran in test."""
    scene.through_test(NEW)
    return scene


def promote(scene: Scene, *clusters: str, bundle: Any = NEW) -> None:
    for cluster in clusters:
        event = {
            "kind": EventKind.ARTIFACTS_PROMOTED.value,
            "key": f"promoted:{bundle.sha256}:prod:{cluster}",
            "subject": bundle.sha256,
            "bundle": bundle.sha256,
            "environment": "prod",
            "cluster": cluster,
            "actor": "platform",
            "data": {"images": [c.image.document() for c in bundle.components], "packages": []},
        }
        assert scene.post("/events", event).status_code in (200, 201)


def permitted(scene: Scene, run: str, **fields: Any) -> dict[str, Any]:
    """The signed warrant of a run whose people agreed."""
    scene.admit(run, bundle=NEW.sha256, environment="prod", clusters=fields.pop("clusters", []))
    approval = scene.approve(NEW, "prod", run, **fields)
    answer = scene.warrant(NEW, "prod", run, approval=approval, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def begin(scene: Scene, signed: dict[str, Any], run: str, cluster: str) -> tuple[Any, str, Any]:
    """A pod that asks for its warrant: the job, its ticket, the notary's answer."""
    job = scene.deploy_job(signed, cluster)
    token = str(scene.ticket(job, run=run, task=f"deploy-{cluster}").json()["token"])
    return job, token, scene.consume(token, open_warrant(signed).id, cluster)


def serves(warrant: Warrant, cluster: str, outcome: str) -> dict[str, Any]:
    """What a pod says about its components, as the workload makes it."""
    before = warrant.predecessors[cluster]
    new = dict.fromkeys(before, warrant.bundle)
    forward, back = (new, before) if warrant.operation == "deploy" else (before, new)
    return {"predecessors": before, "serves": forward if outcome == "deployed" else back}


def end(scene: Scene, signed: dict[str, Any], run: str, cluster: str, outcome: str = "deployed") -> None:
    job, token, granted = begin(scene, signed, run, cluster)
    assert granted.json()["state"] == "granted", granted.text
    warrant = open_warrant(signed)
    posted = scene.put(token, deploy_report(job, warrant, outcome) | serves(warrant, cluster, outcome))
    assert posted.status_code == 201, posted.text


def test_a_later_run_s_warrant_is_for_the_missing_clusters_alone(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    assert open_warrant(signed).clusters == ["prod-private", "prod-huawei", "prod-industry"]
    end(in_test, signed, FIRST, "prod-private")
    end(in_test, signed, FIRST, "prod-industry", "rolled_back")
    in_test.finish(FIRST)
    later = open_warrant(permitted(in_test, SECOND, clusters=["prod-huawei", "prod-industry"]))
    assert later.clusters == ["prod-huawei", "prod-industry"]
    assert set(later.predecessors) == {"prod-huawei", "prod-industry"}


def test_what_a_pod_brought_after_people_were_asked_is_not_brought_again(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    for cluster in ("prod-private", "prod-industry"):
        end(in_test, signed, FIRST, cluster)
    in_test.finish(FIRST)
    in_test.admit(SECOND, bundle=NEW.sha256, environment="prod", clusters=["prod-huawei", "prod-industry"])
    approval = in_test.approve(NEW, "prod", SECOND)
    later = open_warrant(in_test.warrant(NEW, "prod", SECOND, approval=approval).json())
    assert later.clusters == ["prod-huawei"]


def test_people_read_about_the_clusters_in_question(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    end(in_test, permitted(in_test, FIRST), FIRST, "prod-private")
    in_test.admit(SECOND, bundle=NEW.sha256, environment="prod", clusters=["prod-huawei", "prod-industry"])
    brief = in_test.ask(NEW, "prod", SECOND).json()["request"]["brief"]
    assert brief["different"].startswith("prod-huawei, prod-industry: order-gateway does not run here yet")


def test_a_cluster_whose_registry_project_was_not_reached_is_left_out(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-industry")
    assert open_warrant(permitted(in_test, FIRST)).clusters == ["prod-private", "prod-industry"]


def test_without_the_first_wave_s_artifacts_there_is_no_warrant(in_test: Scene) -> None:
    promote(in_test, "prod-huawei", "prod-industry")
    in_test.admit(FIRST, bundle=NEW.sha256, environment="prod")
    approval = in_test.approve(NEW, "prod", FIRST)
    answer = in_test.warrant(NEW, "prod", FIRST, approval=approval)
    assert answer.status_code == 409
    assert "was not promoted for prod-private" in answer.json()["error"]["message"]


def test_a_pod_that_still_lives_keeps_the_later_run_out_until_its_own_run_is_over(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    for cluster in ("prod-private", "prod-industry"):
        end(in_test, signed, FIRST, cluster)
    job, alive, granted = begin(in_test, signed, FIRST, "prod-huawei")
    assert granted.json()["state"] == "granted"
    in_test.airflow.runs[("prod_deploy", "HB-101.1")] = {"state": "running"}
    in_test.finish(FIRST)  # it lost sight of its pod
    later = permitted(in_test, SECOND, clusters=["prod-huawei"])
    assert begin(in_test, later, SECOND, "prod-huawei")[2].status_code == 409
    in_test.airflow.runs[("prod_deploy", "HB-101.1")] = {"state": "failed"}
    assert begin(in_test, later, SECOND, "prod-huawei")[2].json()["state"] == "granted"
    late = deploy_report(job, open_warrant(signed), "deployed")
    assert in_test.put(alive, late).status_code == 401


def test_a_pod_at_work_in_one_cluster_keeps_another_run_out_of_every_cluster(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    job, alive, granted = begin(in_test, signed, FIRST, "prod-private")
    assert granted.json()["state"] == "granted"
    in_test.airflow.runs[("prod_deploy", "HB-101.1")] = {"state": "running"}
    in_test.finish(FIRST)  # ended by hand: the next one has the turn
    later = permitted(in_test, SECOND)
    busy = begin(in_test, later, SECOND, "prod-industry")[2]
    assert (busy.status_code, busy.json()["error"]["kind"]) == (409, "Conflict")
    assert "prod/prod-private is being deployed by job" in busy.text
    assert f"of run {FIRST}" in busy.text
    assert in_test.kinds(cluster="prod-private")[-1] == "WARRANT_CONSUMED", "nobody was ended"
    report = deploy_report(job, open_warrant(signed), "deployed")
    told = in_test.put(alive, report | serves(open_warrant(signed), "prod-private", "deployed"))
    assert told.status_code == 201
    assert begin(in_test, later, SECOND, "prod-industry")[2].json()["state"] == "granted"


def test_the_pod_of_a_run_that_is_over_gives_way_in_every_cluster(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    end(in_test, signed, FIRST, "prod-private")
    job, lost, _ = begin(in_test, signed, FIRST, "prod-huawei")
    in_test.airflow.runs[("prod_deploy", "HB-101.1")] = {"state": "failed"}
    in_test.finish(FIRST)
    later = permitted(in_test, SECOND, clusters=["prod-huawei", "prod-industry"])
    assert begin(in_test, later, SECOND, "prod-industry")[2].json()["state"] == "granted"
    assert in_test.kinds(cluster="prod-huawei")[-1] == "DEPLOYMENT_FAILED"
    assert in_test.put(lost, deploy_report(job, open_warrant(signed), "deployed")).status_code == 401


def test_the_clusters_of_one_wave_are_one_deployment(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    end(in_test, signed, FIRST, "prod-private")
    for cluster in ("prod-huawei", "prod-industry"):
        assert begin(in_test, signed, FIRST, cluster)[2].json()["state"] == "granted"
    assert "DEPLOYMENT_FAILED" not in in_test.kinds(run=FIRST)


def test_a_report_that_came_late_makes_the_cluster_one_that_serves(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    signed = permitted(in_test, FIRST)
    for cluster in ("prod-private", "prod-industry"):
        end(in_test, signed, FIRST, cluster)
    job, token, _ = begin(in_test, signed, FIRST, "prod-huawei")
    warrant = open_warrant(signed)
    in_test.put(token, deploy_report(job, warrant, "deployed") | serves(warrant, "prod-huawei", "deployed"))
    in_test.finish(FIRST)
    later = open_warrant(permitted(in_test, SECOND, clusters=["prod-huawei"]))
    assert later.predecessors == {"prod-huawei": {"order-gateway": NEW.sha256}}


def test_a_rollback_leads_each_cluster_to_its_own_past_and_leaves_the_others(in_test: Scene) -> None:
    everywhere = ("prod-private", "prod-huawei", "prod-industry")
    promote(in_test, *everywhere)
    old = _bring_old(in_test)
    signed = permitted(in_test, FIRST)
    for cluster, outcome in zip(everywhere, ("deployed", "deployed", "rolled_back"), strict=True):
        end(in_test, signed, FIRST, cluster, outcome)
    in_test.finish(FIRST)
    back = permitted(in_test, BACK, operation="rollback", clusters=["prod-private"])
    warrant = open_warrant(back)
    assert (warrant.bundle, warrant.clusters) == (NEW.sha256, ["prod-private"])
    assert warrant.predecessors == {"prod-private": {"order-gateway": old}}
    end(in_test, back, BACK, "prod-private")
    assert in_test.kinds(run=BACK, cluster="prod-private")[-1] == "DEPLOYMENT_ROLLED_BACK"
    in_test.finish(BACK)
    again = permitted(in_test, SECOND, clusters=list(everywhere))
    assert open_warrant(again).clusters == ["prod-private", "prod-industry"]
    assert open_warrant(again).predecessors["prod-private"] == {"order-gateway": old}


def test_a_task_cannot_call_a_cluster_ok_that_no_pod_reported(in_test: Scene) -> None:
    promote(in_test, "prod-private", "prod-huawei", "prod-industry")
    end(in_test, permitted(in_test, FIRST), FIRST, "prod-private")
    states = {"prod-private": "ok", "prod-huawei": "unknown"}
    event: dict[str, Any] = {
        "kind": EventKind.ROLLOUT_CONCLUDED.value,
        "key": f"rollout:{FIRST}:0",
        "subject": NEW.sha256,
        "bundle": NEW.sha256,
        "environment": "prod",
        "run": FIRST,
        "actor": "platform",
        "data": {
            "operation": "deploy",
            "clusters": [{"cluster": name, "state": state, "why": ""} for name, state in states.items()],
        },
    }
    assert in_test.post("/events", event).status_code == 201
    event["key"] = f"rollout:{FIRST}:1"
    event["data"]["clusters"][1]["state"] = "ok"
    answer = in_test.post("/events", event)
    assert answer.status_code == 422, answer.text
    assert "no pod reported prod-huawei" in answer.json()["error"]["message"]


def _bring_old(scene: Scene) -> str:
    """An older release that runs in prod-private alone."""
    run = "prod_deploy/HB-101.0"
    scene.through_test(OLD, "test_deploy/HB-101.0")
    scene.admit(run, bundle=OLD.sha256, environment="prod", clusters=["prod-private"])
    approval = scene.approve(OLD, "prod", run)
    promote(scene, "prod-private", bundle=OLD)
    signed = scene.warrant(OLD, "prod", run, approval=approval)
    assert signed.status_code == 201, signed.text
    end(scene, signed.json(), run, "prod-private")
    scene.finish(run)
    return OLD.sha256
