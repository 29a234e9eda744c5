"""What the notary answers in Airflow as the platform: such an answer is nobody's, the ledger's word counts.

Airflow 3.3.2 can lose an answer that comes within about a second of parking: nothing is answered before it
has settled.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hummingbird.core.approval import RequestState
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.ledger.append import database_now
from hummingbird.ledger.views import by_key
from hummingbird.notary import usher
from hummingbird.notary.errands import Errand
from hummingbird.notary.office import Office
from hummingbird.notary.prompt import APPROVAL_DAG
from hummingbird.notary.requests import approvals_of, closed_key, find_request, status_of
from hummingbird.notary.turns import place_of

_APPROVE, _REJECT = "Approve", "Reject"
_WAITS = "await_people"
_PARKED = "awaiting_input"
_OVER = ("success", "failed", "skipped", "upstream_failed", "removed")
_LATECOMERS = timedelta(seconds=60)
"""A task may park after the event that it should have seen: it had looked before."""


def close_prompts(office: Office, errand: Errand) -> timedelta | None:
    """Answer the open buttons of a question that is over: run `approval` then decides from the ledger."""
    with office.reading() as connection:
        now = database_now(connection)
    young = _answer_buttons(office, errand.request[:12], errand.why, now)
    return usher.SETTLE if young else None


def close_prompt(office: Office, errand: Errand) -> timedelta | None:
    """Answer the button of one signature that was given elsewhere; it may come up yet."""
    with office.reading() as connection:
        now = database_now(connection)
        given = next(a for a in approvals_of(connection, errand.request) if a.number == errand.number)
    young = _answer_buttons(office, f"{errand.request[:12]}-{errand.number}]", errand.why, now)
    return usher.SETTLE if young or now < given.answered_at + _LATECOMERS else None


def wake_run(office: Office, errand: Errand) -> timedelta | None:
    """Answer the run that waits for people: run `approval` may not have begun when the question was over."""
    with office.reading() as connection:
        status, now = status_of(connection, errand.request), database_now(connection)
        closed = by_key(connection, closed_key(errand.request))
    dag_id, _, run_id = status.request.asked_by.partition("/")
    try:
        task = office.airflow.task_instance(dag_id, run_id, _WAITS)
    except NotFound:
        return None
    if task.get("state") in _OVER:
        return None
    if task.get("state") != _PARKED:
        return usher.SETTLE if closed and now < closed.at + _LATECOMERS else None
    if not _young(task, now):
        chosen = _APPROVE if status.state is RequestState.APPROVED else _REJECT
        try:
            office.airflow.answer_hitl(dag_id, run_id, _WAITS, -1, [chosen], {"reason": status.why[:500]})
        except Conflict:
            return usher.SETTLE  # answered a moment ago, and being taken
    return usher.SETTLE


def leave_line(office: Office, errand: Errand) -> timedelta | None:
    """Wake the run that waits for window or turn: it asks the gates again, and hears what was taken back."""
    with office.reading() as connection:
        asked = find_request(connection, errand.request)
        place = place_of(connection, asked.asked_by, asked.environment)
        now = database_now(connection)
    if place is None or place.held_at is not None:
        return None
    return timedelta(seconds=usher.answer_parked(office, place, now, called=False))


def _answer_buttons(office: Office, named: str, why: str, now: datetime) -> bool:
    """Answer those that have settled; whether there are others."""
    young = False
    for prompt in office.airflow.open_prompts(APPROVAL_DAG):
        task = prompt["task_instance"]
        if named not in str(prompt.get("subject") or ""):
            continue
        if _young(task, now):
            young = True
            continue
        place = (task["dag_id"], task["dag_run_id"], task["task_id"], task["map_index"])
        try:
            office.airflow.answer_hitl(*place, [_REJECT], {"reason": why[:500]})
        except Conflict:
            continue  # answered meanwhile: its task asks the notary, and hears the same
    return young


def _young(task: dict[str, Any], now: datetime) -> bool:
    began = task.get("start_date")
    return bool(began) and now - datetime.fromisoformat(str(began)) < usher.SETTLE
