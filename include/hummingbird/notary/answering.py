"""Judging an answer: the right person, still in the role, for exactly what was shown; then it is recorded."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection

from hummingbird.core.approval import Approval, Decision, RequestState, RequestStatus, Signature
from hummingbird.core.approval_rule import Involvement
from hummingbird.core.canonical import content_hash
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.named_policy import named_policy
from hummingbird.core.person import Person
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.notary.closing import close_request
from hummingbird.notary.deployments import find_bundle
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.evidence import evidence_for
from hummingbird.notary.involvement import involved
from hummingbird.notary.prompt import Answered, Unusable
from hummingbird.notary.requests import request_event, request_key, shown_in, status_of


class Place(Protocol):
    """Where an answer stands: a prompt of Airflow, or an issue of the tracker."""

    @property
    def number(self) -> int:
        """The signature that is given there."""

    def document(self) -> dict[str, Any]:
        """As it is recorded."""


_DID = {
    Involvement.REQUESTER: "asked for this",
    Involvement.AUTHOR: "wrote commits of this bundle",
    Involvement.COMMITTER: "committed to this bundle",
    Involvement.MERGER: "merged commits of this bundle",
    Involvement.BUILDER: "started a build of this bundle",
    Involvement.ROBOT_OWNER: "owns a robot that had a part in this bundle",
}


def signature_of(status: RequestStatus, number: int) -> Signature:
    """The required signature of a number; Invalid when the request has none."""
    found = next((s for s in status.request.signatures if s.number == number), None)
    if found is None:
        raise Invalid(f"number: request {status.id} has no signature {number}")
    return found


def given(status: RequestStatus, number: int) -> bool:
    """Whether the signature is recorded already."""
    return any(approval.number == number for approval in status.approvals)


def take_answer(
    connection: Connection,
    catalogue: Catalogue,
    identity: str,
    place: Place,
    prompt: Answered | Unusable,
    page: str,
) -> RequestStatus | Unusable:
    """Record the answer, or record why it does not count."""
    take_pen(connection)
    status = status_of(connection, identity)
    signature = signature_of(status, place.number)
    if given(status, place.number):
        return status
    if isinstance(prompt, Unusable):
        return _refuse(connection, status, place, prompt.why, "unknown")
    if status.state is RequestState.OPEN and (changed := changed_since(connection, catalogue, status)):
        status = close_as_void(connection, status, changed)
    person = _person_of(catalogue, prompt)
    why = (
        f"{prompt.account} is no person of the catalogue"
        if person is None
        else _objection(connection, catalogue, status, signature, person, prompt)
    )
    if person is None or why is not None:
        return _refuse(connection, status, place, why or "", person.name if person else prompt.user)
    approval = Approval(
        request=identity,
        number=place.number,
        role=signature.role,
        person=person.name,
        decision=prompt.decision,
        reason=prompt.reason,
        answered_at=database_now(connection),
        source=page,
    )
    append(connection, _answered_event(status, approval, prompt))
    if prompt.system == "airflow" and place.number in shown_in(connection, identity):
        why = f"{person.name} answered in Airflow"
        errand = Errand(what=What.CLOSE_ISSUES, request=identity, number=place.number, why=why)
        enqueue_errand(connection, errand)
    after = status_of(connection, identity)
    if after.state in (RequestState.APPROVED, RequestState.REJECTED):
        close_request(connection, after)
    return after


def _person_of(catalogue: Catalogue, prompt: Answered) -> Person | None:
    if prompt.system == "jira":
        return catalogue.person_of(jira=prompt.user)
    return catalogue.person_of(airflow=prompt.user)


def _objection(
    connection: Connection,
    catalogue: Catalogue,
    status: RequestStatus,
    signature: Signature,
    person: Person,
    prompt: Answered,
) -> str | None:
    """Why this person's answer does not count, None when it does."""
    if status.state is not RequestState.OPEN:
        return f"the request is {status.state.value}: {status.why}"
    if set(signature.roles).isdisjoint(person.roles):
        return f"{person.name} does not have the role {signature.role} now"
    if prompt.decision is Decision.REJECTED and not prompt.reason:
        return "a rejection needs a reason"
    return _not_independent(connection, catalogue, status, person, prompt)


def _not_independent(
    connection: Connection,
    catalogue: Catalogue,
    status: RequestStatus,
    person: Person,
    prompt: Answered,
) -> str | None:
    """Four eyes: neither who asked, nor who signed already, nor who had a hand in it."""
    if any(approval.person == person.name for approval in status.approvals):
        return f"{person.name} signed this request already; every signature needs another person"
    request = status.request
    in_emergency = request.emergency is not None
    rule = catalogue.environment(request.environment).rule_of(request.operation, in_emergency=in_emergency)
    bundle = find_bundle(connection, request.bundle)
    parts = set(involved(connection, catalogue, bundle, request.requester).get(person.name, []))
    if person.name == _person_name(catalogue, prompt.triggered_by):
        parts.add(Involvement.REQUESTER)
    barred = [did for part, did in _DID.items() if part in parts and part in rule.not_by]
    return f"{person.name} {' and '.join(barred)}; another person must sign" if barred else None


def close_as_void(connection: Connection, status: RequestStatus, changed: str) -> RequestStatus:
    """Nobody can answer it any more, so the run that waits must hear it: it would wait for ever."""
    why = f"{changed} changed since people were asked; this request is void, a new run asks again"
    void = status.model_copy(update={"state": RequestState.VOID, "why": why})
    close_request(connection, void)
    return void


def changed_since(connection: Connection, catalogue: Catalogue, status: RequestStatus) -> str | None:
    """What people were asked about is another by now: `the policy`, `the evidence`; None when it is not."""
    request = status.request
    bundle = find_bundle(connection, request.bundle)
    if request.policy is None:
        same = request.policy_version == catalogue.policy_version
    else:
        emergency = request.emergency is not None
        now = named_policy(catalogue, bundle, request.environment, request.operation, in_emergency=emergency)
        same = request.policy == now
    if not same:
        return "the policy"
    evidence = evidence_for(connection, bundle, catalogue.environment(request.environment))
    return "the evidence" if evidence.sha256 != request.evidence else None


def _person_name(catalogue: Catalogue, user: str | None) -> str | None:
    if user is None or user == catalogue.platform_account:
        return None
    person = catalogue.person_of(airflow=user)
    return person.name if person else None


def _refuse(connection: Connection, status: RequestStatus, place: Place, why: str, actor: str) -> Unusable:
    data = {"number": place.number, "prompt": place.document(), "why": why}
    key = f"{request_key(status.id)}:refused:{content_hash([data, actor])[:32]}"
    append(connection, request_event(status.request, EventKind.APPROVAL_REFUSED, key, actor, data))
    return Unusable(why=why)


def _answered_event(status: RequestStatus, approval: Approval, prompt: Answered) -> DeliveryEvent:
    given = {"user": prompt.user, "id": prompt.user_id, "responded_at": prompt.responded_at}
    data = {"approval": approval.document(), prompt.system: given}
    key = f"{request_key(status.id)}:{approval.number}"
    return request_event(status.request, EventKind.APPROVAL_ANSWERED, key, approval.person, data)
