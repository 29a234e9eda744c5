"""A story of configuration alone: found in the configuration centre, sealed onto what runs, kept."""

from __future__ import annotations

import pytest

from builders import NOW, a_build, a_story, the_catalogue
from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.errors import Mismatch
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.paths import build
from hummingbird.paths.admit import Refusal, Request
from hummingbird.paths.admit_test import admit_test
from hummingbird.paths.seal import seal_bundle
from hummingbird.paths.surviving import surviving
from world_in_memory import MemoryCode, MemoryNotary, MemorySettings, MemoryTracker

CATALOGUE = the_catalogue()
ENVIRONMENTS = {"dev": "DEV", "test": "FAT", "prod": "PRO"}


class World:
    """order-gateway 1.0.0 runs in production, with limit = 1 and size = 1 everywhere."""

    def __init__(self) -> None:
        self.tracker, self.code, self.notary = MemoryTracker(), MemoryCode(), MemoryNotary()
        self.settings = MemorySettings()
        self.tracker.add(a_story("HB-100"), a_story("HB-101"), a_story("HB-102"))
        self.commit("master", "first", "limit = 1\nsize = 1\n")
        self.commit("release/1.0.0", "HB-100 start", None)
        for env in ENVIRONMENTS.values():
            for key in ("limit", "size"):
                self.settings.edit(env, "order-gateway", key, "1", "")

    def commit(self, branch: str, message: str, text: str | None) -> str:
        files = {} if text is None else {f"config/{name}.properties": text for name in ENVIRONMENTS}
        contract = {"openapi.yaml": "openapi: 3.0.3"} if text is not None else {}
        return self.code.write(branch, message, base="master", **files, **contract)

    def plan(self, story: str) -> Plan:
        decided = self.ask(story)
        assert isinstance(decided, Plan), decided
        return decided

    def refused(self, story: str) -> str:
        decided = self.ask(story)
        assert isinstance(decided, Refusal), decided
        return decided.why

    def ask(self, story: str) -> Plan | Refusal:
        request = Request(dag_id="test_deploy", run_id="r1", story=story, requester="release_manager")
        return admit_test(CATALOGUE, self.tracker, self.code, self.settings, self.notary, request)

    def sealed(self, story: str) -> Bundle:
        plan = self.plan(story)
        for planned in plan.components:
            made = a_build(component=planned.name, commit=planned.commit)
            build.record_build(self.notary, plan, made)
        return seal_bundle(CATALOGUE, self.code, self.notary, plan)

    def deliver(self, story: str) -> Bundle:
        """Seal the story's bundle and let production run it."""
        bundle = self.sealed(story)
        self.notary.bundles[bundle.sha256] = bundle
        for cluster in CATALOGUE.environment("prod").clusters:
            report = DeployReport(
                bundle=bundle.sha256, environment="prod", cluster=cluster, warrant="w", reason="ok",
                outcome=DeployOutcome.DEPLOYED, started_at=NOW, finished_at=NOW,
            )  # fmt: skip
            self.notary.append(
                DeliveryEvent(
                    kind=EventKind.DEPLOYMENT_FINISHED,
                    key=f"job:{len(self.notary.recorded)}",
                    subject=bundle.sha256,
                    bundle=bundle.sha256,
                    environment="prod",
                    cluster=cluster,
                    actor="job:x",
                    data={"report": report.document()},
                )
            )
        return bundle


@pytest.fixture
def world() -> World:
    made = World()
    made.deliver("HB-100")
    return made


def items(bundle: Bundle, environment: str) -> dict[str, str]:
    return bundle.components[0].configuration[environment].items


def test_edits_that_name_the_story_are_delivered_with_what_runs(world: World) -> None:
    before = world.notary.bundles[next(iter(world.notary.bundles))]
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101 限额调整")
    world.settings.edit("FAT", "order-gateway", "limit", "4", "HB-101 限额调整")
    plan = world.plan("HB-101")
    assert [(planned.name, planned.branch) for planned in plan.components] == [("order-gateway", "")]
    bundle = world.sealed("HB-101")
    (component,) = bundle.components
    assert (component.commit, component.image) == (before.components[0].commit, before.components[0].image)
    assert component.stories == ["HB-101"]
    assert [items(bundle, name)["limit"] for name in ("dev", "test", "prod")] == ["1", "4", "5"]
    assert items(bundle, "prod")["size"] == "1"


def test_who_edited_counts_as_an_author(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101", editor="developer2")
    world.settings.edit("FAT", "order-gateway", "limit", "5", "HB-101", editor="stranger")
    assert world.sealed("HB-101").components[0].authors == ["developer2@hummingbird.example", "stranger"]


def test_edits_of_another_story_or_of_none_do_not_travel(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    world.settings.edit("PRO", "order-gateway", "size", "9", "HB-102")
    world.settings.edit("DEV", "order-gateway", "size", "7", "trying out")
    bundle = world.sealed("HB-101")
    assert items(bundle, "prod") == {"limit": "5", "size": "1"}
    assert items(bundle, "dev") == {"limit": "1", "size": "1"}


def test_neither_commits_nor_edits_is_refused_naming_both_ways(world: World) -> None:
    why = world.refused("HB-101")
    assert "no undelivered commit on a release or hotfix branch" in why
    assert "cut a release branch" in why
    assert "nor has Apollo an item whose comment names HB-101" in why


def test_an_item_that_names_the_story_with_the_running_value_is_no_edit(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "1", "HB-101")
    assert "nor has Apollo" in world.refused("HB-101")


def test_what_does_not_run_yet_can_not_be_configured_alone() -> None:
    world = World()
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    assert "does not run in production yet" in world.refused("HB-101")


def test_a_second_attempt_finds_the_same_edits_although_test_has_released_them(world: World) -> None:
    world.settings.edit("FAT", "order-gateway", "limit", "4", "HB-101")
    assert world.sealed("HB-101").sha256 == world.sealed("HB-101").sha256


def test_commits_of_the_story_come_before_its_edits(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    head = world.commit("release/1.1.0", "HB-101 code", "limit = 2\nsize = 1\n")
    assert [planned.commit for planned in world.plan("HB-101").components] == [head]


def test_production_that_changed_meanwhile_needs_a_new_admission(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    plan = world.plan("HB-101")
    world.code.write("release/1.1.0", "HB-102 code", base="release/1.0.0")
    world.deliver("HB-102")
    with pytest.raises(Mismatch, match="start test_deploy again"):
        seal_bundle(CATALOGUE, world.code, world.notary, plan)


def test_a_delivered_value_survives_the_next_release_of_code(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    world.deliver("HB-101")
    world.commit("release/1.1.0", "HB-102 code", "limit = 1\nsize = 2\nnew = 1\n")
    assert items(world.sealed("HB-102"), "prod") == {"limit": "5", "size": "2", "new": "1"}


def test_the_candidate_s_own_change_of_the_same_key_wins(world: World) -> None:
    world.settings.edit("PRO", "order-gateway", "limit", "5", "HB-101")
    world.deliver("HB-101")
    world.commit("release/1.1.0", "HB-102 code", "limit = 3\nsize = 1\n")
    assert items(world.sealed("HB-102"), "prod")["limit"] == "3"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ({}, {}, {"a": "1"}, {"a": "1"}),
        ({"a": "1"}, {"a": "1"}, {}, {}),
        ({"a": "1"}, {"a": "2"}, {"a": "1"}, {"a": "2"}),
        ({"a": "1"}, {"a": "2"}, {"a": "3"}, {"a": "3"}),
        ({"a": "1"}, {"a": "2"}, {}, {}),
        ({}, {"b": "1"}, {}, {"b": "1"}),
        ({"a": "1"}, {}, {"a": "1"}, {}),
        ({"a": "1"}, {}, {"a": "2"}, {"a": "2"}),
    ],
)
def test_three_ways_are_one(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str], merged: dict[str, str]
) -> None:
    assert surviving(base, ours, theirs) == merged
