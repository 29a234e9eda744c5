"""The course of one deployment under a checked and taken warrant: forward, or back as one unit."""

from __future__ import annotations

from dataclasses import dataclass

from hummingbird.core.deployment import ComponentState, DeployOutcome
from hummingbird.core.errors import Conflict, Final, Mismatch
from hummingbird.core.job import DeployJob
from hummingbird.core.warrant import Operation, Warrant
from hummingbird.workloads.deployment.bringing import (
    Failure,
    Hands,
    bring,
    require_image,
    serves_already,
    stop,
)
from hummingbird.workloads.deployment.live import Live, live
from hummingbird.workloads.deployment.target import Target, targets_of
from hummingbird.workloads.progress import say


@dataclass(frozen=True)
class Step:
    """One component: where it goes, where it came from, how it stands when the pod starts."""

    target: Target
    before: Target | None
    now: Live


@dataclass(frozen=True)
class Ended:
    """How it ended, in the words of the report."""

    outcome: DeployOutcome
    reason: str
    components: list[ComponentState]


def plan(hands: Hands, job: DeployJob, warrant: Warrant) -> list[Step]:
    """What is to do in which order; Mismatch when something else runs than the warrant says.

    A bundle goes forward callee first; a rollback brings callers back before what they call.
    """
    steps = []
    names = [carried.name for carried in job.bundle.components]
    if warrant.operation is Operation.ROLLBACK:
        names.reverse()
    for target in targets_of(job, job.bundle, names):
        sha = warrant.predecessors.get(job.cluster.name, {}).get(target.name)
        before = targets_of(job, job.predecessors[sha], [target.name])[0] if sha else None
        now = live(hands.cluster, target.name)
        if now.serving not in (None, sha, target.bundle):
            raise Mismatch(
                f"{target.name} in {job.cluster.name} is of bundle {str(now.serving)[:12]}; the warrant "
                f"expects {sha[:12] if sha else 'nothing'}: somebody else deployed here, or the ledger is "
                "older than the cluster (`hummingbird compare` tells)"
            )
        steps.append(Step(target, before, now))
    return steps


def is_under_way(steps: list[Step], warrant: Warrant) -> bool:
    """Whether this warrant's deployment has touched the cluster already: then it goes on, expired or not."""
    return any(step.now.warrant == warrant.id for step in steps)


def precheck(hands: Hands, steps: list[Step]) -> None:
    """NotFound unless every image is there, the way back included."""
    for step in steps:
        require_image(hands, step.target)
        if step.before is not None:
            require_image(hands, step.before)


def run(hands: Hands, steps: list[Step], warrant: Warrant) -> Ended:
    """Forward; on any final failure back. Retryable errors leave as they are: the same job goes on later."""
    begun = _rolled_back_before(steps, warrant)
    if begun is not None:
        say("this deployment was on its way back when its pod ended; it goes on from there")
        return _back(hands, steps, begun)
    if all(step.now.serving == step.target.bundle for step in steps):
        standing = [state for step in steps if (state := serves_already(hands, step.target))]
        if len(standing) == len(steps):
            return _stands(steps, warrant, standing)
    states: list[ComponentState] = []
    for step in steps:
        try:
            states.append(bring(hands, step.target))
        except Conflict:
            raise  # the lease is somebody else's, or another writer is at work: hands off
        except Final as error:
            say(f"going back: {error}")
            return _back(hands, steps, Failure(step.target.bundle, str(error)))
    names = ", ".join(step.target.name for step in steps)
    return Ended(DeployOutcome.DEPLOYED, f"{names} serve with the bundle's digests and configuration", states)


def _stands(steps: list[Step], warrant: Warrant, states: list[ComponentState]) -> Ended:
    """Everything serves: by this very deployment, whose pod ended too early to say so, or an earlier one."""
    if is_under_way(steps, warrant):
        return Ended(DeployOutcome.DEPLOYED, "the rollout had ended well before this pod started", states)
    by = steps[0].now.warrant or "unknown"
    return Ended(DeployOutcome.ALREADY_DEPLOYED, f"it serves already, by warrant {by}", states)


def _rolled_back_before(steps: list[Step], warrant: Warrant) -> Failure | None:
    for step in steps:
        mine = step.now.warrant == warrant.id and step.now.rolled_back_from == step.target.bundle
        if mine and step.now.reason:
            return Failure(step.target.bundle, step.now.reason)
    return None


def _back(hands: Hands, steps: list[Step], failure: Failure) -> Ended:
    """Every component to its predecessor, last one first; FAILED when one of them does not come to serve."""
    states: list[ComponentState] = []
    problems: list[str] = []
    for step in reversed(steps):
        try:
            state = _one_back(hands, step, failure)
            if state is not None:
                states.append(state)
        except Conflict:
            raise
        except Final as error:
            problems.append(str(error))
    if problems:
        reason = f"{failure.reason}; and going back failed: {'; '.join(problems)}"
        return Ended(DeployOutcome.FAILED, reason, states)
    return Ended(DeployOutcome.ROLLED_BACK, failure.reason, states)


def _one_back(hands: Hands, step: Step, failure: Failure) -> ComponentState | None:
    if step.before is None:
        stop(hands, step.target, failure)
        return None
    if live(hands.cluster, step.target.name).bundle == step.before.bundle:
        standing = serves_already(hands, step.before)  # it never left, or came back already
        if standing is not None:
            return standing
    return bring(hands, step.before, failure)
