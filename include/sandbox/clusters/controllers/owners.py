"""Owner references: who belongs to whom, and what goes when an owner goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import EVENTS, STORED, Resource
from sandbox.clusters.store import Change, Store


def owner_reference(owner: Json) -> Json:
    """The controller reference that a child carries."""
    return {
        "apiVersion": owner["apiVersion"],
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }


def owned(store: Store, kind: Resource, owner: Json) -> Iterator[Json]:
    """The objects of a kind that an owner controls."""
    meta = owner["metadata"]
    for each in store.list(kind, meta["namespace"]):
        if owner_uid(each) == meta["uid"]:
            yield each


def owner_uid(body: Json) -> str | None:
    """The uid of the controlling owner."""
    for each in body["metadata"].get("ownerReferences") or []:
        if each.get("controller"):
            return str(each["uid"])
    return None


def is_active(pod: Json) -> bool:
    """Whether a pod counts for its replica set."""
    return dig(pod, "status", "phase") not in {"Succeeded", "Failed"} and not pod["metadata"].get(
        "deletionTimestamp"
    )


def is_ready(pod: Json) -> bool:
    """Whether a pod's Ready condition is True."""
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in dig(pod, "status", "conditions") or []
    )


class OrphanCollector:
    """Removes the children of what was deleted (background propagation, whatever was asked)."""

    def __init__(self, store: Store, remove: Callable[[Resource, Json], object]) -> None:
        self._store, self._remove = store, remove

    def follow(self, change: Change) -> None:
        """Listen to the store."""
        if change.action != "DELETED" or change.kind is EVENTS:
            return
        uid = change.object["metadata"]["uid"]
        for kind in STORED:
            for each in list(self._store.list(kind)):
                references = each["metadata"].get("ownerReferences") or []
                if any(reference.get("uid") == uid for reference in references):
                    self._remove(kind, each)
