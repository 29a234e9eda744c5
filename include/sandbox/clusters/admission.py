"""What admission refuses with 403: a missing account, and anything that would leave the pod's own place.

The texts for privileged pods follow PodSecurity "baseline".
"""

from __future__ import annotations

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import PODS, SERVICE_ACCOUNTS
from sandbox.clusters.statuses import forbidden
from sandbox.clusters.store import Store


def admit_pod(store: Store, body: Json) -> None:
    """Refuse a pod, or complete its pull secrets from its ServiceAccount; ApiError 403."""
    meta, spec = body["metadata"], body["spec"]
    problems = _violations(spec)
    if problems:
        why = f'violates PodSecurity "baseline:latest": {", ".join(problems)}'
        raise forbidden(PODS, meta["name"], why)
    account = store.read(SERVICE_ACCOUNTS, meta["namespace"], spec["serviceAccountName"])
    if account is None:
        name = spec["serviceAccountName"]
        where = f"{meta['namespace']}/{name}"
        why = f'error looking up service account {where}: serviceaccount "{name}" not found'
        raise forbidden(PODS, meta["name"], why)
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = account["imagePullSecrets"]


def _violations(spec: Json) -> list[str]:
    found = []
    host = [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    if host:
        found.append(f"host namespaces ({', '.join(f'{name}=true' for name in host)})")
    for each in [*(spec.get("initContainers") or []), *spec["containers"]]:
        name = each["name"]
        if dig(each, "securityContext", "privileged"):
            found.append(f'privileged (container "{name}" must not set securityContext.privileged=true)')
        added = dig(each, "securityContext", "capabilities", "add")
        if added:
            found.append(f'non-default capabilities (container "{name}" must not add {", ".join(added)})')
    paths = [each["name"] for each in spec.get("volumes") or [] if "hostPath" in each]
    if paths:
        found.append(f"hostPath volumes (volume{'s' if len(paths) > 1 else ''} {', '.join(paths)})")
    return found
