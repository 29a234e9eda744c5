"""A target as Kubernetes objects. Pure: the same target gives the same documents.

A pod restarts when its image or its configuration changes, and for nothing else: bundle, story and warrant
stand on the Deployment, not in the pod template.
"""

from __future__ import annotations

from typing import Any

from hummingbird.core.errors import Invalid
from hummingbird.workloads.deployment.target import Target

PREFIX = "hummingbird.dev/"
BUNDLE = f"{PREFIX}bundle"
WARRANT = f"{PREFIX}warrant"
STORY = f"{PREFIX}story"
FENCE = f"{PREFIX}fence"
FAILED = f"{PREFIX}rolled-back-from"
REASON = f"{PREFIX}rolled-back-because"
CONTAINER = "main"
USER = 65532
PULL_SECRET = "harbor-pull"  # noqa: S105 - the name of a Secret, not one
FOLDER = "/etc/hummingbird/config"
FILE = "application.properties"


def labels(target: Target) -> dict[str, str]:
    """What selects the component's pods; a Deployment's selector can never change."""
    return {"app.kubernetes.io/name": target.name}


def variable(target: Target, ending: str) -> str:
    """`ORDER_GATEWAY_CONFIG` for order-gateway and CONFIG: as Kubernetes names a service's variables."""
    return f"{target.name.upper().replace('-', '_')}_{ending}"


def properties(target: Target) -> str:
    """The items as a properties text, sorted; Invalid for one that such a text can not hold."""
    for key, value in target.items.items():
        if any(c in key + value for c in "\r\n") or "=" in key or key != key.strip() or key.startswith("#"):
            raise Invalid(f"configuration of {target.name}: item {key!r} does not fit into one line")
    return "".join(f"{key}={value}\n" for key, value in sorted(target.items.items()))


def config_map(target: Target) -> dict[str, Any]:
    """The configuration as a file, for the time when Apollo can not be reached; named by its content."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": config_map_name(target), "labels": _managed(target)},
        "immutable": True,
        "data": {FILE: properties(target)},
    }


def config_map_name(target: Target) -> str:
    """Another configuration is another ConfigMap: files never change under a running pod."""
    return f"{target.name}-config-{target.configuration_sha256[:10]}"


def service(target: Target) -> dict[str, Any]:
    """The component's address in its namespace."""
    port = target.component.workload.port
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": target.name, "labels": _managed(target)},
        "spec": {
            "type": "ClusterIP",
            "selector": labels(target),
            "ports": [{"name": "http", "port": port, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def deployment(
    target: Target, config_url: str, annotations: dict[str, str], replicas: int | None = None
) -> dict[str, Any]:
    """The workload; `replicas` other than the catalogue's only to stop it."""
    workload = target.component.workload
    wanted = workload.environments[target.environment.name]
    told = {BUNDLE: target.bundle, STORY: target.story, **annotations}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": target.name, "labels": _managed(target), "annotations": told},
        "spec": {
            "replicas": wanted.replicas if replicas is None else replicas,
            "progressDeadlineSeconds": workload.startup_seconds,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": labels(target)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {"labels": _managed(target)},
                "spec": _pod(target, config_url),
            },
        },
    }


def _managed(target: Target) -> dict[str, str]:
    return {**labels(target), "app.kubernetes.io/managed-by": "hummingbird"}


def _pod(target: Target, config_url: str) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 10,
        "imagePullSecrets": [{"name": PULL_SECRET}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(target, config_url)],
        "volumes": [
            {"name": "config", "configMap": {"name": config_map_name(target)}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        ],
    }


def _container(target: Target, config_url: str) -> dict[str, Any]:
    workload = target.component.workload
    resources = workload.environments[target.environment.name]
    limits = {"cpu": resources.cpu, "memory": resources.memory}
    return {
        "name": CONTAINER,
        "image": f"{target.registry}/{target.image.repository}@{target.image.digest}",
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": workload.port, "protocol": "TCP"}],
        "env": _environment(target, config_url),
        "readinessProbe": {
            "httpGet": {"path": workload.readiness, "port": "http"},
            "periodSeconds": 1,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        },
        "livenessProbe": {
            "httpGet": {"path": workload.liveness, "port": "http"},
            "initialDelaySeconds": workload.startup_seconds,
            "periodSeconds": 10,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        },
        "resources": {"requests": limits, "limits": limits},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "config", "mountPath": FOLDER, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own emptyDir
        ],
    }


def _environment(target: Target, config_url: str) -> list[dict[str, Any]]:
    place = target.apollo
    values = {
        "PORT": str(target.component.workload.port),
        "APOLLO_CONFIG_URL": config_url,
        "APOLLO_APP_ID": place.app,
        "APOLLO_CLUSTER": place.cluster,
        "APOLLO_NAMESPACE": place.namespace,
        variable(target, "CONFIG"): f"{FOLDER}/{FILE}",
        "HUMMINGBIRD_ENVIRONMENT": target.environment.name,
    }
    plain = [{"name": name, "value": value} for name, value in values.items()]
    return [*plain, {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]
