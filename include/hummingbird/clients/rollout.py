"""Whether a Deployment has rolled out, by the same rules as `kubectl rollout status`, and waiting for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from hummingbird.clients.cluster_calls import ClusterCalls, Expired
from hummingbird.core.errors import Garbled, NotFound, Retryable
from hummingbird.core.record import Record

_GONE = 410
_SLACK = 10.0
_SHORT = 1.0


class Progress(StrEnum):
    """Where a rollout stands."""

    UNDER_WAY = "under way"
    DONE = "done"
    FAILED = "failed"
    LATE = "late"


class Rollout(Record):
    """How a rollout stands or ended, and why in a sentence."""

    progress: Progress
    why: str
    generation: int


def rollout_of(deployment: dict[str, Any]) -> Rollout:
    """Judge a Deployment document."""
    spec, status = deployment["spec"], deployment.get("status") or {}
    generation = int(deployment["metadata"].get("generation") or 0)
    wanted = spec.get("replicas", 1)
    updated, total = status.get("updatedReplicas") or 0, status.get("replicas") or 0
    available = status.get("availableReplicas") or 0

    def said(progress: Progress, why: str) -> Rollout:
        return Rollout(progress=progress, why=why, generation=generation)

    if int(status.get("observedGeneration") or 0) < generation:
        return said(Progress.UNDER_WAY, "the cluster has not taken up the new version yet")
    conditions = {c.get("type"): c for c in status.get("conditions") or []}
    progressing = conditions.get("Progressing") or {}
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return said(Progress.FAILED, progressing.get("message") or "the progress deadline has passed")
    if updated < wanted:
        return said(Progress.UNDER_WAY, f"{updated} of {wanted} new pods exist")
    if total > updated:
        return said(Progress.UNDER_WAY, f"{total - updated} old pods are still ending")
    if available < updated:
        return said(Progress.UNDER_WAY, f"{available} of {updated} new pods are available")
    return said(Progress.DONE, f"{available} of {wanted} pods of the new version are available")


class RolloutWatch:
    """Follows one Deployment by the watch API: it learns of each change as it happens."""

    def __init__(self, calls: ClusterCalls, folder: str, name: str) -> None:
        self._calls = calls
        self._folder = folder
        self._name = name

    def until(self, seconds: float) -> Rollout:
        """Wait until the rollout is done or failed, or LATE after `seconds`; NotFound when it is deleted.

        A watch that breaks off, or whose version is too old (410), begins anew from what is there now.
        """
        retrying = self._calls.retrying
        ends = retrying.monotonic() + seconds
        short = 0
        while True:
            began = retrying.monotonic()
            try:
                found = self._round(ends)
            except Retryable:
                if retrying.monotonic() >= ends:
                    raise
                found = None
            if found is not None:
                return found
            short = short + 1 if retrying.monotonic() - began < _SHORT else 0
            if short > 1:  # the watch ends at once, again and again: no event would tell when it works
                wait = min(retrying.longest, retrying.first * 2.0**short) * retrying.chance()
                retrying.sleep(max(0.0, min(wait, ends - retrying.monotonic())))

    def _round(self, ends: float) -> Rollout | None:
        """Read, then watch from there; None when the watch ended before the rollout did."""
        present = self._calls.document("GET", f"{self._folder}/{self._name}", about=self._about)
        found = rollout_of(present)
        left = ends - self._calls.retrying.monotonic()
        if found.progress is not Progress.UNDER_WAY:
            return found
        if left <= 0:
            return found.model_copy(update={"progress": Progress.LATE})
        return self._watched(present["metadata"]["resourceVersion"], left)

    def _watched(self, version: str, left: float) -> Rollout | None:
        """The end as the watch tells it, None when the server closed the watch first."""
        params = {
            "watch": "true",
            "fieldSelector": f"metadata.name={self._name}",
            "resourceVersion": version,
            "timeoutSeconds": max(1, int(left)),
        }
        for event in self._calls.lines(self._folder, about=self._about, params=params, silence=left + _SLACK):
            kind, thing = event.get("type"), event.get("object")
            if not isinstance(thing, dict):
                raise Garbled(f"{self._head}: expected an object in a watch event")
            if kind == "ERROR" and thing.get("code") == _GONE:
                raise Expired(f"{self._head}: the watch is too old: {thing.get('message')}")
            if kind == "ERROR":
                raise Garbled(f"{self._head}: the watch ended: {thing.get('message')}")
            if kind == "DELETED":
                raise NotFound(f"{self._head}: it was deleted while rolling out; somebody else works here")
            if kind in ("ADDED", "MODIFIED"):
                found = rollout_of(thing)
                if found.progress is not Progress.UNDER_WAY:
                    return found
        return None

    @property
    def _head(self) -> str:
        return f"cluster {self._calls.name}: {self._about}"

    @property
    def _about(self) -> str:
        return f"deployment {self._name}"
