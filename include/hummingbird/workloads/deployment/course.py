"""The course of one deployment under a checked and taken warrant: forward, or back as one unit.

A rollback that people asked for is the same course with both ends exchanged: forward is what ran before.
"""

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

NOTHING = "nothing"


@dataclass(frozen=True)
class Step:
    """One component: where it goes, where it came from (None: nothing), how it stands when the pod starts."""

    name: str
    target: Target | None
    before: Target | None
    now: Live

    @property
    def goal(self) -> str | None:
        """The bundle that shall serve, None when nothing shall."""
        return self.target.bundle if self.target else None


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
    for new in targets_of(job, job.bundle, [carried.name for carried in job.bundle.components]):
        sha = warrant.predecessors.get(job.cluster.name, {}).get(new.name)
        old = targets_of(job, job.predecessors[sha], [new.name])[0] if sha else None
        now = live(hands.cluster, new.name)
        if now.serving not in (None, sha, new.bundle):
            raise Mismatch(
                f"{new.name} in {job.cluster.name} is of bundle {str(now.serving)[:12]}; the warrant "
                f"expects {sha[:12] if sha else 'nothing'}: somebody else deployed here, or the ledger is "
                "older than the cluster (`hummingbird compare` tells)"
            )
        undo = warrant.operation is Operation.ROLLBACK
        steps.append(Step(new.name, old, new, now) if undo else Step(new.name, new, old, now))
    # What calls others goes back before what it calls.
    return steps[::-1] if warrant.operation is Operation.ROLLBACK else steps


def is_under_way(steps: list[Step], warrant: Warrant) -> bool:
    """Whether this warrant's deployment has touched the cluster already: then it goes on, expired or not."""
    return any(step.now.warrant == warrant.id for step in steps)


def precheck(hands: Hands, steps: list[Step]) -> None:
    """NotFound unless every image is there, the way back included."""
    for step in steps:
        for target in (step.target, step.before):
            if target is not None:
                require_image(hands, target)


def run(hands: Hands, steps: list[Step], warrant: Warrant) -> Ended:
    """Forward; on any final failure back. Retryable errors leave as they are: the same job goes on later."""
    begun = _rolled_back_before(steps, warrant)
    if begun is not None:
        say("this deployment was on its way back when its pod ended; it goes on from there")
        return _back(hands, steps, begun)
    if all(step.now.serving == step.goal for step in steps):
        goals = [step.target for step in steps if step.target is not None]
        standing = [state for target in goals if (state := serves_already(hands, target))]
        if len(standing) == len(goals):
            return _stands(steps, warrant, standing)
    states: list[ComponentState] = []
    for step in steps:
        try:
            states += _one_forward(hands, step)
        except Conflict:
            raise  # the lease is somebody else's, or another writer is at work: hands off
        except Final as error:
            say(f"going back: {error}")
            return _back(hands, steps, Failure(step.goal or NOTHING, str(error)))
    names = ", ".join(state.name for state in states)
    return Ended(DeployOutcome.DEPLOYED, f"{names} serve with the bundle's digests and configuration", states)


def _one_forward(hands: Hands, step: Step) -> list[ComponentState]:
    if step.target is not None:
        return [bring(hands, step.target)]
    if step.before is not None:
        stop(hands, step.before)
    return []


def _stands(steps: list[Step], warrant: Warrant, states: list[ComponentState]) -> Ended:
    """Everything serves: by this very deployment, whose pod ended too early to say so, or an earlier one."""
    if is_under_way(steps, warrant):
        return Ended(DeployOutcome.DEPLOYED, "the rollout had ended well before this pod started", states)
    by = steps[0].now.warrant or "unknown"
    return Ended(DeployOutcome.ALREADY_DEPLOYED, f"it serves already, by warrant {by}", states)


def _rolled_back_before(steps: list[Step], warrant: Warrant) -> Failure | None:
    for step in steps:
        mine = step.now.warrant == warrant.id and step.now.rolled_back_from == (step.goal or NOTHING)
        if mine and step.now.reason:
            return Failure(step.goal or NOTHING, step.now.reason)
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
        if step.target is not None:
            stop(hands, step.target, failure)
        return None
    if live(hands.cluster, step.name).serving == step.before.bundle:
        standing = serves_already(hands, step.before)  # it never left, or came back already
        if standing is not None:
            return standing
    return bring(hands, step.before, failure)
