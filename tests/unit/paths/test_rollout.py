"""How a run left each cluster: from the ledger, in one sentence, once on the story."""

from __future__ import annotations

from typing import Any

from builders import HASH, NOW, a_bundle, a_story, the_catalogue
from hummingbird.core.deployment import ClusterState, DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.outcome import Outcome
from hummingbird.core.plan import Plan
from hummingbird.paths.rollout import (
    Rollout,
    after_first_wave,
    conclude_rollout,
    reported_job,
    standings,
    tell_rollout,
)
from world_in_memory import MemoryNotary, MemoryTracker

STAGE = the_catalogue().production
BUNDLE = a_bundle()
KINDS = {
    "deployed": EventKind.DEPLOYMENT_FINISHED,
    "rolled_back": EventKind.DEPLOYMENT_ROLLED_BACK,
    "failed": EventKind.DEPLOYMENT_FAILED,
}


def a_plan(number: int = 1, **changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "dag_id": "prod_deploy",
        "run_id": f"HB-101.{number}",
        "story": a_story(),
        "requester": "release_manager",
        "environment": "prod",
        "bundle": BUNDLE.sha256,
        "clusters": STAGE.clusters,
        "policy_version": HASH,
    }
    return Plan(**{**fields, **changes})


def report(notary: MemoryNotary, plan: Plan, cluster: str, outcome: str, reason: str = "it serves") -> None:
    notary.bundles[BUNDLE.sha256] = BUNDLE
    told = DeployReport(
        bundle=BUNDLE.sha256,
        environment="prod",
        cluster=cluster,
        warrant="w",
        outcome=DeployOutcome(outcome),
        reason=reason,
        started_at=NOW,
        finished_at=NOW,
    )
    event = DeliveryEvent(
        kind=KINDS[outcome],
        key=f"job:{len(notary.recorded)}",
        subject=BUNDLE.sha256,
        bundle=BUNDLE.sha256,
        environment="prod",
        cluster=cluster,
        run=f"{plan.dag_id}/{plan.run_id}",
        actor=f"job:{cluster}",
        data={"report": told.document()},
    )
    notary.append(event)


def rollout(notary: MemoryNotary, plan: Plan, **whys: str) -> Rollout:
    named = {name.replace("_", "-"): why for name, why in whys.items()}
    found = standings(notary, plan, BUNDLE, STAGE, named)
    waves = STAGE.waves_of(plan.clusters)
    found = after_first_wave(found, waves[0], [name for wave in waves[1:] for name in wave])
    return Rollout(environment="prod", operation="deploy", path=plan.dag_id, standings=found)


def test_all_clusters_that_serve_are_a_complete_rollout() -> None:
    notary, plan = MemoryNotary(), a_plan()
    for cluster in STAGE.clusters:
        report(notary, plan, cluster, "deployed")
    found = rollout(notary, plan)
    assert (found.complete, found.outcome) == (True, Outcome.DONE)
    assert found.sentence == "prod-private ok; prod-huawei ok; prod-industry ok"


def test_a_cluster_that_told_nothing_is_unknown_and_makes_the_run_partial() -> None:
    notary, plan = MemoryNotary(), a_plan()
    report(notary, plan, "prod-private", "deployed")
    report(notary, plan, "prod-industry", "deployed")
    found = rollout(notary, plan, prod_huawei="prod-huawei did not answer for 20 s")
    assert found.outcome is Outcome.BROKEN
    assert found.sentence == (
        "partial: prod-private ok; prod-huawei unknown (prod-huawei did not answer for 20 s); "
        "prod-industry ok; start prod_deploy again to bring only the missing"
    )


def test_the_later_run_counts_what_ran_before_it_as_ok() -> None:
    notary, first, second = MemoryNotary(), a_plan(), a_plan(2, clusters=["prod-huawei"])
    report(notary, first, "prod-private", "deployed")
    report(notary, first, "prod-industry", "deployed")
    report(notary, second, "prod-huawei", "deployed")
    assert rollout(notary, second).complete


def test_one_that_was_rolled_back_refuses_and_the_siblings_stay() -> None:
    notary, plan = MemoryNotary(), a_plan()
    report(notary, plan, "prod-private", "deployed")
    report(notary, plan, "prod-huawei", "rolled_back", "probe failed")
    report(notary, plan, "prod-industry", "deployed")
    found = rollout(notary, plan)
    assert found.outcome is Outcome.REFUSED
    assert "prod-huawei: rolled back, probe failed" in found.sentence
    assert found.sentence.startswith("partial: prod-private ok")


def test_a_first_wave_that_fails_leaves_the_later_ones_not_started() -> None:
    notary, plan = MemoryNotary(), a_plan()
    report(notary, plan, "prod-private", "rolled_back", "probe failed")
    found = rollout(notary, plan)
    assert found.outcome is Outcome.REFUSED
    assert found.sentence == (
        "prod-private: rolled back, probe failed; prod-huawei not started; prod-industry not started"
    )


def test_neither_version_serving_asks_for_a_person() -> None:
    notary, plan = MemoryNotary(), a_plan()
    report(notary, plan, "prod-private", "failed", "and going back failed")
    assert "a person is needed" in rollout(notary, plan).sentence


def test_a_deployment_that_the_notary_gave_up_is_unknown() -> None:
    notary, plan = MemoryNotary(), a_plan()
    notary.append(
        DeliveryEvent(
            kind=EventKind.DEPLOYMENT_FAILED,
            key="abandoned:w:prod-private",
            subject=BUNDLE.sha256,
            cluster="prod-private",
            run="prod_deploy/HB-101.1",
            actor="notary",
            data={"outcome": "abandoned"},
        )
    )
    first = rollout(notary, plan).standings[0]
    assert (first.state, first.why) == (ClusterState.UNKNOWN, "its pod was lost")


def test_a_report_of_this_run_is_found_again_and_one_of_another_run_is_not() -> None:
    notary, plan = MemoryNotary(), a_plan()
    report(notary, plan, "prod-private", "deployed")
    assert reported_job(notary, "prod_deploy/HB-101.1", "prod-private") == "prod-private"
    assert reported_job(notary, "prod_deploy/HB-101.2", "prod-private") is None


def test_a_partial_run_is_told_once_and_recorded_once() -> None:
    notary, tracker, plan = MemoryNotary(), MemoryTracker(), a_plan()
    tracker.add(a_story())
    report(notary, plan, "prod-private", "deployed")
    for _ in range(2):
        found = rollout(notary, plan, prod_huawei="gone")
        conclude_rollout(notary, plan, BUNDLE.sha256, found)
        tell_rollout(tracker, plan, found)
    (comment,) = tracker.comments.values()
    assert comment.startswith("deploy in prod by prod_deploy/HB-101.1: BROKEN: partial: prod-private ok")
    (event,) = notary.events(kinds=[EventKind.ROLLOUT_CONCLUDED])
    assert [one["state"] for one in event.event.data["clusters"]] == ["ok", "unknown", "unknown"]


def test_a_complete_run_leaves_its_word_to_the_closed_story() -> None:
    notary, tracker, plan = MemoryNotary(), MemoryTracker(), a_plan()
    for cluster in STAGE.clusters:
        report(notary, plan, cluster, "deployed")
    tell_rollout(tracker, plan, rollout(notary, plan))
    assert tracker.comments == {}
