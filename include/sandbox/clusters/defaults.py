"""What the API server fills in when a writer leaves it out, as the recordings show it."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.clusters.jsons import Json
from sandbox.clusters.resources import DEPLOYMENTS, PODS, REPLICA_SETS, SECRETS, SERVICES, Resource

SERVICE_ACCOUNT_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def random_suffix(length: int = 5) -> str:
    """Random letters as generateName appends them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def without_nothing(value: Any) -> Any:
    """The value without nulls and empty lists, which the API does not keep."""
    if isinstance(value, dict):
        kept = {key: without_nothing(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None and each != []}
    if isinstance(value, list):
        return [without_nothing(each) for each in value]
    return value


def fill(kind: Resource, body: Json) -> None:
    """Fill in the defaults of an object in place."""
    if kind is PODS:
        pod_spec(body["spec"])
    elif kind is DEPLOYMENTS:
        _deployment(body["spec"])
    elif kind is REPLICA_SETS:
        body["spec"].setdefault("replicas", 1)
        pod_spec(body["spec"]["template"]["spec"])
    elif kind is SERVICES:
        _service(body["spec"])
    elif kind is SECRETS:
        body.setdefault("type", "Opaque")


def pod_spec(spec: Json) -> None:
    """Defaults of a pod or of a pod template."""
    for key, value in (
        ("restartPolicy", "Always"),
        ("dnsPolicy", "ClusterFirst"),
        ("schedulerName", "default-scheduler"),
        ("securityContext", {}),
        ("terminationGracePeriodSeconds", 30),
    ):
        spec.setdefault(key, value)
    if spec.get("nodeSelector") == {}:
        del spec["nodeSelector"]
    if spec.get("hostNetwork") is False:
        del spec["hostNetwork"]
    if "serviceAccount" in spec or "serviceAccountName" in spec:
        account = spec.get("serviceAccountName") or spec["serviceAccount"]
        spec["serviceAccount"] = spec["serviceAccountName"] = account
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        _container(container)
    for volume in spec.get("volumes") or []:
        for source in ("secret", "configMap", "projected", "downwardAPI"):
            if source in volume:
                volume[source].setdefault("defaultMode", 420)
        if not set(volume) - {"name"}:
            volume["emptyDir"] = {}


def _container(container: Json) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("resources", {})
    image = str(container.get("image", ""))
    tagged = "@" in image or ":" in image.rpartition("/")[2]
    latest = not tagged or image.endswith(":latest")
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    limits = container["resources"].get("limits")
    if limits:
        container["resources"]["requests"] = {**limits, **(container["resources"].get("requests") or {})}
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        probe = container.get(name)
        if probe:
            for key, value in (
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ):
                probe.setdefault(key, value)
            if "httpGet" in probe:
                probe["httpGet"].setdefault("scheme", "HTTP")
                probe["httpGet"].setdefault("path", "/")
    for env in container.get("env") or []:
        field = (env.get("valueFrom") or {}).get("fieldRef")
        if field:
            field.setdefault("apiVersion", "v1")


def _deployment(spec: Json) -> None:
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", "25%")
        rolling.setdefault("maxUnavailable", "25%")
    spec["template"].setdefault("metadata", {})
    pod_spec(spec["template"].setdefault("spec", {}))


def _service(spec: Json) -> None:
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("internalTrafficPolicy", "Cluster")
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] != "ExternalName":
        spec.setdefault("clusterIP", "127.0.0.1")
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port["port"])


def new_pod(body: Json) -> None:
    """What admission adds to a new pod: its account, the account's token volume, tolerations, a status."""
    spec = body["spec"]
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("priority", 0)
    account = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = account
    for taint in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{taint}"
        tolerations = spec.setdefault("tolerations", [])
        if not any(each.get("key") == key for each in tolerations):
            tolerations.append(
                {"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}
            )
    if spec.get("automountServiceAccountToken") is not False:
        _mount_token(spec)
    body["status"] = {"phase": "Pending", "qosClass": _quality(spec)}


def _mount_token(spec: Json) -> None:
    name = f"kube-api-access-{random_suffix()}"
    used = False
    for container in [*spec["containers"], *(spec.get("initContainers") or [])]:
        mounts = container.setdefault("volumeMounts", [])
        if not any(each.get("mountPath") == SERVICE_ACCOUNT_MOUNT for each in mounts):
            mounts.append({"mountPath": SERVICE_ACCOUNT_MOUNT, "name": name, "readOnly": True})
            used = True
    if used:
        token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
        authority = {
            "configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}
        }
        field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
        namespace = {"downwardAPI": {"items": [{"fieldRef": field, "path": "namespace"}]}}
        spec.setdefault("volumes", []).append(
            {"name": name, "projected": {"defaultMode": 420, "sources": [token, authority, namespace]}}
        )


def _quality(spec: Json) -> str:
    resources = [each.get("resources") or {} for each in spec["containers"]]
    if not any(each.get("limits") or each.get("requests") for each in resources):
        return "BestEffort"
    guaranteed = all(
        set(each.get("limits") or {}) >= {"cpu", "memory"} and each.get("requests") == each.get("limits")
        for each in resources
    )
    return "Guaranteed" if guaranteed else "Burstable"
