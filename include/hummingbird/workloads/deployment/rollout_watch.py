"""Follows a rollout to its end, or to the moment when it can no longer end well."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.rollout import Progress
from hummingbird.core.errors import Final, NotFound
from hummingbird.workloads.deployment.manifests import labels
from hummingbird.workloads.deployment.not_serving import NotServing
from hummingbird.workloads.deployment.target import Target

ROUND = 5.0
"""Seconds between two looks at the pods; the rollout itself is watched without a pause."""
SLACK = 15.0
"""Seconds beyond the progress deadline for the cluster to tell that it has passed."""
_HOPELESS = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainer")
LOG_LINES = 5


def wait_until_serving(
    cluster: Cluster,
    target: Target,
    there_before: Collection[str],
    hold: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    """Return when all replicas are updated and ready; NotServing when they will not be.

    `there_before` are pods of the version before: that they crash is no reason to give up on their mend.
    `hold` is called between rounds: it keeps the lease, and raises when it is lost.
    """
    ends = time.monotonic() + target.component.workload.startup_seconds + SLACK
    told = ""
    while True:
        left = max(1.0, min(ROUND, ends - time.monotonic()))
        found = cluster.rollout(target.name, left)
        if found.progress is Progress.DONE:
            return
        if found.why != told:
            say(f"{target.name}: {found.why}")
            told = found.why
        told_of = cluster.why_not_ready(labels(target))
        reasons = [one for one in told_of if not any(f"pod {name} " in one for name in there_before)]
        hopeless = any(sign in reason for reason in reasons for sign in _HOPELESS)
        if found.progress is Progress.FAILED or hopeless or time.monotonic() >= ends:
            why = _reason(cluster, target, reasons or told_of, found.why)
            raise NotServing(f"{target.name} does not come to serve: {why}")
        hold()


def _reason(cluster: Cluster, target: Target, reasons: list[str], why: str) -> str:
    """Why in a sentence: the pod that is not ready and the end of its log, else what the rollout says."""
    if not reasons:
        return why
    waiting = [pod for pod in cluster.pods(labels(target)) if not pod.ready and not pod.leaving]
    last = ""
    for pod in waiting[:1]:
        try:
            last = " | ".join(cluster.log_tail(pod.name, LOG_LINES).split("\n")).strip(" |")
        except Final as error:  # a container that never started has no log, and that is no reason to stop
            last = "" if isinstance(error, NotFound) else f"(its log can not be read: {error})"
    sentence = reasons[0][:600]
    return f"{sentence}; its log ends: {last[-400:]}" if last else sentence
