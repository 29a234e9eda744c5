"""Why a pod ended: what the node or a person did is tried again, what the program did is not."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.errors import Final, Retryable
from hummingbird.orchestration.pod_ends import GONE, failure


def _pod(ended: dict[str, Any] | None = None, *, leaving: bool = False, **status: Any) -> dict[str, Any]:
    state = {"terminated": ended} if ended else {"running": {}}
    return {
        "metadata": {"name": "hb-scan-1", **({"deletionTimestamp": "now"} if leaving else {})},
        "spec": {
            "activeDeadlineSeconds": 1200,
            "containers": [{"name": "base", "resources": {"limits": {"memory": "1Gi"}}}],
        },
        "status": {"containerStatuses": [{"name": "base", "state": state}], **status},
    }


def _ended(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    return {"exitCode": code, "reason": reason, "message": message}


_DISRUPTED = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}


@pytest.mark.parametrize(
    ("pod", "told"),
    [
        (GONE, "was deleted while it worked"),
        (_pod(leaving=True), "was deleted while it worked"),
        (_pod(_ended(143), leaving=True), "was deleted while it worked"),
        (_pod(_ended(137), reason="Evicted", message="The node was low on resource: memory."), "low on res"),
        (_pod(_ended(137), reason="NodeLost", message="Node 3 is unresponsive"), "NodeLost: Node 3"),
        (_pod(_ended(137), conditions=[_DISRUPTED]), "DeletionByTaintManager"),
        (_pod(_ended(137, "ContainerStatusUnknown")), "stopped from outside"),
        (_pod(_ended(143)), "stopped from outside"),
        (_pod(_ended(1, message="x\nBROKEN: scan: GitLab: no answer")), "BROKEN: scan: GitLab: no answer"),
        (_pod(reason="DeadlineExceeded"), "longer than its 1200 s"),
    ],
)
def test_machinery_is_tried_again_with_its_reason(pod: dict[str, Any], told: str) -> None:
    error = failure(pod, "hb-scan-1", "base")
    assert isinstance(error, Retryable)
    assert told in str(error)


def test_out_of_memory_names_the_limit_and_where_to_raise_it() -> None:
    error = failure(_pod(_ended(137, "OOMKilled", "REFUSED: an old word")), "hb-scan-1", "base")
    assert isinstance(error, Retryable)
    assert "limit of 1Gi" in str(error)
    assert "tooling.memory in the catalogue's gates.yaml" in str(error)


@pytest.mark.parametrize(
    ("pod", "told"),
    [
        (_pod(_ended(2, message="REFUSED: deploy: the warrant has expired")), "REFUSED: deploy: the warrant"),
        (_pod(_ended(1, message="Traceback\nKeyError: 'x'")), "KeyError: 'x'"),
        (_pod(_ended(139)), "exit code 139"),
    ],
)
def test_what_the_program_did_itself_is_not_tried_again(pod: dict[str, Any], told: str) -> None:
    error = failure(pod, "hb-scan-1", "base")
    assert isinstance(error, Final)
    assert told in str(error)
