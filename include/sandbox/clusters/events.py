"""Event objects, counted up when the same thing happens again, forgotten after an hour."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sandbox.clusters.jsons import Json, now, now_micro, parse_time
from sandbox.clusters.resources import EVENTS
from sandbox.clusters.store import Store

NODE = "sandbox-node"
_KEPT = timedelta(hours=1)


class Events:
    """The recorder of one cluster."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written = 0

    def kubelet(self, body: Json, kind: str, reason: str, message: str, container: str | None = None) -> None:
        """What the kubelet tells about a pod; `container` as `spec.containers{name}`."""
        self._counted(body, kind, reason, message, "kubelet", container)

    def controller(self, body: Json, kind: str, reason: str, message: str, component: str) -> None:
        """What a controller tells about its object."""
        self._counted(body, kind, reason, message, component, None)

    def scheduler(self, body: Json, kind: str, reason: str, message: str) -> None:
        """What the scheduler tells: an eventTime and no count, as the real one writes."""
        event = self._event(body, kind, reason, message, None)
        event |= {
            "action": "Binding" if reason == "Scheduled" else "Scheduling",
            "eventTime": now_micro(),
            "firstTimestamp": None,
            "lastTimestamp": None,
            "reportingComponent": "default-scheduler",
            "reportingInstance": "default-scheduler-sandbox",
            "source": {},
        }
        self._store.create(EVENTS, event)

    def _counted(
        self, body: Json, kind: str, reason: str, message: str, component: str, field: str | None
    ) -> None:
        self._forget()
        meta = body["metadata"]
        for event in self._store.list(EVENTS, meta["namespace"]):
            about = event["involvedObject"]
            if (about["uid"], about.get("fieldPath"), event["reason"], event["message"]) == (
                meta["uid"],
                field,
                reason,
                message,
            ):
                self._store.edit(EVENTS, meta["namespace"], event["metadata"]["name"], _again)
                return
        event = self._event(body, kind, reason, message, field)
        source = {"component": component}
        event |= {
            "count": 1,
            "eventTime": None,
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "reportingComponent": component,
            "reportingInstance": NODE if component == "kubelet" else "",
            "source": {**source, "host": NODE} if component == "kubelet" else source,
        }
        self._store.create(EVENTS, event)

    def _event(self, body: Json, kind: str, reason: str, message: str, field: str | None) -> Json:
        meta = body["metadata"]
        about = {
            "apiVersion": body["apiVersion"],
            "kind": body["kind"],
            "name": meta["name"],
            "namespace": meta["namespace"],
            "resourceVersion": meta["resourceVersion"],
            "uid": meta["uid"],
        }
        if field:
            about["fieldPath"] = field
        name = f"{meta['name']}.{time.time_ns():x}"
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": meta["namespace"]},
            "involvedObject": about,
            "message": message,
            "reason": reason,
            "type": kind,
        }

    def _forget(self) -> None:
        self._written += 1
        if self._written % 100:
            return
        limit = datetime.now(UTC) - _KEPT
        for event in list(self._store.list(EVENTS)):
            last = event.get("lastTimestamp") or event["metadata"]["creationTimestamp"]
            if parse_time(last) < limit:
                self._store.delete(EVENTS, event["metadata"]["namespace"], event["metadata"]["name"])


def _again(event: Json) -> None:
    event["count"] += 1
    event["lastTimestamp"] = now()
