"""Why a pod is not ready, in a sentence; the documents are cut from what a real API server answered."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.clients.pod_state import pod_state, why_not_ready


def pod(state: dict[str, Any] | None, *, phase: str = "Running", **status: Any) -> dict[str, Any]:
    containers = [] if state is None else [{"name": "base", "ready": False, "restartCount": 0, **state}]
    return {
        "metadata": {"name": "web-1"},
        "status": {"phase": phase, "containerStatuses": containers, **status},
    }


def warning(reason: str, message: str, when: str | None = "2026-01-01T00:00:01Z") -> dict[str, Any]:
    return {
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": when,
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
    }


UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient memory.",
}
CASES = [
    (
        pod({"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling "x:1"'}}}),
        [],
        'ImagePullBackOff: Back-off pulling "x:1"',
    ),
    (
        pod(
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
            }
        ),
        [],
        "CrashLoopBackOff: back-off 40s, ended with exit code 1 (Error), 3 restarts",
    ),
    (
        pod({"state": {"running": {}}}),
        [warning("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500")],
        "its readiness probe does not succeed; Unhealthy: Readiness probe failed: "
        "HTTP probe failed with statuscode: 500",
    ),
    (
        pod({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}, phase="Failed"),
        [],
        "ended with exit code 137 (OOMKilled)",
    ),
    (
        pod(None, phase="Pending", conditions=[UNSCHEDULABLE]),
        [warning("FailedScheduling", "0/1 nodes", when=None)],
        "not scheduled: 0/1 nodes are available: 1 Insufficient memory.; FailedScheduling: 0/1 nodes",
    ),
    (
        pod({"state": {"waiting": {"reason": "ContainerCreating"}}}, phase="Pending"),
        [warning("FailedMount", 'secret "nosuch"\nnot found')],
        'ContainerCreating; FailedMount: secret "nosuch" not found',
    ),
    (
        pod(None, phase="Failed", reason="DeadlineExceeded", message="too long"),
        [],
        "DeadlineExceeded too long",
    ),
    (pod(None, phase="Pending"), [], "no reason is given"),
]


@pytest.mark.parametrize(("document", "events", "told"), CASES)
def test_the_reason_is_told(document: dict[str, Any], events: list[dict[str, Any]], told: str) -> None:
    sentence = why_not_ready(document, events)
    assert told in sentence
    assert sentence.startswith(f"pod web-1 is {document['status']['phase']} and not ready: ")


def test_the_newest_warning_counts() -> None:
    old, new = (
        warning("Unhealthy", "old", "2026-01-01T00:00:01Z"),
        warning("BackOff", "new", "2026-01-01T00:00:09Z"),
    )
    assert "BackOff: new" in why_not_ready(pod({"state": {"running": {}}}), [new, old])


def test_an_image_known_by_its_configuration_only_tells_no_digest() -> None:
    state = pod_state(pod({"imageID": "sha256:" + "9" * 64, "state": {}}))
    assert state.digests == {"base": None}
    assert not state.ready


def test_a_pod_that_is_being_deleted_is_leaving() -> None:
    document = pod(None)
    document["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert pod_state(document).leaving
