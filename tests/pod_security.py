"""What Kubernetes' Pod Security Standard `restricted` would say of a pod.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

HOST = ("hostNetwork", "hostPID", "hostIPC")
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def violations(spec: dict[str, Any]) -> list[str]:
    """A word for everything in a pod's spec that the profile refuses."""
    return [*_of_pod(spec), *(word for one in _containers(spec) for word in _of_container(spec, one))]


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = ("containers", "initContainers", "ephemeralContainers")
    return [one for kind in kinds for one in spec.get(kind) or []]


def _of_pod(spec: dict[str, Any]) -> Iterator[str]:
    yield from (name for name in HOST if spec.get(name))
    for volume in spec.get("volumes") or []:
        yield from (f"volume {kind}" for kind in volume if kind != "name" and kind not in VOLUMES)


def _of_container(spec: dict[str, Any], container: dict[str, Any]) -> Iterator[str]:
    own, pods = container.get("securityContext") or {}, spec.get("securityContext") or {}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or []) or capabilities.get("add"):
        yield "capabilities"
    if not own.get("runAsNonRoot", pods.get("runAsNonRoot")) or own.get("runAsUser") == 0:
        yield "runAsNonRoot"
    if pods.get("runAsUser") == 0:
        yield "runAsUser"
    profile = own.get("seccompProfile") or pods.get("seccompProfile") or {}
    if profile.get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    if any(port.get("hostPort") for port in container.get("ports") or []):
        yield "hostPort"
