"""The deploy workload against real HTTP: a cluster whose pods run, a registry, Apollo."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from contract.deploy_world import GOOD_ITEMS, DeployWorld, NotaryDouble
from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Conflict
from hummingbird.core.warrant import Operation
from hummingbird.workloads.deployment import bringing
from sandbox_world import SandboxWorld


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployWorld]:
    with pytest.MonkeyPatch.context() as environ:
        made = DeployWorld(sandbox, tmp_path_factory.mktemp("deploy"), environ)
        yield made
        made.cluster.close()


@pytest.fixture(scope="module")
def first(world: DeployWorld) -> Bundle:
    """The first version, deployed where nothing ran."""
    bundle = world.bundle(world.image("first"))
    report = world.deploy(world.job(bundle))
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    (state,) = report.components
    assert world.running() == {state.digest} == {bundle.components[0].image.digest}
    assert state.configuration_sha256 == bundle.components[0].configuration["dev"].sha256
    assert world.served() == GOOD_ITEMS
    return bundle


def test_the_same_bundle_again_touches_nothing(world: DeployWorld, first: Bundle) -> None:
    generation, release = world.generation(), world.releases()
    report = world.deploy(world.job(first, first))
    assert report.outcome is DeployOutcome.ALREADY_DEPLOYED
    assert (world.generation(), world.releases()) == (generation, release)


def test_a_used_up_warrant_touches_nothing(world: DeployWorld, first: Bundle) -> None:
    generation = world.generation()
    report = world.deploy(world.job(first, first), NotaryDouble(finished="deployed"))
    assert report.outcome is DeployOutcome.ALREADY_DEPLOYED
    assert "already deployed at" in report.reason
    rolled_back = world.deploy(world.job(first, first), NotaryDouble(finished="rolled_back"))
    assert rolled_back.outcome is DeployOutcome.REFUSED
    assert world.generation() == generation


def test_a_version_that_is_never_ready_goes_back_with_its_configuration(
    world: DeployWorld, first: Bundle
) -> None:
    items = {**GOOD_ITEMS, "order.max.quantity": "7"}
    bad = world.bundle(world.image("unready", ready=False), items, commit="2")
    job = world.job(bad, first)
    report = world.deploy(job)
    assert report.outcome is DeployOutcome.ROLLED_BACK, report.reason
    assert "probe" in report.reason.lower()
    assert report.predecessor == first.sha256
    assert world.running() == {first.components[0].image.digest}
    assert world.served() == GOOD_ITEMS
    generation = world.generation()
    again = world.deploy(job)
    assert (again.outcome, again.reason) == (report.outcome, report.reason)
    assert world.generation() == generation, "a rollback that ended is not begun again"


def test_a_version_that_crashes_goes_back_with_its_last_words(world: DeployWorld, first: Bundle) -> None:
    bad = world.bundle(world.image("crashing", starts=False), commit="3")
    report = world.deploy(world.job(bad, first))
    assert report.outcome is DeployOutcome.ROLLED_BACK, report.reason
    assert "the ledger of orders is missing" in report.reason
    assert world.running() == {first.components[0].image.digest}


def test_a_new_configuration_restarts_the_pods_with_it(world: DeployWorld, first: Bundle) -> None:
    items = {**GOOD_ITEMS, "order.max.quantity": "500"}
    second = world.bundle(first.components[0].image.digest, items)
    job = world.job(second, first)
    report = world.deploy(job)
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert world.served() == items
    pod_config = world.cluster.service_get("order-gateway", 8080, "/config-version").decode()
    assert second.components[0].configuration["dev"].sha256 in pod_config
    generation = world.generation()
    resumed = world.deploy(job)
    assert resumed.outcome is DeployOutcome.DEPLOYED, "its pod ended before it could say so"
    assert world.generation() == generation
    back = world.deploy(world.job(first, second))
    assert back.outcome is DeployOutcome.DEPLOYED, back.reason
    assert world.served() == GOOD_ITEMS


def test_what_the_warrant_does_not_cover_is_refused_before_anything_is_touched(
    world: DeployWorld, first: Bundle
) -> None:
    other = world.bundle(world.image("other"), commit="4")
    generation = world.generation()
    now = datetime.now(UTC)
    attempts = {
        "is for bundle": world.job(other, first, bundle="0" * 64),
        "is for test": world.job(other, first, environment="test"),
        "permits tools": world.job(other, first, clusters=["tools"]),
        "expired at": world.job(other, first, expires_at=now - timedelta(seconds=1)),
        "expects nothing": world.job(other),
        "not in the registry": world.job(world.bundle(f"sha256:{'9' * 64}"), first),
    }
    for sentence, job in attempts.items():
        report = world.deploy(job)
        assert report.outcome is DeployOutcome.REFUSED, sentence
        assert sentence in report.reason
    assert world.generation() == generation


def test_a_forged_warrant_is_not_even_taken(world: DeployWorld, first: Bundle) -> None:
    job = world.job(first, first)
    forged = job.warrant.model_copy(update={"signature": base64.b64encode(b"0" * 64).decode()})
    notary = NotaryDouble()
    report = world.deploy(job.model_copy(update={"warrant": forged}), notary)
    assert (report.outcome, notary.consumed) == (DeployOutcome.REFUSED, [])
    assert "not signed by this notary" in report.reason


def test_only_one_deployment_at_a_time_has_the_lease(world: DeployWorld, first: Bundle) -> None:
    held = world.cluster.leases.acquire("hummingbird-dev", "another-job", 60)
    with pytest.raises(Conflict, match="another-job"):
        world.deploy(world.job(first, first))
    world.cluster.leases.release(held)
    assert world.deploy(world.job(first, first)).outcome is DeployOutcome.ALREADY_DEPLOYED


def test_a_first_version_that_fails_is_stopped_and_its_mend_can_follow(
    world: DeployWorld, first: Bundle
) -> None:
    bad = world.bundle(world.image("twin", starts=False), commit="5", name="order-twin")
    report = world.deploy(world.job(bad))
    assert (report.outcome, report.predecessor) == (DeployOutcome.ROLLED_BACK, None), report.reason
    assert world.cluster.deployment("order-twin")["spec"]["replicas"] == 0
    mend = world.bundle(first.components[0].image.digest, commit="6", name="order-twin")
    mended = world.deploy(world.job(mend))
    assert mended.outcome is DeployOutcome.DEPLOYED, mended.reason


def two(*bundles: Bundle) -> Bundle:
    """One bundle of the components of several, in that order: the called one first."""
    return Bundle(story=bundles[0].story, components=[one.components[0] for one in bundles])


@pytest.mark.long
def test_several_components_are_brought_in_order_and_go_back_together_last_one_first(
    world: DeployWorld, first: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    digest, unready = first.components[0].image.digest, world.image("unready-caller", ready=False)
    good = two(*(world.bundle(digest, commit="7", name=name) for name in ("callee", "caller")))
    report = world.deploy(world.job(good))
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert [state.name for state in report.components] == ["callee", "caller"]
    capsys.readouterr()
    newer = world.bundle(world.image("newer-callee"), commit="8", name="callee")
    bad = two(newer, world.bundle(unready, commit="8", name="caller"))
    report = world.deploy(world.job(bad, good))
    assert report.outcome is DeployOutcome.ROLLED_BACK, report.reason
    assert "caller" in report.reason
    assert world.running("callee") == world.running("caller") == {digest}
    said = capsys.readouterr().out
    went, back = said.split("going back")
    assert went.index("callee: serves") < went.index("caller: sha256")
    assert back.index("caller: ") < back.index("callee: ")


def test_a_rollback_brings_callers_back_before_what_they_call(world: DeployWorld, first: Bundle) -> None:
    digest = first.components[0].image.digest
    old = two(*(world.bundle(digest, commit="9", name=name) for name in ("callee", "caller")))
    seven = two(*(world.bundle(digest, commit="7", name=name) for name in ("callee", "caller")))
    report = world.deploy(world.job(seven, old, operation=Operation.ROLLBACK))
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert [state.name for state in report.components] == ["caller", "callee"]


def test_a_deployment_whose_pod_is_killed_goes_on_without_a_second_rollout(
    world: DeployWorld, first: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The pod's end at the worst moment: the new version is applied, nothing is reported."""

    def killed(*_: object) -> None:
        raise Killed

    new = world.bundle(world.image("killed"), commit="7")
    job = world.job(new, first)
    monkeypatch.setattr(bringing, "wait_until_serving", killed)
    with pytest.raises(Killed):
        world.deploy(job)
    generation, release = world.generation(), world.releases()
    monkeypatch.undo()
    report = world.deploy(job)
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert (world.generation(), world.releases()) == (generation, release)
    assert world.running() == {new.components[0].image.digest}


def test_a_rollback_brings_what_served_before_and_touches_nothing_twice(
    world: DeployWorld, first: Bundle
) -> None:
    name = "order-undo"
    old = world.bundle(first.components[0].image.digest, commit="a", name=name)
    new = world.bundle(world.image("undone"), {**GOOD_ITEMS, "order.max.quantity": "9"}, "b", name)
    assert world.deploy(world.job(old)).outcome is DeployOutcome.DEPLOYED
    forward = world.deploy(world.job(new, old))
    assert forward.serves == {name: new.sha256}, forward.reason
    job = world.job(new, old, operation="rollback")
    back = world.deploy(job)
    assert (back.outcome, back.bundle) == (DeployOutcome.DEPLOYED, new.sha256), back.reason
    assert (back.serves, back.predecessors) == ({name: old.sha256}, {name: old.sha256})
    assert world.served() == GOOD_ITEMS
    live = world.cluster.deployment(name)
    assert live["metadata"]["annotations"]["hummingbird.dev/bundle"] == old.sha256
    again = world.deploy(job)
    assert again.outcome is DeployOutcome.DEPLOYED
    assert world.cluster.deployment(name)["metadata"]["generation"] == live["metadata"]["generation"]


def test_a_rollback_whose_past_does_not_serve_brings_the_bundle_again(
    world: DeployWorld, first: Bundle
) -> None:
    name = "order-stay"
    old = world.bundle(world.image("fallen", starts=False), commit="c", name=name)
    new = world.bundle(first.components[0].image.digest, commit="d", name=name)
    assert world.deploy(world.job(new)).outcome is DeployOutcome.DEPLOYED
    back = world.deploy(world.job(new, old, operation="rollback"))
    assert back.outcome is DeployOutcome.ROLLED_BACK, back.reason
    assert back.serves == {name: new.sha256}


def test_what_was_not_there_before_is_stopped_by_a_rollback(world: DeployWorld, first: Bundle) -> None:
    name = "order-new"
    new = world.bundle(first.components[0].image.digest, commit="e", name=name)
    assert world.deploy(world.job(new)).outcome is DeployOutcome.DEPLOYED
    back = world.deploy(world.job(new, operation="rollback"))
    assert (back.outcome, back.serves) == (DeployOutcome.DEPLOYED, {name: None}), back.reason
    assert world.cluster.deployment(name)["spec"]["replicas"] == 0
