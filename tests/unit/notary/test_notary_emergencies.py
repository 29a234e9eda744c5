"""Break-glass: two people, a reason, an open incident, one use, minutes; nothing else opens what is shut."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from builders import the_catalogue
from hummingbird.core.event import EventKind
from hummingbird.notary.emergencies import unusable_rules
from unit.notary.delivery_samples import a_bundle, deploy_report, open_warrant
from unit.notary.emergency_world import AGAIN, NORMAL, REASON, RUN, Emergency, message


def test_a_rule_that_nobody_can_use_is_told_when_the_notary_starts() -> None:
    (told,) = unusable_rules(the_catalogue(), tracker=False)
    assert told.startswith("environment prod has an emergency rule, and nobody can break the glass")
    assert unusable_rules(the_catalogue(), tracker=True) == []


def test_two_people_bring_a_bundle_past_a_shut_window_once(burning: Emergency) -> None:
    normal = burning.scene.ask(burning.bundle, "prod", NORMAL)
    assert "window_open: calendar ours is closed" in message(normal), "it is shut for everything else"
    incident = burning.incident()
    burning.start(incident)
    asked = burning.ask().json()
    assert asked["request"]["emergency"] == {"incident": incident, "reason": REASON}
    assert [s["role"] for s in asked["request"]["signatures"]] == ["operations_approver or release_approver"]
    risk, details = asked["request"]["brief"]["risk"], asked["request"]["brief"]["details"]
    assert risk.startswith(f"EMERGENCY {incident} 撤单 ‹失败› (In Progress): passes window_open;")
    assert f"reason that release_manager gives: {REASON}" in details
    assert burning.scene.sign(asked["id"], 1, "operations_approver").json()["state"] == "approved"
    warrant = open_warrant(burning.warrant(asked["id"]).json())
    assert warrant.emergency is not None
    assert warrant.emergency.incident == incident
    assert warrant.expires_at.isoformat() <= asked["request"]["expires_at"].replace("Z", "+00:00")
    burning.scene.deploy(burning.bundle, "prod", RUN, approval=asked["id"])
    (used,) = burning.events(EventKind.EMERGENCY_USED)
    use = used["data"]["use"]
    assert (use["requester"], use["signers"]) == ("release_manager", ["operations_approver"])
    assert use["passed"]["window_open"].startswith(f"passed in emergency {incident}: calendar ours is closed")
    decided = burning.events(EventKind.GATES_DECIDED)[-1]["data"]
    assert decided["emergency"]["incident"] == incident


def test_the_same_two_signatures_are_good_for_one_warrant(burning: Emergency) -> None:
    identity = burning.break_glass()
    (first,) = burning.events(EventKind.EMERGENCY_USED)
    again = burning.warrant(identity)
    assert open_warrant(again.json()).id == first["data"]["use"]["warrant"], "it is told, not given anew"
    job = burning.scene.deploy_job(again.json(), "prod-private")
    token = burning.scene.ticket(job, run=RUN, task="once-more").json()["token"]
    taken = burning.scene.consume(token, open_warrant(again.json()).id, "prod-private")
    assert (taken.json()["state"], taken.json()["outcome"]) == ("finished", "deployed")
    burning.start(burning.incident(), AGAIN)
    other = burning.scene.warrant(burning.bundle, "prod", AGAIN, approval=identity)
    assert "every run asks anew" in message(other)
    assert len(burning.events(EventKind.EMERGENCY_USED)) == 1


def test_a_warrant_that_was_not_begun_in_time_is_not_issued_again(burning: Emergency) -> None:
    burning.rule(valid_minutes=60)
    burning.start(burning.incident())
    identity = burning.signed()
    burning.world.pass_time(timedelta(minutes=30))
    warrant = open_warrant(burning.warrant(identity).json())
    assert warrant.expires_at - warrant.issued_at < timedelta(minutes=31)
    burning.world.pass_time(timedelta(minutes=31))
    assert "the glass was broken once for this" in message(burning.warrant(identity))


def test_minutes_later_the_signatures_are_worth_nothing(burning: Emergency) -> None:
    burning.start(burning.incident())
    identity = burning.signed()
    burning.world.pass_time(timedelta(minutes=31))
    assert "approvals_complete: the approvals expired" in message(burning.warrant(identity))
    assert burning.events(EventKind.EMERGENCY_USED) == []


def test_a_later_cluster_is_not_begun_after_the_minutes(burning: Emergency) -> None:
    burning.start(burning.incident())
    signed = burning.warrant(burning.signed()).json()
    warrant = open_warrant(signed)
    first, *_, last = warrant.clusters
    for cluster in (first, last):
        job = burning.scene.deploy_job(signed, cluster)
        token = burning.scene.ticket(job, run=RUN, task=f"deploy-{cluster}").json()["token"]
        taken = burning.scene.consume(token, warrant.id, cluster)
        if cluster == first:
            assert taken.json()["state"] == "granted"
            burning.scene.put(token, deploy_report(job, warrant, "deployed"))
            burning.world.pass_time(timedelta(minutes=31))
        else:
            assert "expired" in message(taken)


def test_the_one_who_asks_is_not_the_second_person(burning: Emergency) -> None:
    burning.world.policy.give("release_manager", ["release_manager", "release_approver"])
    burning.start(burning.incident())
    identity = burning.ask().json()["id"]
    assert "release_manager asked for this" in message(burning.scene.sign(identity, 1, "release_manager"))
    assert "approvals_complete: waits for" in message(burning.warrant(identity))
    assert burning.scene.sign(identity, 1, "release_approver").json()["state"] == "approved"
    assert burning.warrant(identity).status_code == 201


def test_without_anybody_asked_nothing_opens(burning: Emergency) -> None:
    burning.start(burning.incident())
    assert "approvals_complete: nobody was asked" in message(burning.warrant(None))


@pytest.mark.parametrize("reason", ["", "urgent", " " * 40])
def test_without_a_reason_there_is_not_even_a_plan(burning: Emergency, reason: str) -> None:
    incident = burning.incident()
    burning.start(incident)
    (admitted,) = burning.scene.get("/events", run=RUN).json()
    event = admitted["event"]
    event["run"] = event["subject"] = AGAIN
    event["key"] = f"run-admitted:{AGAIN}"
    event["data"]["plan"] |= {"run_id": "HB-101.2", "emergency": {"incident": incident, "reason": reason}}
    answer = burning.scene.post("/events", event)
    assert answer.status_code == 422
    assert "say why in 8 characters or more" in answer.text


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("Task", "In Progress", "is of type Task, not Incident"),
        ("Incident", "Closed", "is over (Closed); an emergency has an open incident"),
    ],
)
def test_what_is_no_open_incident_breaks_no_glass(
    burning: Emergency, kind: str, status: str, told: str
) -> None:
    burning.start(burning.incident(kind, status))
    assert told in message(burning.ask())


def test_an_incident_that_nobody_filed_breaks_no_glass(burning: Emergency) -> None:
    burning.start("OPS-4711")
    assert "break_glass: OPS-4711 does not exist in the tracker" in message(burning.ask())


def test_an_incident_that_is_over_by_then_breaks_no_glass(burning: Emergency) -> None:
    incident = burning.incident()
    burning.start(incident)
    identity = burning.signed()
    burning.jira.set_issue_status(incident, "Closed")
    assert f"{incident} (撤单 <失败>) is over" in message(burning.warrant(identity))


def test_who_may_not_ask_in_an_emergency_is_refused(burning: Emergency) -> None:
    burning.start(burning.incident(), requester="developer")
    told = "developer may not ask in an emergency; release_manager or operations may"
    assert told in message(burning.ask())


def test_a_plan_that_says_other_than_airflow_is_refused(burning: Emergency) -> None:
    """The tasks' token can write any plan; what it cannot do is start a run as somebody else."""
    incident = burning.incident()
    burning.start(incident, by="developer")
    assert "by Airflow's word developer started this run, not release_manager" in message(burning.ask())
    forged = {"story": "HB-101", "incident": burning.incident(), "reason": REASON}
    burning.start(incident, AGAIN, conf=forged)
    told = f"by Airflow's word the run was not started for {incident} with this reason"
    assert told in message(burning.ask(AGAIN))


def test_another_path_breaks_no_glass_whatever_it_says(burning: Emergency) -> None:
    """Who may start emergency_deploy is a right of its own."""
    other = "prod_deploy/HB-101.9"
    burning.start(burning.incident(), other)
    assert "the glass is broken by emergency_deploy, not by prod_deploy" in message(burning.ask(other))


def test_only_what_the_rule_names_is_passed(burning: Emergency) -> None:
    burning.rule(passes=["suites_green"])
    burning.start(burning.incident())
    assert "window_open: calendar ours is closed" in message(burning.ask())


def test_red_suites_are_passed_and_told(burning: Emergency) -> None:
    burning.scene.suite(burning.bundle, "test", failed=2, run="test_deploy/HB-101.2")
    burning.start(burning.incident())
    asked = burning.ask().json()
    assert "passes suites_green, window_open" in asked["request"]["brief"]["risk"]


def test_no_emergency_passes_what_was_never_built_signed_or_in_test(burning: Emergency) -> None:
    other = a_bundle("c" * 40, "1.5.0")
    burning.scene.seal(other)
    burning.start(burning.incident(), bundle=other)
    told = message(burning.ask(bundle=other))
    for gate in ("findings_clear", "build_signed", "passed_previous"):
        assert f"{gate}: " in told


def test_where_the_catalogue_has_no_rule_there_is_no_glass(burning: Emergency) -> None:
    burning.set(emergency=None)
    burning.start(burning.incident())
    assert "break_glass: prod has no emergency rule" in message(burning.ask())


def test_a_changed_rule_voids_what_was_signed(burning: Emergency) -> None:
    burning.start(burning.incident())
    identity = burning.signed()
    burning.rule(passes=["window_open"])
    assert "the policy changed since people were asked" in message(burning.warrant(identity))


def test_a_signature_of_a_normal_question_is_none_of_an_emergency(burning: Emergency) -> None:
    burning.set(calendar="always")
    identity = str(burning.ask(NORMAL).json()["id"])
    for number, user in ((1, "release_approver"), (2, "operations_approver")):
        assert burning.scene.sign(identity, number, user).status_code == 200
    burning.start(burning.incident())
    told = message(burning.warrant(identity))
    assert "the emergency changed since people were asked" in told or "the policy changed" in told
    assert "every run asks anew" in told


def test_a_plan_without_emergency_passes_nothing(burning: Emergency) -> None:
    """The path's name opens nothing; nor does its conf."""
    burning.world.airflow.runs["emergency_deploy", "HB-101.1"] = {
        "state": "running",
        "triggering_user_name": "release_manager",
        "conf": {"incident": burning.incident(), "reason": REASON},
    }
    burning.scene.admit(RUN, bundle=burning.bundle.sha256, environment="prod")
    assert "window_open: calendar ours is closed" in message(burning.ask())


def test_without_a_tracker_that_the_notary_reads_the_glass_stays_whole(
    burning: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    burning.start(burning.incident())
    state = burning.world.app.state
    monkeypatch.setattr(state, "office", dataclasses.replace(state.office, tracker=None))
    assert "the notary cannot read incidents" in message(burning.ask())


def test_an_emergency_waits_for_pods_and_for_nobody_who_waits(burning: Emergency) -> None:
    """Who is at work is in front until its pods are done; who waits for the environment is not."""
    burning.set(calendar="always")
    other = "prod_deploy/HB-101.2"
    for run in (NORMAL, other):
        asked = burning.ask(run).json()["id"]
        burning.scene.sign(asked, 1, "release_approver")
        burning.scene.sign(asked, 2, "operations_approver")
        held = burning.warrant(asked, run)
    assert "in_turn: 1 in front" in message(held), "the second one waits for the first"
    burning.start(burning.incident())
    identity = burning.signed()
    assert f"in_turn: 1 in front: HB-101 ({NORMAL}), at work" in message(burning.warrant(identity))
    burning.conclude_rollout(NORMAL)
    assert burning.warrant(identity).status_code == 201
    assert f"in front: HB-101 ({NORMAL}), at work" in message(burning.warrant(asked, other))
    assert f"HB-101 ({RUN}), at work" in message(burning.warrant(asked, other))
