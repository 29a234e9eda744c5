"""A pod as the API server tells it, and in one sentence why it is not ready."""

from __future__ import annotations

from typing import Any

from hummingbird.core.record import Record

_DIGEST_MARK = "@sha256:"


class PodState(Record):
    """What a deployment wants to know of a pod."""

    name: str
    uid: str
    phase: str
    ready: bool
    leaving: bool
    """It is being deleted."""
    template: str | None
    """Label pod-template-hash: which ReplicaSet's template it has."""
    digests: dict[str, str | None]
    """Container → manifest digest of the running image; None where the node did not say."""
    labels: dict[str, str]


def pod_state(pod: dict[str, Any]) -> PodState:
    """Read a Pod document."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    labels = metadata.get("labels") or {}
    return PodState(
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        phase=status.get("phase", "Unknown"),
        ready=_condition(status, "Ready").get("status") == "True",
        leaving="deletionTimestamp" in metadata,
        template=labels.get("pod-template-hash"),
        digests={
            each["name"]: _digest(each.get("imageID")) for each in status.get("containerStatuses") or []
        },
        labels=labels,
    )


def why_not_ready(pod: dict[str, Any], events: list[dict[str, Any]]) -> str:
    """One sentence: the container's state first, then the newest warning about the pod."""
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    reasons = [_container(each) for each in containers if not each.get("ready")]
    scheduled = _condition(status, "PodScheduled")
    if scheduled.get("status") == "False":
        reasons.insert(0, f"not scheduled: {scheduled.get('message') or scheduled.get('reason')}")
    if status.get("reason"):
        reasons.insert(0, " ".join(filter(None, (status["reason"], status.get("message")))))
    warning = _newest_warning(events)
    if warning:
        reasons.append(warning)
    told = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return f"pod {name} is {status.get('phase', 'Unknown')} and not ready: {told or 'no reason is given'}"


def _container(status: dict[str, Any]) -> str:
    state, last = status.get("state") or {}, status.get("lastState") or {}
    name, restarts = status["name"], status.get("restartCount") or 0
    waiting, ended = state.get("waiting"), state.get("terminated") or last.get("terminated")
    parts = []
    if waiting:
        parts.append(": ".join(filter(None, (waiting.get("reason"), waiting.get("message")))))
    if ended:
        reason = ": ".join(filter(None, (ended.get("reason"), ended.get("message"))))
        parts.append(f"ended with exit code {ended.get('exitCode')} ({reason})")
    elif not waiting:
        parts.append("runs, but its readiness probe does not succeed")
    again = f", {restarts} restarts" if restarts else ""
    return f"container {name} {', '.join(parts)}{again}"


def _newest_warning(events: list[dict[str, Any]]) -> str:
    warnings = [event for event in events if event.get("type") == "Warning"]
    if not warnings:
        return ""
    newest = max(warnings, key=_when)
    return f"{newest.get('reason')}: {' '.join((newest.get('message') or '').split())}"


def _when(event: dict[str, Any]) -> str:
    created = event["metadata"].get("creationTimestamp")  # the scheduler's events have no lastTimestamp
    return event.get("lastTimestamp") or event.get("eventTime") or created or ""


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((c for c in status.get("conditions") or [] if c.get("type") == kind), {})


def _digest(image_id: str | None) -> str | None:
    _, mark, digest = (image_id or "").rpartition(_DIGEST_MARK)
    return f"sha256:{digest}" if mark else None
