"""Brings one target to serve: forward and back are the same steps, image and configuration as one unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hummingbird.clients.cluster import Cluster
from hummingbird.core.deployment import ComponentState
from hummingbird.core.errors import Final, NotFound
from hummingbird.workloads.deployment.configuration import Configurations
from hummingbird.workloads.deployment.fencing import apply_fenced
from hummingbird.workloads.deployment.manifests import (
    FAILED,
    FENCE,
    REASON,
    WARRANT,
    config_map,
    deployment,
    labels,
    service,
)
from hummingbird.workloads.deployment.rollout_watch import wait_until_serving
from hummingbird.workloads.deployment.target import Target
from hummingbird.workloads.deployment.verify import verify
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.progress import say


@dataclass(frozen=True)
class Hands:
    """What a deployment works with; `hold` keeps the lease and raises Conflict when another one has it."""

    cluster: Cluster
    configurations: Configurations
    registry: Registry
    hold: Callable[[], None]
    warrant: str
    fence: int


@dataclass(frozen=True)
class Failure:
    """Which bundle was rolled back and why; it stays on the Deployment, so that a restart goes on from it."""

    bundle: str
    reason: str


def require_image(hands: Hands, target: Target) -> None:
    """NotFound unless the image can be pulled here by its digest: asked before anything is touched."""
    if not hands.registry.has_manifest(target.image):
        where = f"{target.image.repository}@{target.image.digest}"
        raise NotFound(
            f"{where} is not in the registry that {target.cluster.name} pulls from; promote it first"
        )


def bring(hands: Hands, target: Target, failure: Failure | None = None) -> ComponentState:
    """Apply, release, apply, watch, verify. Everything here may be done again without a second rollout.

    Raises NotServing when the target does not come to serve, other core.errors when machinery fails.
    """
    hands.hold()
    hands.cluster.apply(config_map(target))
    hands.cluster.apply(service(target))
    _say_difference(hands, target)
    release = hands.configurations.release(target, hands.warrant)
    url = hands.configurations.config_url
    there = [pod.name for pod in hands.cluster.pods(labels(target))]
    _apply(hands, deployment(target, url, _annotations(hands, failure)))
    say(f"{target.name}: {target.image.digest} applied in {target.cluster.name}, waiting for its pods")
    wait_until_serving(hands.cluster, target, there, hands.hold, say)
    state = verify(hands.cluster, hands.configurations, target, release)
    say(f"{target.name}: serves {state.digest}, configuration {target.configuration_sha256[:12]}")
    return state


def stop(hands: Hands, target: Target, failure: Failure | None = None) -> None:
    """Bring a target to zero pods: what is left to do where nothing ran before."""
    url = hands.configurations.config_url
    _apply(hands, deployment(target, url, _annotations(hands, failure), replicas=0))
    say(f"{target.name}: nothing ran here before, so it is stopped")


def serves_already(hands: Hands, target: Target) -> ComponentState | None:
    """The proof that a target serves as it stands, None when anything is missing."""
    try:
        return verify(hands.cluster, hands.configurations, target, None)
    except Final as error:
        say(f"{target.name} is applied but does not serve yet: {error}")
        return None


def _apply(hands: Hands, document: dict[str, Any]) -> None:
    apply_fenced(hands.cluster, document, hands.fence, hands.hold)


def _say_difference(hands: Hands, target: Target) -> None:
    keys = hands.configurations.difference(target)
    if keys:
        say(
            f"{target.name}: Apollo is about to serve other values of {', '.join(keys[:20])}; "
            "pods of the running version see them until they are replaced"
        )


def _annotations(hands: Hands, failure: Failure | None) -> dict[str, str]:
    told = {WARRANT: hands.warrant, FENCE: str(hands.fence), FAILED: "", REASON: ""}
    if failure is not None:
        told[FAILED] = failure.bundle
        told[REASON] = failure.reason[:1000]
    return told
