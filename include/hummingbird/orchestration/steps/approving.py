"""Approve: ask the right people, wait holding nothing, decide from the ledger, wake the run that waits."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, XComArg, task
from airflow.sdk.definitions.mappedoperator import MappedOperator

from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.errors import Conflict
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.briefing import required_actions_url
from hummingbird.orchestration.children import ChildRun
from hummingbird.orchestration.notes import note_waiting
from hummingbird.orchestration.prompts import ApprovalSensor, AwaitPeople, approval_of_run
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.rollouts import operation_of, read_lineage
from hummingbird.orchestration.waking import close_prompts, wake_parent
from hummingbird.paths import feedback
from hummingbird.paths.runs import child_run_id, split_run_name

MOST_ATTEMPTS = 5
PATIENCE_RETRIES = 10


@task
def ask_people() -> None:
    """Find or create the approval request; refused while any gate before it is shut."""
    plan = current.plan()
    operation = operation_of(plan)
    read_lineage(plan)
    try:
        status = wiring.notary().ask(
            current.bundle_sha256(), str(plan.environment), operation, plan.requester, current.name()
        )
    except Conflict as error:
        raise Refused(str(error)) from None
    roles = ", ".join(signature.role for signature in status.request.signatures) or "nobody"
    note_waiting(f"for {roles} since {status.request.asked_at:%Y-%m-%d %H:%M} UTC: {required_actions_url()}")
    outcome.say(f"request {status.id[:12]} asks {roles}; answer at {required_actions_url()}")


def start_approval() -> ChildRun:
    """Start run `approval`, which collects the signatures, without waiting for it."""
    return ChildRun(task_id="approval", path="approval", wait=False, with_conf=_asked)


def await_people() -> AwaitPeople:
    """Park until the approval run has decided; the account of the platform alone may answer."""
    return AwaitPeople(task_id="await_people")


def sign(required: XComArg) -> MappedOperator:
    """The approvers' buttons, one mapped task for every signature."""
    return ApprovalSensor.partial(task_id="sign", map_index_template="{{ task.role }}").expand_kwargs(
        required
    )


@task(trigger_rule=TriggerRule.NONE_FAILED, retries=PATIENCE_RETRIES)
def decide(required: list[dict[str, Any]]) -> None:
    """All prompts ended well: believe the ledger, not the tasks, and wake the run that waits."""
    _decide(required)


@task(trigger_rule=TriggerRule.ONE_FAILED, retries=PATIENCE_RETRIES)
def decide_at_once(required: list[dict[str, Any]]) -> None:
    """One prompt was rejected, refused or marked: nobody else needs to answer."""
    _decide(required)


def _decide(required: list[dict[str, Any]]) -> None:
    status = wiring.notary().request(str(current.conf()["request"]))
    if status.state is RequestState.OPEN:
        _ask_again(status, required)
    wake_parent(status)
    if status.state is RequestState.REJECTED:
        bundle = wiring.notary().bundle(status.request.bundle)
        feedback.tell_rejection(wiring.catalogue(), wiring.tracker(), status, bundle)
    if status.state is not RequestState.APPROVED:
        close_prompts(f"not approved: {status.why}")
        raise Refused(f"not approved: {status.why}")
    outcome.say(status.why)


def _ask_again(status: RequestStatus, required: list[dict[str, Any]]) -> None:
    """A prompt that was marked, not answered, is put again by a new run; the old one ends refused."""
    attempt = int(current.conf()["attempt"]) + 1
    plan = current.plan()
    given = {approval.number for approval in status.approvals}
    open_numbers = [entry["number"] for entry in required if entry["number"] not in given]
    roles = ", ".join(s.role for s in status.request.signatures if s.number in open_numbers)
    why = f"marking is not an approval: {roles} did not answer; answer here: {required_actions_url()}"
    if attempt > MOST_ATTEMPTS:
        wake_parent(status)  # nobody else will: it would wait for days
        close_prompts(why)
        raise Refused(f"{why} (asked {MOST_ATTEMPTS} times, not again)")
    dag_id, asking = split_run_name(status.request.asked_by)
    run_id = child_run_id(plan.story.key, dag_id, asking, "approval", str(attempt))
    parent = {"dag_id": dag_id, "run_id": asking, "task_id": "approval"}
    conf = {"story": plan.story.key, "request": status.id, "attempt": attempt, "parent": parent}
    wiring.airflow_api().trigger("approval", run_id, conf, f"{plan.story.key} {plan.story.title}")
    close_prompts(why)
    raise Refused(f"{why}; asked again by run {run_id}")


def _asked(plan: Plan) -> dict[str, Any]:  # noqa: ARG001 - ChildRun's interface
    return {"request": approval_of_run().id, "attempt": 1}
