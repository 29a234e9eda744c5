"""What the notary decides: bundles are named, gates are asked."""

from __future__ import annotations

from datetime import datetime

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind
from hummingbird.core.gate import Answer, State, Verdict
from hummingbird.gates.registry import gates_for
from hummingbird.history.delivery import Delivery
from hummingbird.history.runs import Run
from hummingbird.history.sealed import Sealed


def seal(way: Delivery, run: Run, bundle: Sealed, at: datetime) -> None:
    """The bundle of a run, the first time it is sealed."""
    single = bundle.components[0].name if len(bundle.components) == 1 else None
    way.told.tell(
        at,
        EventKind.BUNDLE_SEALED,
        f"bundle:{bundle.sha256}",
        bundle.sha256,
        "platform",
        {"bundle": bundle.bundle.document()},
        story=bundle.story,
        bundle=bundle.sha256,
        component=single,
        run=run.name,
    )


def evidence_of(bundle: Sealed, environment: str) -> str:
    """Names the evidence before an environment; what it would hold lies in the events."""
    return sha256_hex(f"{bundle.sha256}/{environment}".encode())


def gates(
    way: Delivery,
    run: Run,
    bundle: Sealed,
    environment: Environment,
    operation: str,
    stage: str,
    at: datetime,
    *,
    approval: str | None = None,
) -> None:
    """Every gate of the stage, all open."""
    names = gates_for(environment, operation, stage)
    answers = [Answer(gate=name, state=State.OPEN, why="as invented") for name in names]
    answers.append(Answer(gate="run_admitted", state=State.OPEN, why="the run's frozen plan is this"))
    verdict = Verdict(answers=answers)
    identity = sha256_hex(f"{run.name}/{stage}".encode())
    data = {
        "stage": stage,
        "operation": operation,
        "approval": approval,
        "requester": run.plan.requester,
        "evidence": evidence_of(bundle, environment.name),
        "policy_version": run.plan.policy_version,
        "state": verdict.state.value,
        "sentence": verdict.sentence,
        "verdict": verdict.document(),
    }
    way.told.tell(
        at,
        EventKind.GATES_DECIDED,
        f"gates:{identity}",
        bundle.sha256,
        "notary",
        data,
        story=run.story.key,
        bundle=bundle.sha256,
        environment=environment.name,
        run=run.name,
    )
