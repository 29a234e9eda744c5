"""Deployments: a replica set for each template, rolled out within bounds, watched against a deadline.

Vendor document: kubernetes.io "Deployments" (rollover, progress deadline, revision history).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.clusters.controllers import rollout
from sandbox.clusters.controllers.conditions import available, condition_of, progressing, with_conditions
from sandbox.clusters.controllers.owners import owned, owner_reference
from sandbox.clusters.events import Events
from sandbox.clusters.jsons import Json, parse_time
from sandbox.clusters.resources import DEPLOYMENTS, REPLICA_SETS
from sandbox.clusters.store import Store

_NOT_COPIED = ("kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to")


class Deployments:
    """Brings deployments forward, one step at each look."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store, self._events = store, events

    def reconcile(self, namespace: str, name: str) -> float | None:
        """One look at one deployment; seconds until it should be looked at again, if so."""
        body = self._store.read(DEPLOYMENTS, namespace, name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        paused = body["spec"].get("paused", False)
        sets = sorted(owned(self._store, REPLICA_SETS, body), key=rollout.revision_of)
        new = next((each for each in sets if rollout.same_template(each, body["spec"]["template"])), None)
        made = False
        if not paused:
            made = new is None
            new = self._current(body, new, sets)
            old = [each for each in sets if each["metadata"]["uid"] != new["metadata"]["uid"]]
            new = self._scale(body, new, rollout.new_size(body["spec"], new, old))
            new = self._store.find(REPLICA_SETS, namespace, new["metadata"]["name"])
            for each, size in zip(old, rollout.old_sizes(body["spec"], new, old).values(), strict=True):
                self._scale(body, each, size)
            self._prune(body, old)
        elif new is not None and len(sets) == 1:
            self._scale(body, new, body["spec"]["replicas"])
        return self._report(self._store.find(DEPLOYMENTS, namespace, name), made=made)

    def _current(self, body: Json, new: Json | None, sets: list[Json]) -> Json:
        """The replica set of the present template, with the newest revision."""
        newest = max((rollout.revision_of(each) for each in sets), default=0)
        revision = newest if new and rollout.revision_of(new) == newest else newest + 1
        annotations = {
            key: value
            for key, value in (body["metadata"].get("annotations") or {}).items()
            if key not in _NOT_COPIED and not key.startswith("deployment.kubernetes.io/")
        }
        surge, _ = rollout.bounds(body["spec"])
        replicas = body["spec"]["replicas"]
        annotations |= {
            "deployment.kubernetes.io/desired-replicas": str(replicas),
            "deployment.kubernetes.io/max-replicas": str(replicas + surge),
            rollout.REVISION: str(revision),
        }
        if new is None:
            new = self._store.create(REPLICA_SETS, _replica_set(body, annotations))
        else:
            new = self._edit(new, lambda found: found["metadata"].__setitem__("annotations", annotations))
        meta = body["metadata"]
        self._store.edit(
            DEPLOYMENTS,
            meta["namespace"],
            meta["name"],
            lambda found: (
                found["metadata"].setdefault("annotations", {}).update({rollout.REVISION: str(revision)})
            ),
        )
        return new

    def _scale(self, body: Json, replica_set: Json, size: int) -> Json:
        before = rollout.size_of(replica_set)
        if before == size:
            return replica_set

        def change(found: Json) -> None:
            found["spec"]["replicas"] = size
            found["metadata"]["generation"] += 1

        changed = self._edit(replica_set, change)
        word = "up" if size > before else "down"
        name = replica_set["metadata"]["name"]
        message = f"Scaled {word} replica set {name} from {before} to {size}"
        self._events.controller(body, "Normal", "ScalingReplicaSet", message, "deployment-controller")
        return changed

    def _prune(self, body: Json, old: list[Json]) -> None:
        """Forget the oldest empty replica sets beyond the history limit."""
        empty = [each for each in old if not rollout.size_of(each) and not rollout.count([each], "replicas")]
        surplus = len(empty) - body["spec"]["revisionHistoryLimit"]
        for each in empty[: max(0, surplus)]:
            meta = each["metadata"]
            self._store.delete(REPLICA_SETS, meta["namespace"], meta["name"])

    def _report(self, body: Json, *, made: bool) -> float | None:
        spec, meta = body["spec"], body["metadata"]
        sets = list(owned(self._store, REPLICA_SETS, body))
        new = [each for each in sets if rollout.same_template(each, spec["template"])]
        counts = {
            "replicas": rollout.count(sets, "replicas"),
            "updatedReplicas": rollout.count(new, "replicas"),
            "readyReplicas": rollout.count(sets, "readyReplicas"),
            "availableReplicas": rollout.count(sets, "availableReplicas"),
        }
        counts["unavailableReplicas"] = max(0, spec["replicas"] - counts["availableReplicas"])
        status: Json = {key: value for key, value in counts.items() if value}
        status["observedGeneration"] = meta["generation"]
        before = body.get("status") or {}
        failures = [each for found in new for each in (found.get("status") or {}).get("conditions") or []]
        known = condition_of(before, "Progressing")
        late = _late(known, spec)
        name = new[0]["metadata"]["name"] if new else ""
        conditions = [
            available(spec, counts, rollout.bounds(spec)[1]),
            *(
                {key: each[key] for key in ("type", "status", "reason", "message")}
                for each in failures
                if each["type"] == "ReplicaFailure"
            ),
        ]
        if new:
            changed = _moved(before, counts)
            conditions.append(
                progressing(
                    spec, counts, name, known, made=made, moved=changed, late=late is not None and late <= 0
                )
            )
        status["conditions"] = with_conditions(before, conditions, touched=made or _moved(before, counts))
        self._store.edit(
            DEPLOYMENTS, meta["namespace"], meta["name"], lambda found: found.__setitem__("status", status)
        )
        now_known = condition_of(status, "Progressing")
        if now_known and now_known["reason"] in {"NewReplicaSetAvailable", "ProgressDeadlineExceeded"}:
            return None
        left = _late(now_known, spec)
        return None if left is None else max(0.05, left)

    def _edit(self, replica_set: Json, change: Callable[[Json], None]) -> Json:
        meta = replica_set["metadata"]
        return self._store.edit(REPLICA_SETS, meta["namespace"], meta["name"], change)


def _replica_set(body: Json, annotations: Json) -> Json:
    meta, spec = body["metadata"], body["spec"]
    template = copy.deepcopy(spec["template"])
    suffix = rollout.template_hash(template)
    labels = {**(template["metadata"].get("labels") or {}), rollout.HASH: suffix}
    template["metadata"]["labels"] = labels
    selector = copy.deepcopy(spec["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), rollout.HASH: suffix}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{meta['name']}-{suffix}",
            "namespace": meta["namespace"],
            "labels": labels,
            "annotations": annotations,
            "generation": 1,
            "ownerReferences": [owner_reference(body)],
        },
        "spec": {
            "replicas": 0,
            "selector": selector,
            "template": template,
            **({"minReadySeconds": spec["minReadySeconds"]} if spec.get("minReadySeconds") else {}),
        },
        "status": {"replicas": 0},
    }


def _moved(before: Json, counts: dict[str, int]) -> bool:
    """Whether the rollout came nearer to its end since the last report."""
    old_ones = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    return bool(
        counts["updatedReplicas"] > before.get("updatedReplicas", 0)
        or counts["replicas"] - counts["updatedReplicas"] < old_ones
        or counts["readyReplicas"] > before.get("readyReplicas", 0)
        or counts["availableReplicas"] > before.get("availableReplicas", 0)
    )


def _late(known: Json | None, spec: Json) -> float | None:
    """Seconds until the progress deadline, counted from the last progress."""
    if known is None or "lastUpdateTime" not in known:
        return None
    age = (datetime.now(UTC) - parse_time(known["lastUpdateTime"])).total_seconds()
    return float(spec["progressDeadlineSeconds"]) - age
