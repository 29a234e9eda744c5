"""An answer given in the tracker: read back from there, judged as one given in Airflow, recorded once."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Connection, literal, select

from hummingbird.core.answer_issue import AnswerIssue, AnswerIssues
from hummingbird.core.approval import Decision, RequestState, RequestStatus
from hummingbird.core.errors import Conflict, DeliveryError, NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey, story_key
from hummingbird.ledger.schema import event
from hummingbird.ledger.views import by_key, events, recorded_of
from hummingbird.notary.answering import given, take_answer
from hummingbird.notary.errands import Errand, What, enqueue_errand
from hummingbird.notary.messengers import Desk
from hummingbird.notary.notices import tell_rejection
from hummingbird.notary.office import Office
from hummingbird.notary.plain_text import plain
from hummingbird.notary.prompt import Answered, Unusable
from hummingbird.notary.requests import shown_key, status_of
from hummingbird.notary.showing import page_of

_REASON_LONGEST = 2000
_NEWEST_SHOWN = 4000
_log = logging.getLogger("hummingbird.notary")


class IssuePlace(Record):
    """Where an answer stands in the tracker."""

    number: int
    issue: str
    entry: str | None


def take_from_issue(office: Office, issue: StoryKey) -> RequestStatus | Unusable | None:
    """Read the issue back and record what it says; None where it is none of ours, or says nothing new."""
    where, desk = office.policy.current().answers, office.messengers.desk
    if where is None or desk is None:
        return None
    with office.reading() as connection:
        shown = by_key(connection, shown_key(issue))
        if shown is None:
            return None
        request, number = shown.event.subject, int(shown.event.data["number"])
        if given(status_of(connection, request), number):
            return None
    # Jira is asked outside of any transaction: it may take seconds.
    found = desk.look(issue)
    if found.entry is None or found.status not in (where.approved, where.rejected):
        return None
    place = IssuePlace(number=number, issue=issue, entry=found.entry)
    with office.reading() as connection:
        judged = _judged(connection, request, place)
    if judged is not None:  # it could not be put back then
        _put_back(office, desk, where, request, found, judged)
        return None
    taken = _record(office, request, place, _read(found, where))
    if isinstance(taken, Unusable):
        _put_back(office, desk, where, request, found, taken.why)
    office.wake()
    return taken


def read_answers(office: Office) -> float | None:
    """Take every answer that a lost webhook did not tell of: one search, however many questions are open."""
    where, desk = office.policy.current().answers, office.messengers.desk
    if where is None or desk is None:
        return None
    with office.reading() as connection:
        shown = _open_issues(connection)
        if not shown:
            return None
        oldest = connection.execute(
            select(event.c.at).where(event.c.sequence == min(shown.values()))
        ).scalar_one()
    try:
        # A day earlier: the tracker's days are those of its own time zone.
        for issue in desk.answered(where, (oldest - timedelta(days=1)).date()):
            if issue in shown:
                take_from_issue(office, issue)
    except DeliveryError as error:
        _log.warning("answers in the tracker: %s", error)
    return None


def _judged(connection: Connection, request: str, place: IssuePlace) -> str | None:
    """Why this entry of the changelog did not count when it was judged: nothing is judged twice."""
    refused = events(connection, kinds=[EventKind.APPROVAL_REFUSED], subject=request)
    return next(
        (str(r.event.data["why"]) for r in refused if r.event.data["prompt"] == place.document()), None
    )


def _record(
    office: Office, request: str, place: IssuePlace, read: Answered | Unusable
) -> RequestStatus | Unusable:
    catalogue = office.policy.current()
    page = page_of(office, place.issue)
    with office.writing() as connection:
        taken = take_answer(connection, catalogue, request, place, read, page)
        if isinstance(taken, RequestStatus):
            tell_rejection(connection, catalogue, taken, office.messengers.ways, office.airflow_url)
            _close_prompts(connection, taken, place)
    return taken


def _close_prompts(connection: Connection, status: RequestStatus, place: IssuePlace) -> None:
    """The buttons in Airflow: of this signature, or all of a question that is over."""
    why = f"answered in {place.issue}"
    if status.state in (RequestState.OPEN, RequestState.APPROVED):
        errand = Errand(what=What.CLOSE_PROMPT, request=status.id, number=place.number, why=why)
    else:
        errand = Errand(what=What.CLOSE_PROMPTS, request=status.id, why=status.why)
    enqueue_errand(connection, errand)
    if status.state is not RequestState.OPEN:
        enqueue_errand(connection, Errand(what=What.WAKE, request=status.id, why=status.why))


def _read(found: AnswerIssue, where: AnswerIssues) -> Answered | Unusable:
    if found.edited_by:
        return Unusable(
            why=f"{', '.join(plain(one, 60) for one in found.edited_by)} changed what {found.key} says"
        )
    if not found.account:
        return Unusable(why=f"the changelog of {found.key} does not say who moved it")
    return Answered(
        system="jira",
        user=found.account,
        user_id=str(found.entry),
        triggered_by=None,
        decision=Decision.APPROVED if found.status == where.approved else Decision.REJECTED,
        reason=plain(found.remark, _REASON_LONGEST),
        responded_at=found.at,
    )


def _put_back(
    office: Office, desk: Desk, where: AnswerIssues, request: str, found: AnswerIssue, why: str
) -> None:
    """The issue can be answered again, by whoever may; while the question is open."""
    with office.reading() as connection:
        still = status_of(connection, request).state is RequestState.OPEN
    issue = story_key(found.key)
    try:
        desk.comment_once(
            issue, f"hummingbird:refused:{found.entry}", plain(f"It does not count: {why}", _REASON_LONGEST)
        )
        if still:
            desk.move_to(issue, where.waiting)
    except (NotFound, Conflict) as error:
        _log.warning("%s: %s", found.key, error)


def _open_issues(connection: Connection) -> dict[str, int]:
    """Issue → row, of questions that are not closed."""
    shown = (
        select(event)
        .where(event.c.kind == EventKind.APPROVAL_SHOWN.value)
        .order_by(event.c.sequence.desc())
        .limit(_NEWEST_SHOWN)
        .subquery()
    )
    closed = event.alias("closed")
    key = literal("approval:") + shown.c.subject + literal(":closed")
    still = select(closed.c.sequence).where(closed.c.key == key).exists()
    rows = connection.execute(select(shown).where(~still))
    return {str(recorded_of(row).event.data["issue"]): row.sequence for row in rows}
