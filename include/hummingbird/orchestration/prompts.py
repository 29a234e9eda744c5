"""The approver's button, and the run that waits for it while holding nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from hummingbird.core.approval import Approval, Decision, RequestState, RequestStatus
from hummingbird.core.errors import Conflict
from hummingbird.core.event import EventKind
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.briefing import prompt_body, prompt_subject
from hummingbird.orchestration.refusal import Refused

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

APPROVE, REJECT = "Approve", "Reject"
LONGEST_WAIT = timedelta(days=7)


class ApprovalSensor(HITLOperator):
    """One required signature of an approval request; the answer counts once the notary has re-read it.

    Not Airflow's ApprovalOperator: its Reject skips what follows, whatever the rules say.
    """

    template_fields = (*HITLOperator.template_fields, "number", "role")

    def __init__(self, *, number: int, role: str, **kwargs: Any) -> None:
        kwargs["params"] = {
            "reason": Param("", type="string", title="Reason", description="Needed for a rejection")
        }
        super().__init__(
            subject="",
            options=[APPROVE, REJECT],
            response_timeout=LONGEST_WAIT,
            **kwargs,
        )
        self.number = number
        self.role = role  # shown only; who may sign is read from the request

    def execute(self, context: Context) -> None:
        catalogue = wiring.catalogue()
        status = wiring.notary().request(current.conf()["request"])
        request = status.request
        if status.state not in (RequestState.OPEN, RequestState.APPROVED):
            raise Refused(f"nobody needs to answer: {status.why}")
        if self._given(status) is not None:
            self._settle(status)
            return
        signature = next(s for s in request.signatures if s.number == int(self.number))
        role = signature.role
        holders = [
            person
            for person in catalogue.holders_of_any(signature.roles)
            if person.name != request.requester and signature.open_to(person.name)
        ]
        if not holders:
            raise Refused(f"nobody may sign as {role}: all who hold the role are part of this")
        self.subject = prompt_subject(catalogue, status, signature)
        self.body = prompt_body(catalogue, status, role)
        self.assigned_users = [{"id": person.airflow, "name": person.title} for person in holders]
        # The platform may close a prompt that is decided without it; its answer never counts as a person's.
        self.assigned_users.append({"id": catalogue.platform_account, "name": catalogue.platform_account})
        outcome.waiting(
            f"for {role} ({', '.join(person.airflow for person in holders)}) to answer {self.subject}"
        )
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        answer = super().execute_complete(context, event)
        ti = context["ti"]
        by = (answer["responded_by_user"] or {}).get("name")
        if by == wiring.catalogue().platform_account:
            status = wiring.notary().request(current.conf()["request"])
            if self._given(status) is None:
                raise Refused(f"closed unanswered: {answer['params_input'].get('reason', '')}")
            return self._settle(status)  # the signature was given elsewhere
        try:
            status = wiring.notary().answer(
                current.conf()["request"], int(self.number), ti.dag_id, ti.run_id, ti.task_id, ti.map_index
            )
        except Conflict as error:
            raise Refused(str(error)) from None
        return self._settle(status)

    def _given(self, status: RequestStatus) -> Approval | None:
        return next((a for a in status.approvals if a.number == int(self.number)), None)

    def _settle(self, status: RequestStatus) -> None:
        """What the ledger has: the first answer counts, wherever it was given."""
        given = next(a for a in status.approvals if a.number == int(self.number))
        if given.decision is not Decision.APPROVED:
            raise Refused(f"{given.person} ({given.role}) rejected: {given.reason}")
        outcome.say(f"{given.person} approved as {given.role} at {given.source}")


class AwaitPeople(HITLOperator):
    """Park until run `approval` has decided; only the platform's own account may answer.

    Holds no worker, no trigger and no pool slot. Its answer opens nothing by itself: the warrant does.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs["params"] = {"reason": Param("", type="string")}
        super().__init__(
            subject="[platform, nothing to do] {{ dag_run.conf.get('story') }} waits for run approval",
            body="Answered by the platform when the run of `approval` below this one ends.",
            options=[APPROVE, REJECT],
            response_timeout=LONGEST_WAIT,
            **kwargs,
        )

    def execute(self, context: Context) -> Any:
        status = approval_of_run()
        if status.state is not RequestState.OPEN:
            return self._settle(status.state, status.why)
        roles = ", ".join(signature.role for signature in status.request.signatures)
        platform = wiring.catalogue().platform_account
        self.assigned_users = [{"id": platform, "name": platform}]
        outcome.waiting(f"for {roles} since {status.request.asked_at:%Y-%m-%d %H:%M} UTC")
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        super().execute_complete(context, event)
        status = approval_of_run()  # the ledger's word, not the prompt's
        return self._settle(status.state, status.why)

    def _settle(self, state: str, why: str) -> None:
        if state != "approved":
            raise Refused(f"not approved: {why}")
        outcome.say(f"approved: {why}")


def approval_of_run() -> Any:
    """The approval request that this run asked, as the ledger has it."""
    asked = wiring.notary().events(kinds=[EventKind.APPROVAL_ASKED], run=current.name())
    if not asked:
        raise Refused("this run asked nobody; its task ask_people must run before this one")
    return wiring.notary().request(asked[-1].event.subject)
