"""Looking after questions: nobody waits for one that can no longer be answered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Conflict
from hummingbird.core.notice import Occasion
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.answering import changed_since, close_as_void
from hummingbird.notary.asking import closed_event
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.notices import WATCHED_EVERY, tell, waited_for
from hummingbird.notary.office import Office
from hummingbird.notary.prompt import APPROVAL_DAG
from hummingbird.notary.requests import closed_key, status_of
from hummingbird.notary.review_care import care

_REJECT = "Reject"


def act(office: Office, errand: Errand) -> timedelta | None:
    """Do one errand; the time until it is to be done again, None when it is done."""
    if errand.notice is not None:
        office.messengers.deliver(office.policy.current(), errand.notice)
        return None
    if errand.what is What.CLOSE_PROMPTS:
        _close_prompts(office, errand.request, errand.why)
        return None
    if errand.what in (What.REMIND_REVIEW, What.OVERDUE_REVIEW):
        return care(office, errand)
    with office.writing() as connection:
        take_pen(connection)
        status = status_of(connection, errand.request)
        if errand.what is What.EXPIRE:
            _end(connection, status)
        elif status.state is RequestState.OPEN and errand.what is What.REMIND:
            ways, url = office.messengers.ways, office.airflow_url
            tell(connection, status, waited_for(status), Occasion.REMINDER, ways, url)
        elif status.state is RequestState.OPEN and errand.what is What.WATCH:
            return _watch(connection, office.policy.current(), status)
    return None


def _watch(connection: Connection, catalogue: Catalogue, status: RequestStatus) -> timedelta | None:
    """A question that cannot be answered as it was asked is closed before somebody tries."""
    changed = changed_since(connection, catalogue, status)
    if changed is None:
        return WATCHED_EVERY
    void = close_as_void(connection, status, changed)
    enqueue_errand(connection, _prompts(status.id, void.why))
    return None


def _end(connection: Connection, status: RequestStatus) -> None:
    """The time is over: said in the ledger, and to the run that waits."""
    if status.state is not RequestState.EXPIRED or by_key(connection, closed_key(status.id)) is not None:
        return
    append(connection, closed_event(status))
    enqueue_errand(connection, _prompts(status.id, status.why))


def _prompts(request: str, why: str) -> Errand:
    return Errand(what=What.CLOSE_PROMPTS, request=request, why=why)


def _close_prompts(office: Office, request: str, why: str) -> None:
    """Answer the open buttons as the platform, which is nobody's answer: run `approval` then decides."""
    for prompt in office.airflow.open_prompts(APPROVAL_DAG):
        if request[:12] not in str(prompt.get("subject") or ""):
            continue
        task = prompt["task_instance"]
        place = (task["dag_id"], task["dag_run_id"], task["task_id"], task["map_index"])
        try:
            office.airflow.answer_hitl(*place, [_REJECT], {"reason": why[:500]})
        except Conflict:
            continue  # answered meanwhile: its task asks the notary, and hears the same
