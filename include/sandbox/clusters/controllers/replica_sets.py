"""ReplicaSets: as many pods of a template as asked for, and their count."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.clusters.controllers.owners import is_active, is_ready, owned, owner_reference
from sandbox.clusters.events import Events
from sandbox.clusters.jsons import Json, dig, now, parse_time
from sandbox.clusters.resources import PODS, REPLICA_SETS
from sandbox.clusters.statuses import ApiError
from sandbox.clusters.store import Store
from sandbox.clusters.writing import Writer

_MANAGER = "kube-controller-manager"


class ReplicaSets:
    """Brings replica sets to their numbers; `remove_pod` deletes gracefully."""

    def __init__(
        self, store: Store, writer: Writer, events: Events, remove_pod: Callable[[Json], None]
    ) -> None:
        self._store, self._writer, self._events, self._remove = store, writer, events, remove_pod

    def reconcile(self, namespace: str, name: str) -> float | None:
        """One look at one set; seconds until it should be looked at again, if so."""
        body = self._store.read(REPLICA_SETS, namespace, name)
        if body is None:
            return None
        pods = [each for each in owned(self._store, PODS, body) if is_active(each)]
        failure = self._scale(body, pods)
        body = self._store.find(REPLICA_SETS, namespace, name)
        pods = [each for each in owned(self._store, PODS, body) if is_active(each)]
        return self._count(body, pods, failure)

    def _scale(self, body: Json, pods: list[Json]) -> str | None:
        missing = body["spec"]["replicas"] - len(pods)
        for _ in range(missing):
            problem = self._create(body)
            if problem:
                return problem
        if missing < 0:
            # The least useful go first: not ready, then youngest.
            ranked = sorted(pods, key=lambda pod: (is_ready(pod), _age(pod)))
            for pod in ranked[:-missing]:
                message = f"Deleted pod: {pod['metadata']['name']}"
                self._tell(body, "Normal", "SuccessfulDelete", message)
                self._remove(pod)
        return None

    def _create(self, body: Json) -> str | None:
        meta = body["metadata"]
        template = copy.deepcopy(body["spec"]["template"])
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "generateName": f"{meta['name']}-",
                "labels": template["metadata"].get("labels") or {},
                "annotations": template["metadata"].get("annotations") or {},
                "ownerReferences": [owner_reference(body)],
            },
            "spec": template["spec"],
        }
        if not pod["metadata"]["annotations"]:
            del pod["metadata"]["annotations"]
        try:
            made = self._writer.create(PODS, meta["namespace"], pod, _MANAGER)
        except ApiError as problem:
            self._tell(body, "Warning", "FailedCreate", f"Error creating: {problem.message}")
            return problem.message
        self._tell(body, "Normal", "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        return None

    def _count(self, body: Json, pods: list[Json], failure: str | None) -> float | None:
        minimum = body["spec"].get("minReadySeconds", 0)
        ready = [each for each in pods if is_ready(each)]
        ages = [_ready_for(each) for each in ready]
        status: Json = {
            "replicas": len(pods),
            "observedGeneration": body["metadata"]["generation"],
        }
        counts = {
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": len(ready),
            "availableReplicas": sum(age >= minimum for age in ages),
        }
        status |= {key: value for key, value in counts.items() if value}
        if failure:
            status["conditions"] = [
                {
                    "type": "ReplicaFailure",
                    "status": "True",
                    "reason": "FailedCreate",
                    "message": failure,
                    "lastTransitionTime": now(),
                }
            ]
        known = dig(body, "status", "conditions")
        if failure and known and known[0]["message"] == failure:
            status["conditions"] = known
        meta = body["metadata"]
        self._store.edit(
            REPLICA_SETS, meta["namespace"], meta["name"], lambda found: found.__setitem__("status", status)
        )
        waits = [minimum - age for age in ages if age < minimum]
        if failure:
            waits.append(5.0)
        return min(waits, default=None)

    def _tell(self, body: Json, kind: str, reason: str, message: str) -> None:
        self._events.controller(body, kind, reason, message, "replicaset-controller")


def _age(pod: Json) -> float:
    return (datetime.now(UTC) - parse_time(pod["metadata"]["creationTimestamp"])).total_seconds()


def _ready_for(pod: Json) -> float:
    for each in pod["status"]["conditions"]:
        if each["type"] == "Ready":
            return (datetime.now(UTC) - parse_time(each["lastTransitionTime"])).total_seconds()
    return 0.0
