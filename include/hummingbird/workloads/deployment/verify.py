"""The proof after a rollout: the digests that run, the configuration that is served, a request answered."""

from __future__ import annotations

from hummingbird.clients.cluster import Cluster
from hummingbird.core.deployment import ComponentState
from hummingbird.core.errors import DeliveryError
from hummingbird.workloads.deployment.configuration import Configurations
from hummingbird.workloads.deployment.manifests import CONTAINER, labels
from hummingbird.workloads.deployment.not_serving import NotServing
from hummingbird.workloads.deployment.target import Target


def verify(
    cluster: Cluster, configurations: Configurations, target: Target, release: int | None
) -> ComponentState:
    """What was read back of a target; NotServing when any of it is not what the bundle says."""
    digest = _running_digest(cluster, target)
    configuration = configurations.read_back(target)
    if configuration != target.configuration_sha256:
        raise NotServing(
            f"{target.name}: the config service serves {str(configuration)[:12]}, "
            f"the bundle has {target.configuration_sha256[:12]}"
        )
    workload = target.component.workload
    try:
        cluster.service_get(target.name, workload.port, workload.smoke)
    except DeliveryError as error:
        raise NotServing(f"{target.name} does not answer {workload.smoke}: {error}") from error
    return ComponentState(
        name=target.name, digest=digest, configuration_sha256=configuration, apollo_release=release
    )


def _running_digest(cluster: Cluster, target: Target) -> str:
    wanted = target.component.workload.environments[target.environment.name].replicas
    pods = [pod for pod in cluster.pods(labels(target)) if not pod.leaving and pod.phase == "Running"]
    ready = [pod for pod in pods if pod.ready]
    if len(ready) < wanted:
        raise NotServing(f"{target.name}: {len(ready)} of {wanted} pods are ready")
    running = {str(pod.digests.get(CONTAINER)) for pod in pods}
    if running != {target.image.digest}:
        raise NotServing(
            f"{target.name}: pods run {', '.join(sorted(running))}, the bundle has {target.image.digest}"
        )
    return target.image.digest
