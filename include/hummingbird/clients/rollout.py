"""Whether a Deployment has rolled out, by the same rules as `kubectl rollout status`, and waiting for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from hummingbird.clients.cluster_calls import ClusterCalls
from hummingbird.core.errors import Garbled, NotFound, Retryable
from hummingbird.core.record import Record

_GONE = 410
_SLACK = 10.0


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
        ends = self._calls.retrying.monotonic() + seconds
        failures = 0
        while True:
            present = self._calls.document("GET", f"{self._folder}/{self._name}", about=self._about)
            found = rollout_of(present)
            left = ends - self._calls.retrying.monotonic()
            if found.progress is not Progress.UNDER_WAY:
                return found
            if left <= 0:
                return found.model_copy(update={"progress": Progress.LATE})
            try:
                seen = self._watched(present["metadata"]["resourceVersion"], left)
                failures = 0
            except (Retryable, _TooOld) as error:
                failures += 1
                if isinstance(error, Retryable):  # the server is away: no event would tell that it is back
                    wait = min(self._calls.retrying.longest, self._calls.retrying.first * 2.0**failures)
                    self._calls.retrying.sleep(min(left, wait * self._calls.retrying.chance()))
                continue
            if seen is not None:
                return seen

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
                raise Garbled(
                    f"cluster {self._calls.name}: {self._about}: expected an object in a watch event"
                )
            if kind == "ERROR":
                raise (
                    _TooOld
                    if thing.get("code") == _GONE
                    else Garbled(
                        f"cluster {self._calls.name}: {self._about}: the watch ended: {thing.get('message')}"
                    )
                )
            if kind == "DELETED":
                raise NotFound(f"cluster {self._calls.name}: {self._about}: it was deleted while rolling out")
            if kind in ("ADDED", "MODIFIED"):
                found = rollout_of(thing)
                if found.progress is not Progress.UNDER_WAY:
                    return found
        return None

    @property
    def _about(self) -> str:
        return f"deployment {self._name}"


class _TooOld(Exception):
    """The watch's starting version is no longer kept: read anew."""
