"""Looking after questions: nobody waits for one that can no longer be answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.notice import Occasion
from hummingbird.ledger.append import take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.answering import changed_since, close_as_void
from hummingbird.notary.closing import close_request
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.notices import WATCHED_EVERY, tell, waited_for
from hummingbird.notary.office import Office
from hummingbird.notary.requests import closed_key, status_of
from hummingbird.notary.review_care import care
from hummingbird.notary.showing import close_issues, show
from hummingbird.notary.waking import close_prompt, close_prompts, leave_line, wake_run


def act(office: Office, errand: Errand) -> timedelta | None:
    """Do one errand; the time until it is to be done again, None when it is done."""
    return _DO[errand.what](office, errand)


def _deliver(office: Office, errand: Errand) -> None:
    if errand.notice is not None:
        office.messengers.deliver(office.policy.current(), errand.notice)


def _look_after(office: Office, errand: Errand) -> timedelta | None:
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
    close_request(connection, status)
    enqueue_errand(connection, _prompts(status.id, status.why))


def _prompts(request: str, why: str) -> Errand:
    return Errand(what=What.CLOSE_PROMPTS, request=request, why=why)


_DO: dict[What, Callable[[Office, Errand], timedelta | None]] = {
    What.NOTICE: _deliver,
    What.REMIND: _look_after,
    What.WATCH: _look_after,
    What.EXPIRE: _look_after,
    What.CLOSE_PROMPTS: close_prompts,
    What.CLOSE_PROMPT: close_prompt,
    What.WAKE: wake_run,
    What.LEAVE_LINE: leave_line,
    What.SHOW: show,
    What.CLOSE_ISSUES: close_issues,
    What.REMIND_REVIEW: care,
    What.OVERDUE_REVIEW: care,
}
