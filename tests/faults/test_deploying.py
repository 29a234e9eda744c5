"""F14 to F16, F24, F26: faults of cluster, registry and Apollo; a rollout happens once, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from contract.deploy_world import GOOD_ITEMS, DeployWorld
from faulty import applied, fault
from hummingbird.core.artifact import Image
from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Retryable
from sandbox_world import SandboxWorld

_commit = itertools.count(1)


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployWorld]:
    with pytest.MonkeyPatch.context() as environ:
        made = DeployWorld(sandbox, tmp_path_factory.mktemp("deploy"), environ)
        yield made
        made.cluster.close()


@dataclass
class Stage:
    """What runs now; a test that deploys puts its own here."""

    now: Bundle


@pytest.fixture(scope="module")
def stage(world: DeployWorld) -> Stage:
    bundle = world.bundle(world.image("first"))
    assert world.deploy(world.job(bundle)).outcome is DeployOutcome.DEPLOYED
    return Stage(bundle)


def _next(world: DeployWorld, **items: str) -> Bundle:
    number = next(_commit)
    return world.bundle(world.image(f"next{number}"), {**GOOD_ITEMS, **items}, commit=f"{number:x}"[-1])


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        pytest.param("throttle", {"probability": 0.4, "seed": 3}, marks=pytest.mark.long),
        ("watch_gone", {"path": "watch=true", "count": 2}),
        ("watch_dropped", {"path": "watch=true"}),
        ("reset", {"method": "GET", "path": "deployments|pods", "probability": 0.3, "seed": 5}),
        ("drop_answer", {"method": "PATCH|PUT", "count": 3}),
    ],
)
def test_a_faulty_api_server_costs_time_and_no_second_rollout(
    world: DeployWorld, stage: Stage, kind: str, match: dict[str, object]
) -> None:
    new = _next(world)
    generation = world.generation()
    with fault(world.sandbox.world, "dev", kind, match) as made:
        report = world.deploy(world.job(new, stage.now))
        assert applied(world.sandbox.world, made)
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert world.generation() == generation + 1
    assert world.running() == {new.components[0].image.digest}
    stage.now = new


def test_a_cluster_that_goes_away_in_the_middle_is_machinery_and_the_next_try_goes_on(
    world: DeployWorld, stage: Stage
) -> None:
    new = _next(world, **{"order.max.quantity": "77"})
    job = world.job(new, stage.now)
    generation = world.generation()
    away = {"method": "PATCH", "path": "deployments", "after": 0}
    with fault(world.sandbox.world, "dev", "gone", away), pytest.raises(Retryable):
        world.deploy(job)
    assert world.served()["order.max.quantity"] == "77"  # F26: published, not yet deployed
    report = world.deploy(job)
    assert report.outcome is DeployOutcome.DEPLOYED, report.reason
    assert world.generation() == generation + 1
    assert world.served()["order.max.quantity"] == "77"
    stage.now = new


def test_a_configuration_whose_deployment_fails_is_taken_back(world: DeployWorld, stage: Stage) -> None:
    items = {**GOOD_ITEMS, "order.max.quantity": "7"}
    served = world.served()
    bad = world.bundle(world.image(f"bad{next(_commit)}", ready=False), items, commit="d")
    report = world.deploy(world.job(bad, stage.now))
    assert report.outcome is DeployOutcome.ROLLED_BACK, report.reason
    assert world.served() == served
    assert world.running() == {stage.now.components[0].image.digest}


@pytest.mark.parametrize("kind", ["status", "reset", "html", "throttle"])
def test_a_faulty_registry_is_waited_for_or_is_machinery(world: DeployWorld, stage: Stage, kind: str) -> None:
    generation = world.generation()
    with fault(world.sandbox.world, "harbor", kind, {"path": "/v2/", "count": 2}):
        report = world.deploy(world.job(stage.now, stage.now))
    assert report.outcome is DeployOutcome.ALREADY_DEPLOYED, report.reason
    assert world.generation() == generation


def test_an_image_that_is_gone_refuses_before_anything_is_touched(world: DeployWorld, stage: Stage) -> None:
    new, old = _next(world), stage.now.components[0].image
    generation, release = world.generation(), world.releases()
    for image, wanted in ((new.components[0].image, new), (old, _next(world))):
        _delete(world, image)
        report = world.deploy(world.job(wanted, stage.now))
        assert report.outcome is DeployOutcome.REFUSED
        assert image.digest in report.reason
        assert "promote it first" in report.reason
    assert (world.generation(), world.releases()) == (generation, release)
    assert world.running() == {old.digest}


def _delete(world: DeployWorld, image: Image) -> None:
    project, _, name = image.repository.partition("/")
    path = f"api/v2.0/projects/{project}/repositories/{name}/artifacts/{image.digest}"
    secret = world.sandbox.secret("harbor.administrator")
    answer = requests.delete(
        f"{world.sandbox.url('harbor')}/{path}", auth=("administrator", secret), timeout=10
    )
    assert answer.status_code == 200, answer.text
