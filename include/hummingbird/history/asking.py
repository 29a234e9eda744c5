"""People are asked and answer: in office hours, by the roles of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hummingbird.core.approval import Approval, ApprovalRequest, Brief, Decision, RequestState, Signature
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind
from hummingbird.core.outcome import Outcome
from hummingbird.history.deciding import evidence_of, gates
from hummingbird.history.delivery import Delivery
from hummingbird.history.firm import holders
from hummingbird.history.runs import Run
from hummingbird.history.sealed import Sealed
from hummingbird.paths.runs import child_run_id

_PAGE = "https://synthetic.example/airflow"
_REASONS = ("回归用例未覆盖本次改动", "发布说明缺少回退步骤", "与今晚清算窗口冲突", "配置项未经运维确认")
_LONGEST = 20_000.0
"""Seconds of office time within which everybody answers: a request expires after a day."""


@dataclass(frozen=True)
class Asked:
    """A request and what came of it; `decided_at` is None while people are waited for."""

    id: str
    decided_at: datetime | None
    rejected: str | None = None


@dataclass(frozen=True)
class _Question:
    way: Delivery
    request: ApprovalRequest
    id: str
    child: Run
    """The run `approval` that collects the signatures."""

    def tell(self, at: datetime, kind: EventKind, part: str, actor: str, data: dict[str, Any]) -> None:
        self.way.told.tell(
            at,
            kind,
            f"approval:{self.id}{part}",
            self.id,
            actor,
            data,
            story=self.request.story,
            bundle=self.request.bundle,
            environment=self.request.environment,
            run=self.request.asked_by,
        )


def ask(
    way: Delivery,
    run: Run,
    bundle: Sealed,
    environment: Environment,
    operation: str,
    at: datetime,
    *,
    rejected: bool = False,
    open_still: bool = False,
    urgent: bool = False,
) -> Asked:
    """Ask the roles of the environment; a rejection ends it, and who is asked urgently hurries."""
    gates(way, run, bundle, environment, operation, "ask", at)
    request = _request(run, bundle, environment, operation, at)
    child = way.door.admit(
        "approval",
        child_run_id(run.story.key, run.plan.dag_id, run.plan.run_id, "approval"),
        run.story,
        at + timedelta(seconds=4),
        components=run.plan.components,
        requester=run.plan.requester,
        environment=environment.name,
        travelling=run.plan.travelling,
        bundle=bundle.sha256,
        parent={"dag_id": run.plan.dag_id, "run_id": run.plan.run_id},
    )
    question = _Question(way, request, request.id, child)
    asking = str(run.plan.requester)
    question.tell(at, EventKind.APPROVAL_ASKED, "", asking, {"request": request.document()})
    if open_still:
        return Asked(question.id, None)
    return _answered(question, rejected=rejected, urgent=urgent)


def _request(
    run: Run, bundle: Sealed, environment: Environment, operation: str, at: datetime
) -> ApprovalRequest:
    rule = environment.rollback_approval if operation == "rollback" else environment.approval
    return ApprovalRequest(
        story=run.story.key,
        bundle=bundle.sha256,
        evidence=evidence_of(bundle, environment.name),
        environment=environment.name,
        operation=operation,
        policy_version=run.plan.policy_version,
        requester=run.plan.requester,
        asked_by=run.name,
        asked_at=at,
        expires_at=at + rule.validity,
        signatures=[Signature(number=n, role=role) for n, role in enumerate(rule.roles, start=1)],
        brief=_brief(bundle),
    )


def _answered(question: _Question, *, rejected: bool, urgent: bool) -> Asked:
    last, signed = question.request.asked_at, []
    for signature in question.request.signatures:
        at = _answering(question, urgent=urgent)
        if rejected and signature.number == len(question.request.signatures):
            at = max(at, last)  # it ends the request, so it comes last
            told = _give(question, signature, Decision.REJECTED, at)
            why = f"{told.person} ({told.role}) rejected: {told.reason}"
            _close(question, at, RequestState.REJECTED, why)
            return Asked(question.id, at, why)
        told = _give(question, signature, Decision.APPROVED, at)
        signed.append(f"{told.person} ({told.role})")
        last = max(last, at)
    _close(question, last, RequestState.APPROVED, f"signed by {', '.join(signed)}")
    return Asked(question.id, last)


def _answering(question: _Question, *, urgent: bool) -> datetime:
    seen = question.request.asked_at + timedelta(seconds=40)
    chance = question.way.chance
    if urgent:
        return seen + timedelta(seconds=chance.around(240.0, 0.6))
    return question.way.office.after_work(seen, min(chance.around(1500.0, 1.1), _LONGEST))


def _give(question: _Question, signature: Signature, decision: Decision, at: datetime) -> Approval:
    chance, number = question.way.chance, signature.number
    person = chance.one_of(holders(signature.role))
    approval = Approval(
        request=question.id,
        number=number,
        role=signature.role,
        person=person,
        decision=decision,
        reason=chance.one_of(_REASONS) if decision is Decision.REJECTED else "",
        answered_at=at,
        source=f"{_PAGE}/dags/approval/runs/{question.child.plan.run_id}/tasks/sign/mapped/{number - 1}",
    )
    airflow = {"user": person, "id": person, "responded_at": at.isoformat()}
    data = {"approval": approval.document(), "airflow": airflow}
    question.tell(at + timedelta(milliseconds=8), EventKind.APPROVAL_ANSWERED, f":{number}", person, data)
    return approval


def _close(question: _Question, at: datetime, state: RequestState, why: str) -> None:
    data = {"state": state.value, "why": why}
    question.tell(at + timedelta(milliseconds=30), EventKind.APPROVAL_CLOSED, ":closed", "notary", data)
    refused = state is not RequestState.APPROVED
    question.way.door.finish(
        question.child,
        at + timedelta(seconds=14),
        Outcome.REFUSED if refused else Outcome.DONE,
        f"not approved: {why}" if refused else None,
    )


def _brief(bundle: Sealed) -> Brief:
    told = "; ".join(f"{one.name} {one.version} (commit {one.commit[:8]})" for one in bundle.components)
    return Brief(
        changes=f"{', '.join(bundle.stories)}: {told}",
        different=told,
        risk="invented: nothing of this was delivered",
        details=[f"bundle {bundle.sha256}"],
    )
