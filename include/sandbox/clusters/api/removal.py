"""Deletion: at once for most kinds, gracefully for pods, with everything inside for namespaces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.resources import NAMESPACES, PODS, SERVICE_ACCOUNTS, SERVICES, STORED, Resource
from sandbox.clusters.statuses import ApiError
from sandbox.clusters.store import Store


class Remover:
    """Deletes objects of one cluster."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remove(self, kind: Resource, body: Json, options: Json | None = None) -> Json:
        """Delete an object; what the client is answered. ApiError 409 when a precondition does not hold."""
        options = options or {}
        meta = body["metadata"]
        asked = dig(options, "preconditions", "uid")
        if asked and asked != meta["uid"]:
            told = f"the UID in the precondition ({asked}) does not match the UID in record ({meta['uid']})"
            raise ApiError(
                409, "Conflict", f'Operation cannot be fulfilled on {kind.qualified} "{meta["name"]}": {told}'
            )
        if kind is PODS:
            return self._pod(body, options.get("gracePeriodSeconds"))
        if kind is NAMESPACES:
            self._inside(meta["name"])
            gone = self._store.delete(kind, "", meta["name"])
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            ending = {
                "metadata": {**gone["metadata"], "deletionTimestamp": now},
                "status": {"phase": "Terminating"},
            }
            return {**gone, **ending}
        gone = self._store.delete(kind, meta.get("namespace", ""), meta["name"])
        if kind in (SERVICES, SERVICE_ACCOUNTS):
            return gone
        details = {"name": meta["name"], "kind": kind.plural, "uid": meta["uid"]}
        if kind.group:
            details["group"] = kind.group
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}

    def _pod(self, body: Json, grace: int | None) -> Json:
        meta, spec = body["metadata"], body["spec"]
        seconds = int(spec.get("terminationGracePeriodSeconds", 30) if grace is None else grace)
        over = dig(body, "status", "phase") in {"Succeeded", "Failed"} or not spec.get("nodeName")
        until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if seconds <= 0 or over:
            gone = self._store.delete(PODS, meta["namespace"], meta["name"])
            marks = {"deletionTimestamp": until, "deletionGracePeriodSeconds": max(seconds, 0)}
            return {**gone, "metadata": {**gone["metadata"], **marks}}
        if meta.get("deletionTimestamp"):
            return body

        def mark(found: Json) -> None:
            found["metadata"]["deletionTimestamp"] = until
            found["metadata"]["deletionGracePeriodSeconds"] = seconds

        return self._store.edit(PODS, meta["namespace"], meta["name"], mark)

    def _inside(self, namespace: str) -> None:
        for kind in STORED:
            for each in list(self._store.list(kind, namespace)) if kind.namespaced else ():
                options = {"gracePeriodSeconds": 0} if kind is PODS else None
                if self._store.read(kind, namespace, each["metadata"]["name"]) is not None:
                    self.remove(kind, each, options)
