"""One story over several components: one plan, one bundle, one order, and one co-traveller stops it all."""

from __future__ import annotations

from builders import NOW, a_build, a_bundle, a_component, a_story, the_catalogue
from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle, Configuration
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.paths import build, jobs
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.admit_test import admit_test
from hummingbird.paths.running import running_bundles
from hummingbird.paths.seal import seal_bundle
from world_in_memory import MemoryCode, MemoryNotary, MemorySettings, MemoryTracker

CATALOGUE = the_catalogue()
NAMES = ["trade-web", "order-gateway", "quote-service"]
CALLEE_FIRST = ["quote-service", "order-gateway", "trade-web"]
FILES = {
    **{f"config/{name}.properties": f"limit = {name}" for name in CATALOGUE.environments},
    "openapi.yaml": "openapi: 3.0.3",
}


class World:
    def __init__(self) -> None:
        self.tracker, self.code, self.notary = MemoryTracker(), MemoryCode(), MemoryNotary()
        self.tracker.add(a_story("HB-101"), a_story("HB-102"), a_story("HB-104", status="To Do"))
        for name in NAMES:
            self.repository(name).write("master", "first", **FILES)

    def repository(self, name: str) -> MemoryCode:
        return self.code.of(CATALOGUE.component(name).gitlab_project)

    def release(self, name: str, *messages: str) -> str:
        return [self.repository(name).write("release/1.1.0", message, base="master") for message in messages][
            -1
        ]

    def admit(self, story: str = "HB-101") -> Plan | Refusal:
        request = Request(dag_id="test_deploy", run_id="r1", story=story, requester="release_manager")
        return admit_test(CATALOGUE, self.tracker, self.code, MemorySettings(), self.notary, request)

    def built(self, plan: Plan) -> None:
        for planned in plan.components:
            image = Image(repository=f"trading-dev/{planned.name}", digest=digest_of(planned.name))
            made = a_build(component=planned.name, commit=planned.commit, image=image)
            build.record_build(self.notary, plan, made)

    def deployed(self, bundle: Bundle, outcome: DeployOutcome, predecessor: str | None) -> None:
        self.notary.bundles[bundle.sha256] = bundle
        report = DeployReport(
            bundle=bundle.sha256, environment="prod", cluster="prod-private", warrant="w", outcome=outcome,
            reason="ok", predecessor=predecessor, started_at=NOW, finished_at=NOW,
        )  # fmt: skip
        good = outcome is DeployOutcome.DEPLOYED
        self.notary.append(
            DeliveryEvent(
                kind=EventKind.DEPLOYMENT_FINISHED if good else EventKind.DEPLOYMENT_ROLLED_BACK,
                key=f"job:{len(self.notary.recorded)}",
                subject=bundle.sha256,
                bundle=bundle.sha256,
                environment="prod",
                cluster="prod-private",
                actor="job:x",
                data={"report": report.document()},
            )
        )

    def runs(self, name: str) -> str | None:
        found = running_bundles(self.notary, name, ["prod-private"])["prod-private"]
        return found.sha256 if found else None


def digest_of(name: str) -> str:
    return f"sha256:{sum(name.encode()):064x}"


def admitted(outcome: Plan | Refusal) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


def refused(outcome: Plan | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.why


def test_every_component_with_a_candidate_of_the_story_is_planned() -> None:
    world = World()
    heads = {name: world.release(name, "HB-101 limits") for name in NAMES}
    assert {planned.name: planned.commit for planned in admitted(world.admit()).components} == heads


def test_a_component_that_the_story_does_not_touch_stays_out() -> None:
    world = World()
    for name in ("quote-service", "order-gateway"):
        world.release(name, "HB-102 lots")
    world.release("trade-web", "HB-101 limits")
    assert {planned.name for planned in admitted(world.admit("HB-102")).components} == {
        "quote-service",
        "order-gateway",
    }


def test_a_co_traveller_of_any_component_that_is_not_ready_refuses_by_name() -> None:
    for name in NAMES:
        world = World()
        for other in NAMES:
            world.release(other, "HB-101 limits")
        world.release(name, "HB-104 sneaks in")
        why = refused(world.admit())
        assert "release/1.1.0" in why
        assert "HB-104" in why
        assert name in why, "which component it rides on"


def test_co_travellers_of_all_components_travel_once() -> None:
    world = World()
    for name in NAMES:
        world.release(name, "HB-101 limits", "HB-102 lots")
    assert [story.key for story in admitted(world.admit()).travelling] == ["HB-102"]


def test_the_bundle_holds_them_all_in_the_order_in_which_they_are_deployed() -> None:
    world = World()
    for name in NAMES:
        world.release(name, "HB-101 limits")
    world.release("trade-web", "HB-102 lots")
    plan = admitted(world.admit())
    world.built(plan)
    bundle = seal_bundle(CATALOGUE, world.code, world.notary, plan)
    assert [component.name for component in bundle.components] == CALLEE_FIRST
    assert [component.image.digest for component in bundle.components] == list(map(digest_of, CALLEE_FIRST))
    assert [component.stories for component in bundle.components] == [["HB-101"]] * 2 + [["HB-101", "HB-102"]]
    assert bundle.stories == ["HB-101", "HB-102"]


def test_the_order_of_the_plan_does_not_make_another_bundle() -> None:
    world = World()
    for name in NAMES:
        world.release(name, "HB-101 limits")
    plan = admitted(world.admit())
    world.built(plan)
    turned = plan.model_copy(update={"components": plan.components[::-1]})
    sealed = [seal_bundle(CATALOGUE, world.code, world.notary, one).sha256 for one in (plan, turned)]
    assert sealed[0] == sealed[1]


def test_there_is_one_suite_job_a_component() -> None:
    components = [a_component(name=name) for name in CALLEE_FIRST]
    found = jobs.suite_jobs(CATALOGUE, a_bundle(*components), "test")
    assert [job.component.name for job in found] == CALLEE_FIRST


def test_components_of_one_bundle_may_have_come_from_different_ones() -> None:
    world = World()
    settings = {"prod": Configuration(items={"a": "1"})}
    first = a_bundle(a_component(name="quote-service"), a_component(), story="HB-101")
    second = a_bundle(a_component(configuration=settings), story="HB-102")
    third = a_bundle(a_component(name="quote-service", version="3"), a_component(version="3"))
    world.deployed(first, DeployOutcome.DEPLOYED, None)
    world.deployed(second, DeployOutcome.DEPLOYED, first.sha256)
    world.deployed(third, DeployOutcome.ROLLED_BACK, first.sha256)
    assert (world.runs("quote-service"), world.runs("order-gateway")) == (first.sha256, second.sha256)
    assert world.runs("trade-web") is None
