"""Asking the gates: about an admitted run, at a stage, recorded once."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from hummingbird.core.artifact import Sha256
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import Answer, Facts, State, Verdict
from hummingbird.core.plan import Plan
from hummingbird.core.record import Record
from hummingbird.core.warrant import Operation
from hummingbird.gates.registry import decide, gates_for
from hummingbird.ledger.append import append
from hummingbird.notary.admission import plan_of
from hummingbird.notary.facts import gather
from hummingbird.notary.signing import SigningKey

Stage = Literal["ask", "warrant"]


class Question(Record):
    """What a task wants to know or to have; the requester is only a claim here."""

    bundle: Sha256
    environment: str
    operation: Operation
    requester: str | None = None
    approval: str | None = None
    run: str


class Decision(Record):
    """A verdict with what it was based on."""

    verdict: Verdict
    facts: Facts
    plan: Plan | None


def decide_and_record(
    connection: Connection, catalogue: Catalogue, key: SigningKey, question: Question, stage: Stage
) -> Decision:
    """Gather, ask every gate of the stage, write the verdict down; the same verdict again is one event."""
    plan = plan_of(connection, question.run)
    # Who asked is what the frozen plan says; the caller's word counts only where no plan is.
    requester = plan.requester if plan is not None else question.requester
    facts = gather(
        connection,
        catalogue,
        key,
        bundle=question.bundle,
        environment=question.environment,
        operation=question.operation.value,
        requester=requester,
        approval=question.approval,
        run=question.run,
    )
    names = gates_for(
        facts.environment, question.operation.value, stage, in_emergency=facts.glass is not None
    )
    verdict = decide(names, facts)
    if verdict.answers:
        verdict = Verdict(answers=[*verdict.answers, *_of_the_run(plan, question, facts)])
    decision = Decision(verdict=verdict, facts=facts, plan=plan)
    append(connection, _event(question, stage, decision))
    return decision


def _of_the_run(plan: Plan | None, question: Question, facts: Facts) -> list[Answer]:
    """What no environment can leave out: the run was admitted for this, and asked its people itself."""
    answers = [_answer("run_admitted", _not_admitted(plan, question, facts), "the run's frozen plan is this")]
    request = facts.request
    if request is not None:
        other = None
        if request.asked_by != question.run:
            other = (
                f"run {request.asked_by} asked for these approvals, not {question.run}; every run asks anew"
            )
        answers.append(_answer("asked_by_this_run", other, "this run asked"))
    return answers


def _not_admitted(plan: Plan | None, question: Question, facts: Facts) -> str | None:
    if plan is None:
        return f"run {question.run} was never admitted"
    if plan.bundle is not None and plan.bundle != question.bundle:
        return f"run {question.run} was admitted for bundle {plan.bundle[:12]}, not {question.bundle[:12]}"
    if plan.environment is not None and plan.environment != question.environment:
        return f"run {question.run} was admitted for {plan.environment}, not {question.environment}"
    if question.operation is Operation.DEPLOY and plan.story.key not in facts.bundle.stories:
        carried = ", ".join(facts.bundle.stories)
        return f"run {question.run} was admitted for {plan.story.key}; this bundle carries {carried}"
    return None


def _answer(gate: str, wrong: str | None, right: str) -> Answer:
    return Answer(gate=gate, state=State.REFUSED if wrong else State.OPEN, why=wrong or right)


def _event(question: Question, stage: Stage, decision: Decision) -> DeliveryEvent:
    facts = decision.facts
    data = {
        "stage": stage,
        "operation": question.operation.value,
        "approval": question.approval,
        "requester": facts.requester,
        "evidence": facts.evidence_hash,
        "policy_version": facts.policy_version,
        "state": decision.verdict.state.value,
        "sentence": decision.verdict.sentence,
        **({"emergency": facts.glass.emergency.document()} if facts.glass else {}),
        "verdict": decision.verdict.document(),
    }
    identity = content_hash([question.run, question.bundle, question.environment, data])
    return DeliveryEvent(
        kind=EventKind.GATES_DECIDED,
        key=f"gates:{identity}",
        subject=question.bundle,
        story=decision.plan.story.key if decision.plan else facts.bundle.story,
        bundle=question.bundle,
        environment=question.environment,
        run=question.run,
        actor="notary",
        data=data,
    )
