"""The door: who comes in, who is refused, and in which sentence."""

from __future__ import annotations

from typing import Any

import pytest

from builders import NOW, a_bundle, a_component, a_story, the_catalogue
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.paths.admit import (
    Refusal,
    Request,
    plan_of,
    record,
)
from hummingbird.paths.admit_change import Change, admit_change
from hummingbird.paths.admit_prod import admit_prod
from hummingbird.paths.admit_rollback import admit_rollback
from hummingbird.paths.admit_test import admit_test
from hummingbird.paths.admit_within import admit_withdrawal
from hummingbird.paths.running import came_from
from world_in_memory import MemoryCode, MemoryNotary, MemorySettings, MemoryTracker

CATALOGUE = the_catalogue()


class World:
    def __init__(self) -> None:
        self.tracker, self.code, self.notary = MemoryTracker(), MemoryCode(), MemoryNotary()
        self.settings = MemorySettings()
        self.tracker.add(
            a_story("HB-101"),
            a_story("HB-102"),
            a_story("HB-103", closed=True, status="Done"),
            a_story("HB-104", status="To Do"),
            a_story("OPS-7"),
        )
        self.code.write("master", "first")
        self.code.write("develop", "HB-101 iceberg", base="master")

    def ask(
        self, story: object = "HB-101", user: str | None = "release_manager", path: str = "test_deploy"
    ) -> Request:
        return Request(dag_id=path, run_id="r1", story=story, requester=user)

    def prod(self) -> Plan | Refusal:
        return admit_prod(CATALOGUE, self.tracker, self.notary, self.ask(path="prod_deploy"))

    def rollback(self) -> Plan | Refusal:
        return admit_rollback(CATALOGUE, self.tracker, self.notary, self.ask(path="rollback"), "prod")

    def test(self, story: object = "HB-101") -> Plan | Refusal:
        return admit_test(CATALOGUE, self.tracker, self.code, self.settings, self.notary, self.ask(story))

    def deployed(
        self,
        bundle: Any,
        environment: str,
        cluster: str,
        *,
        outcome: str = "deployed",
        predecessor: str | None = None,
    ) -> None:
        self.notary.bundles[bundle.sha256] = bundle
        report = DeployReport(
            bundle=bundle.sha256,
            environment=environment,
            cluster=cluster,
            warrant="w",
            outcome=DeployOutcome(outcome),
            reason="ok",
            predecessor=predecessor,
            started_at=NOW,
            finished_at=NOW,
        )
        kind = EventKind.DEPLOYMENT_FINISHED if outcome == "deployed" else EventKind.DEPLOYMENT_ROLLED_BACK
        self.notary.append(
            DeliveryEvent(
                kind=kind,
                key=f"job:{len(self.notary.recorded)}",
                subject=bundle.sha256,
                story=bundle.story,
                bundle=bundle.sha256,
                environment=environment,
                cluster=cluster,
                actor="job:x",
                data={"report": report.document()},
            )
        )


@pytest.fixture
def world() -> World:
    return World()


def refused(outcome: Plan | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.why


def admitted(outcome: Plan | Refusal) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


def test_a_story_on_a_release_branch_is_admitted_with_its_commit(world: World) -> None:
    head = world.code.write("release/1.1.0", "HB-101 notes", base="develop")
    plan = admitted(world.test())
    assert plan.components[0].commit == head
    assert plan.requester == "release_manager"
    assert plan.travelling == []


@pytest.mark.parametrize(
    ("story", "says"),
    [
        ("hb-1", "is not a Jira key"),
        ("HB-101; id", "is not a Jira key"),
        (None, "is not a Jira key"),
        ("OPS-7", "is of project OPS"),
        ("HB-999", "does not exist"),
        ("HB-103", "is closed"),
        ("HB-104", "'To Do'"),
        ("HB-102", "no undelivered commit"),
    ],
)
def test_a_story_that_cannot_travel_is_refused_in_a_sentence(world: World, story: object, says: str) -> None:
    world.code.write("release/1.1.0", "HB-101 notes", base="develop")
    assert says in refused(world.test(story))


def test_a_co_traveller_that_is_deliverable_travels_by_name(world: World) -> None:
    world.code.write("release/1.1.0", "HB-102 more", base="develop")
    assert [story.key for story in admitted(world.test()).travelling] == ["HB-102"]


@pytest.mark.parametrize("key", ["HB-103", "HB-104", "HB-998", "OPS-7"])
def test_a_co_traveller_that_is_not_ready_refuses_by_name(world: World, key: str) -> None:
    world.code.write("release/1.1.0", f"{key} sneaks in", base="develop")
    why = refused(world.test())
    assert "release/1.1.0 of order-gateway also carries" in why
    assert key in why


def test_a_word_that_only_looks_like_a_key_is_no_story(world: World) -> None:
    world.code.write("release/1.1.0", "HB-101 read UTF-8 and SHA-256", base="develop")
    assert admitted(world.test()).travelling == []


def test_of_two_release_branches_the_one_that_contains_the_other_counts(world: World) -> None:
    world.code.write("release/1.1.0", "HB-101 a", base="develop")
    newest = world.code.write("release/1.2.0", "HB-101 b", base="release/1.1.0")
    assert admitted(world.test()).components[0].commit == newest


def test_what_runs_in_production_does_not_travel_again(world: World) -> None:
    head = world.code.write("release/1.1.0", "HB-101 notes", base="develop")
    world.deployed(a_bundle(a_component(commit=head)), "prod", "prod-private")
    assert "in production already" in refused(world.test())


def test_what_one_cluster_still_misses_travels_with_the_next_release(world: World) -> None:
    old = world.code.write("release/1.0.0", "HB-102 limits", base="develop")
    partial = world.code.write("release/1.1.0", "HB-101 notes", base="release/1.0.0")
    world.code.write("release/1.2.0", "HB-105 next", base="release/1.1.0")
    world.tracker.add(a_story("HB-105"))
    world.deployed(a_bundle(a_component(commit=partial)), "prod", "prod-private")
    world.deployed(a_bundle(a_component(commit=old, version="1.0.0")), "prod", "prod-huawei")
    plan = admitted(world.test("HB-105"))
    assert [story.key for story in plan.travelling] == ["HB-101"]
    world.deployed(a_bundle(a_component(commit=partial)), "prod", "prod-huawei")
    assert admitted(world.test("HB-105")).travelling == []


def test_a_stranger_is_refused_by_name(world: World) -> None:
    from hummingbird.core.errors import Invalid

    world.code.write("release/1.1.0", "HB-101 notes", base="develop")
    with pytest.raises(Invalid, match="mallory is no person"):
        admit_test(
            CATALOGUE, world.tracker, world.code, world.settings, world.notary, world.ask(user="mallory")
        )


def test_production_takes_the_bundle_that_ran_in_test(world: World) -> None:
    bundle = a_bundle()
    world.deployed(bundle, "test", "test")
    plan = admitted(world.prod())
    assert (plan.bundle, plan.environment) == (bundle.sha256, "prod")
    assert plan.clusters == ["prod-private", "prod-huawei", "prod-industry"]


def test_a_later_run_is_about_the_clusters_that_miss_the_bundle(world: World) -> None:
    bundle = a_bundle()
    world.deployed(bundle, "test", "test")
    world.deployed(bundle, "prod", "prod-private")
    world.deployed(bundle, "prod", "prod-huawei", outcome="rolled_back")
    assert admitted(world.prod()).clusters == ["prod-huawei", "prod-industry"]
    world.deployed(bundle, "prod", "prod-huawei")
    assert admitted(world.prod()).clusters == ["prod-industry"]


def test_what_ran_in_between_makes_a_cluster_miss_the_bundle_again(world: World) -> None:
    bundle, other = a_bundle(), a_bundle(a_component(version="2.0.0"), story="HB-102")
    world.deployed(bundle, "test", "test")
    for cluster in CATALOGUE.production.clusters:
        world.deployed(bundle, "prod", cluster)
    world.deployed(other, "prod", "prod-industry", predecessor=bundle.sha256)
    assert admitted(world.prod()).clusters == ["prod-industry"]


def test_production_refuses_a_story_that_never_ran_in_test_or_was_rolled_back_there(world: World) -> None:
    assert "run test_deploy first" in refused(world.prod())
    world.deployed(a_bundle(), "test", "test", outcome="rolled_back")
    assert "run test_deploy first" in refused(world.prod())


def test_a_rollback_undoes_the_bundle_where_it_runs_and_something_ran_before(world: World) -> None:
    old, new = a_bundle(a_component(version="1.0.0")), a_bundle()
    for cluster in ("prod-private", "prod-huawei"):
        world.deployed(old, "prod", cluster)
    world.deployed(new, "prod", "prod-private", predecessor=old.sha256)
    world.deployed(new, "prod", "prod-huawei", predecessor=old.sha256, outcome="rolled_back")
    world.deployed(new, "prod", "prod-industry")
    plan = admitted(world.rollback())
    assert (plan.bundle, plan.clusters) == (new.sha256, ["prod-private"])


def test_clusters_with_other_predecessors_go_back_together_each_to_its_own(world: World) -> None:
    old, older, new = a_bundle(a_component(version="1.0.0")), a_bundle(a_component(version="0.9")), a_bundle()
    for cluster, before in (("prod-private", old), ("prod-huawei", older)):
        world.deployed(before, "prod", cluster)
        world.deployed(new, "prod", cluster, predecessor=before.sha256)
    assert admitted(world.rollback()).clusters == ["prod-private", "prod-huawei"]
    found = [came_from(world.notary, new, "prod", c) for c in ("prod-private", "prod-huawei")]
    assert found == [{"order-gateway": old.sha256}, {"order-gateway": older.sha256}]


def test_a_first_deployment_cannot_be_rolled_back_and_neither_can_what_does_not_run(world: World) -> None:
    world.deployed(a_bundle(), "prod", "prod-private")
    assert "nothing ran in prod-private before" in refused(world.rollback())
    world.deployed(a_bundle(a_component(version="2.0.0"), story="HB-102"), "prod", "prod-private")
    assert "no cluster of prod runs the bundle" in refused(world.rollback())


def test_the_plan_is_frozen_in_the_ledger_once(world: World) -> None:
    world.code.write("release/1.1.0", "HB-101 notes", base="develop")
    plan = admitted(world.test())
    record(world.notary, world.ask(), plan)
    world.code.write("release/1.1.0", "HB-101 later commit")
    record(world.notary, world.ask(), admitted(world.test()))
    assert plan_of(world.notary, "test_deploy", "r1") == plan
    assert len(world.notary.recorded) == 1


def test_a_refusal_leaves_its_record_and_nothing_else(world: World) -> None:
    record(world.notary, world.ask("hb"), Refusal(why="no"))
    assert [(r.event.kind, r.event.story) for r in world.notary.recorded] == [(EventKind.RUN_REFUSED, None)]
    assert world.tracker.comments == {}
    assert world.code.statuses == []


def test_a_refusal_is_found_by_the_story_that_was_asked_for(world: World) -> None:
    record(world.notary, world.ask("HB-104"), Refusal(why="HB-104 is closed"))
    assert [one.event.story for one in world.notary.recorded] == ["HB-104"]


def test_a_named_commit_must_exist_and_a_foreign_component_is_refused(world: World) -> None:
    head = world.code.heads["develop"]
    good = Change(component="order-gateway", branch="develop", commit=head, mode="incremental")
    request = world.ask()
    plan = admitted(admit_change(CATALOGUE, world.tracker, world.code, request, good))
    assert plan.components[0].commit == head
    missing = good.model_copy(update={"commit": "f" * 40})
    assert "has no commit" in refused(admit_change(CATALOGUE, world.tracker, world.code, request, missing))
    foreign = good.model_copy(update={"component": "x/../y"})
    assert "is not in the catalogue" in refused(
        admit_change(CATALOGUE, world.tracker, world.code, request, foreign)
    )


def test_a_person_may_name_the_story_alone(world: World) -> None:
    head = world.code.write("feature/HB-102-limits", "HB-102 limits", base="develop")
    plan = admitted(admit_change(CATALOGUE, world.tracker, world.code, world.ask("HB-102"), Change()))
    assert plan.components[0].commit == head


def test_taking_back_needs_an_admitted_story_and_a_reason_and_no_tracker() -> None:
    world = World()
    request = world.ask(path="withdraw", user="test_lead")
    nothing = admit_withdrawal(CATALOGUE, world.notary, request, "wrong limit")
    assert nothing == Refusal(why="no run was admitted for HB-101; there is nothing to take back")
    plan = Plan(
        dag_id="test_deploy",
        run_id="r1",
        story=a_story("HB-101", status="In Test"),
        requester="release_manager",
        policy_version="a" * 64,
    )
    record(world.notary, world.ask(), plan)
    admitted = admit_withdrawal(CATALOGUE, world.notary, request, "wrong limit")
    assert isinstance(admitted, Plan)
    assert (admitted.story, admitted.requester, admitted.environment) == (plan.story, "test_lead", None)
    silent = admit_withdrawal(CATALOGUE, world.notary, request, " ")
    assert isinstance(silent, Refusal)
    assert "needs a reason" in silent.why
