"""Fifty want one environment, one gets it; who slept through the loss of the lease writes nothing (F17)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract.deploy_world import DeployWorld
from hummingbird.clients.cluster import Cluster
from hummingbird.clients.lease import Held
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Conflict
from hummingbird.workloads.deployment import fencing, holding
from hummingbird.workloads.deployment.fencing import apply_fenced
from hummingbird.workloads.deployment.manifests import FENCE, deployment
from hummingbird.workloads.deployment.target import targets_of
from sandbox_world import SandboxWorld

RACERS = 50


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployWorld]:
    with pytest.MonkeyPatch.context() as environ:
        made = DeployWorld(sandbox, tmp_path_factory.mktemp("fencing"), environ)
        yield made
        made.cluster.close()


def test_of_fifty_who_race_for_a_lease_one_gets_it_and_the_others_hear_who(world: DeployWorld) -> None:
    def race(number: int) -> Held | Conflict:
        cluster = Cluster.in_pod("dev", world.folder / "serviceaccount")
        try:
            return cluster.leases.acquire("hummingbird-race", f"job-{number}", 60)
        except Conflict as conflict:
            return conflict
        finally:
            cluster.close()

    with ThreadPoolExecutor(RACERS) as pool:
        ended = list(pool.map(race, range(RACERS)))
    (winner,) = (one for one in ended if isinstance(one, Held))
    losers = [str(one) for one in ended if isinstance(one, Conflict)]
    assert len(losers) == RACERS - 1
    assert all(f"held by {winner.holder} " in one or "others took it" in one for one in losers), losers
    world.cluster.leases.release(winner)


def a_document(world: DeployWorld, fence: int, replicas: int) -> dict[str, Any]:
    """The Deployment of a component that nobody else deploys, as a holder would write it."""
    bundle = world.bundle(f"sha256:{'0' * 64}", name="order-fenced")
    (target,) = targets_of(world.job(bundle), bundle, ["order-fenced"])
    return deployment(target, "http://127.0.0.1:9", {FENCE: str(fence)}, replicas=replicas)


def written(world: DeployWorld) -> tuple[str, int]:
    """Who wrote the Deployment last, and what."""
    found = world.cluster.deployment("order-fenced")
    return found["metadata"]["annotations"][FENCE], found["spec"]["replicas"]


def test_a_holder_that_sleeps_between_looking_and_writing_overwrites_nobody(world: DeployWorld) -> None:
    apply_fenced(world.cluster, a_document(world, 1, 0), 1, lambda: None)
    assert written(world) == ("1", 0)

    def sleeps_while_another_takes_over() -> None:
        world.cluster.apply(a_document(world, 3, 0))

    with pytest.raises(Conflict, match="written by lease holder 3, this is holder 2"):
        apply_fenced(world.cluster, a_document(world, 2, 5), 2, sleeps_while_another_takes_over)
    assert written(world) == ("3", 0)
    with pytest.raises(Conflict, match="another deployment took over"):
        apply_fenced(world.cluster, a_document(world, 2, 5), 2, lambda: None)
    apply_fenced(world.cluster, a_document(world, 3, 0), 3, lambda: None)


def test_a_status_that_moves_on_is_no_other_holder(world: DeployWorld) -> None:
    apply_fenced(world.cluster, a_document(world, 4, 0), 4, lambda: None)
    times: list[int] = []

    def somebody_labels_it() -> None:
        times.append(len(times))
        if len(times) < 3:
            document = a_document(world, 4, 0)
            document["metadata"]["annotations"]["seen"] = str(len(times))
            world.cluster.apply(document)

    apply_fenced(world.cluster, a_document(world, 4, 0), 4, somebody_labels_it)
    assert len(times) == 3
    times.clear()
    with pytest.MonkeyPatch.context() as few:
        few.setattr(fencing, "ATTEMPTS", 2)
        with pytest.raises(Conflict):
            apply_fenced(world.cluster, a_document(world, 4, 0), 4, somebody_labels_it)


def test_a_deployment_paused_past_its_lease_ends_and_the_other_one_s_version_stays(
    world: DeployWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, slow, quick = (world.bundle(world.image(name), commit=str(n)) for n, name in enumerate("abc", 1))
    assert world.deploy(world.job(first)).outcome is DeployOutcome.DEPLOYED
    monkeypatch.setattr(holding, "MARGIN_SECONDS", -7)
    real = fencing.apply_fenced
    paused: list[int] = []

    def sleeps_first(cluster: Cluster, document: dict[str, Any], fence: int, hold: Any) -> None:
        if not paused:
            paused.append(fence)
            take_over()
        real(cluster, document, fence, lambda: None)

    def take_over() -> None:
        """The lease runs out, another run takes it and deploys; then the first one goes on."""
        lease = world.cluster.leases
        held = expired(lambda: lease.acquire("hummingbird-dev", "job-2", 60))
        document = world.cluster.deployment("order-gateway")
        assert int(document["metadata"]["annotations"][FENCE]) < held.fence
        (target,) = targets_of(world.job(quick, first), quick, ["order-gateway"])
        wanted = deployment(target, "http://127.0.0.1:9", {FENCE: str(held.fence)})
        world.cluster.apply(wanted)
        lease.release(held)

    monkeypatch.setattr("hummingbird.workloads.deployment.bringing.apply_fenced", sleeps_first)
    with pytest.raises(Conflict, match=r"another deployment took over|another one is at work"):
        world.deploy(world.job(slow, first))
    image = world.cluster.deployment("order-gateway")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image.endswith(quick.components[0].image.digest)


def expired(take: Any) -> Held:
    """What `take` gets once the lease that is in its way has run out."""
    from waiting import until

    def once() -> Held | None:
        try:
            held: Held = take()
        except Conflict:
            return None
        return held

    found = until(once)
    assert found is not None
    return found
