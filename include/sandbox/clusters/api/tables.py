"""Tables for `kubectl get`: the columns of the real printers for the kinds served here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.clusters.jsons import Json, dig, parse_time
from sandbox.clusters.resources import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    EVENTS,
    LEASES,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    Resource,
)

Row = Callable[[Json], list[Any]]
_NONE = "<none>"


def age(moment: str | None) -> str:
    """How long ago, as kubectl writes it: 12s, 3m20s, 5h, 2d."""
    if not moment:
        return "<unknown>"
    seconds = max(0, int((datetime.now(UTC) - parse_time(moment)).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 48:
        return f"{hours}h"
    return f"{days}d"


def _created(body: Json) -> str:
    return age(body["metadata"].get("creationTimestamp"))


def _pod_state(body: Json) -> str:
    if body["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status = body.get("status") or {}
    text = status.get("reason") or status.get("phase") or "Unknown"
    for number, each in enumerate(status.get("initContainerStatuses") or []):
        ended = dig(each, "state", "terminated")
        if ended and ended["exitCode"] == 0:
            continue
        if ended:
            return f"Init:{ended.get('reason') or 'Error'}"
        reason = dig(each, "state", "waiting", "reason")
        if reason and reason != "PodInitializing":
            return f"Init:{reason}"
        return f"Init:{number}/{len(status['initContainerStatuses'])}"
    for each in reversed(status.get("containerStatuses") or []):
        for state in ("waiting", "terminated"):
            reason = dig(each, "state", state, "reason")
            if reason:
                text = reason
    running = any("running" in each["state"] for each in status.get("containerStatuses") or [])
    if text == "Completed" and running:
        return "NotReady"
    return str(text)


def _pod(body: Json) -> list[Any]:
    statuses = dig(body, "status", "containerStatuses") or []
    ready = f"{sum(each['ready'] for each in statuses)}/{len(body['spec']['containers'])}"
    restarts = str(sum(each["restartCount"] for each in statuses))
    last = max((dig(each, "lastState", "terminated", "finishedAt") or "" for each in statuses), default="")
    if restarts != "0" and last:
        restarts += f" ({age(last)} ago)"
    address, node = dig(body, "status", "podIP") or _NONE, dig(body, "spec", "nodeName") or _NONE
    return [
        body["metadata"]["name"],
        ready,
        _pod_state(body),
        restarts,
        _created(body),
        address,
        node,
        _NONE,
        _NONE,
    ]


def _images(spec: Json) -> tuple[str, str]:
    containers = dig(spec, "template", "spec", "containers") or []
    return ",".join(each["name"] for each in containers), ",".join(each["image"] for each in containers)


def _selector(spec: Json) -> str:
    labels = dig(spec, "selector", "matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in labels.items()) or _NONE


def _deployment(body: Json) -> list[Any]:
    spec, status = body["spec"], body.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{spec['replicas']}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    return [body["metadata"]["name"], ready, *counts, _created(body), *_images(spec), _selector(spec)]


def _replica_set(body: Json) -> list[Any]:
    spec, status = body["spec"], body.get("status") or {}
    counts = [spec["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [body["metadata"]["name"], *counts, _created(body), *_images(spec), _selector(spec)]


def _service(body: Json) -> list[Any]:
    spec = body["spec"]
    ports = ",".join(f"{each['port']}/{each['protocol']}" for each in spec.get("ports") or []) or _NONE
    selector = ",".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items()) or _NONE
    address = spec.get("clusterIP", _NONE)
    return [body["metadata"]["name"], spec["type"], address, _NONE, ports, _created(body), selector]


def _event(body: Json) -> list[Any]:
    about = body["involvedObject"]
    first = body.get("firstTimestamp") or body.get("eventTime")
    last = body.get("lastTimestamp") or first
    source = dig(body, "source", "component") or body.get("reportingComponent") or ""
    host = dig(body, "source", "host")
    count = body.get("count") or 1
    seen = age(last) if count == 1 else f"{age(last)} (x{count} over {age(first)})"
    name = f"{about['kind'].lower()}/{about['name']}"
    shown = [seen, body["type"], body["reason"], name, about.get("fieldPath", "")]
    return [
        *shown,
        f"{source}, {host}" if host else source,
        body["message"].strip(),
        age(first),
        count,
        body["metadata"]["name"],
    ]


def _account(body: Json) -> list[Any]:
    return [body["metadata"]["name"], len(body.get("secrets") or []), _created(body)]


def _with_data(body: Json) -> list[Any]:
    size = len(body.get("data") or {}) + len(body.get("binaryData") or {})
    kind = [body.get("type", "Opaque")] if body["kind"] == "Secret" else []
    return [body["metadata"]["name"], *kind, size, _created(body)]


_TABLES: dict[Resource, tuple[str, Row]] = {
    PODS: ("Name Ready Status Restarts Age IP* Node* Nominated_Node* Readiness_Gates*", _pod),
    DEPLOYMENTS: ("Name Ready Up-to-date Available Age Containers* Images* Selector*", _deployment),
    REPLICA_SETS: ("Name Desired Current Ready Age Containers* Images* Selector*", _replica_set),
    SERVICES: ("Name Type Cluster-IP External-IP Port(s) Age Selector*", _service),
    EVENTS: ("Last_Seen Type Reason Object Subobject* Source* Message First_Seen* Count* Name*", _event),
    NAMESPACES: (
        "Name Status Age",
        lambda body: [body["metadata"]["name"], dig(body, "status", "phase"), _created(body)],
    ),
    CONFIG_MAPS: ("Name Data Age", _with_data),
    SECRETS: ("Name Type Data Age", _with_data),
    SERVICE_ACCOUNTS: ("Name Secrets Age", _account),
    LEASES: (
        "Name Holder Age",
        lambda body: [body["metadata"]["name"], dig(body, "spec", "holderIdentity") or "", _created(body)],
    ),
}
_NUMBERS = {"Up-to-date", "Available", "Desired", "Current", "Data", "Secrets", "Count"}


def wants_table(accept: str) -> bool:
    """Whether the client prefers a table."""
    return accept.split(",", maxsplit=1)[0].strip().startswith("application/json;as=Table")


def table(kind: Resource, bodies: list[Json], revision: str, include: str, *, header: bool = True) -> Json:
    """The Table of some objects; `include` is the query's includeObject."""
    columns, row = _TABLES[kind]
    rows = []
    for each in bodies:
        rest: Json = {}
        if include == "Object":
            rest = {"object": each}
        elif include != "None":
            meta = {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": each["metadata"],
            }
            rest = {"object": meta}
        rows.append({"cells": row(each), **rest})
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": revision},
        "columnDefinitions": [_column(text) for text in columns.split()] if header else None,
        "rows": rows,
    }


def _column(text: str) -> Json:
    name = text.removesuffix("*").replace("_", " ")
    return {
        "name": name,
        "type": "integer" if name in _NUMBERS else "string",
        "format": "name" if name == "Name" else "",
        "description": "",
        "priority": 1 if text.endswith("*") else 0,
    }
