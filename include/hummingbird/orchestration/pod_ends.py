"""Why a work pod ended without success, and whether another try can help.

Lost with its node or its memory, or told to go: machinery, tried again. The workload's own word counts:
BROKEN is tried again, REFUSED is not, and neither is a program that fails by itself.
"""

from __future__ import annotations

from typing import Any

from hummingbird.core.errors import DeliveryError, Final, Retryable
from hummingbird.core.outcome import Outcome

GONE: dict[str, Any] = {}
"""What is seen of a pod that is no longer there."""

_LOST = frozenset({"Evicted", "NodeLost", "NodeShutdown", "Terminated", "Shutdown", "Preempting"})
"""Reasons of a pod's own status: the node took it down."""
_AGAIN = "another pod does the job"
_NO_LONGER_KNOWN = "ContainerStatusUnknown"
_TOLD_TO_GO, _KILLED = 143, 137
_TAIL = 300


def failure(pod: dict[str, Any], name: str, container: str) -> DeliveryError:
    """The error for a pod that did not succeed; `pod` is its document, GONE when it is no longer there."""
    if pod == GONE:
        return _deleted(name)
    status = pod.get("status") or {}
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    disrupted = _condition(status, "DisruptionTarget")
    if reason in _LOST:
        return Retryable(f"pod {name} was lost: {reason}: {message or 'no message'}; {_AGAIN}")
    if disrupted.get("status") == "True":
        why = f"{disrupted.get('reason')}: {disrupted.get('message') or 'no message'}"
        return Retryable(f"pod {name} was taken from its node: {why}; {_AGAIN}")
    if reason == "DeadlineExceeded":
        return Retryable(
            f"pod {name} took longer than its {_spec(pod).get('activeDeadlineSeconds')} s; "
            "when that is too short, raise tooling.deadline_seconds in the catalogue's gates.yaml"
        )
    return _of_container(pod, name, container)


def _of_container(pod: dict[str, Any], name: str, container: str) -> DeliveryError:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    states = {str(each.get("name")): each.get("state") or {} for each in statuses}
    state = states.get(container, {})
    ended = state.get("terminated") or {}
    leaving = "deletionTimestamp" in pod["metadata"]
    if not ended:
        waiting = state.get("waiting") or {}
        told = ": ".join(filter(None, (waiting.get("reason"), waiting.get("message"))))
        why = f"pod {name} did not come to an end of its own: {told or 'no reason is given'}"
        return _deleted(name) if leaving else Retryable(why)
    code, reason, said = ended.get("exitCode"), ended.get("reason"), str(ended.get("message") or "")
    if reason == "OOMKilled":
        return Retryable(
            f"pod {name} needed more memory than its limit of {_memory(pod, container)} and was killed "
            "(OOMKilled); when it happens again, raise tooling.memory in the catalogue's gates.yaml"
        )
    word = last_word(said)
    if word is not None:
        return Final(word) if word.startswith(Outcome.REFUSED) else Retryable(word)
    if leaving:
        return _deleted(name)
    if reason == _NO_LONGER_KNOWN or code in (_TOLD_TO_GO, _KILLED):
        return Retryable(f"pod {name} was stopped from outside (exit code {code}, {reason}); {_AGAIN}")
    return Final(
        f"the program in pod {name} failed with exit code {code} and without a word of its own: "
        f"{' '.join(said.split())[-_TAIL:] or 'no output'}; another try would fail too, mend the program"
    )


def _deleted(name: str) -> DeliveryError:
    return Retryable(
        f"pod {name} was deleted while it worked, by a person or together with its node; {_AGAIN}"
    )


def last_word(said: str) -> str | None:
    """The workload's own outcome line out of what a pod said at its end."""
    lines = [line.strip() for line in said.splitlines()]
    words = [line for line in lines if line.startswith((f"{Outcome.BROKEN}: ", f"{Outcome.REFUSED}: "))]
    return words[-1] if words else None


def _memory(pod: dict[str, Any], container: str) -> str:
    for each in _spec(pod).get("containers") or []:
        if each.get("name") == container:
            return str(((each.get("resources") or {}).get("limits") or {}).get("memory") or "the node")
    return "the node"


def _spec(pod: dict[str, Any]) -> dict[str, Any]:
    return pod.get("spec") or {}


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((each for each in status.get("conditions") or [] if each.get("type") == kind), {})
